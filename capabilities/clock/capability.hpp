#pragma once

#include "capabilities/capability.hpp"

namespace elsec::capabilities {

[[nodiscard]] capability clock_capability();

}  // namespace elsec::capabilities
