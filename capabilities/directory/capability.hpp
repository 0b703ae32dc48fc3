#pragma once

#include "capabilities/capability.hpp"

namespace elsec::capabilities {

[[nodiscard]] capability directory_capability();

}  // namespace elsec::capabilities
