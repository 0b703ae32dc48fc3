#pragma once

#include "capabilities/capability.hpp"

namespace elsec::capabilities {

[[nodiscard]] capability access_capability();

}  // namespace elsec::capabilities
