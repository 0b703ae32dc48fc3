#pragma once

#include "capabilities/capability.hpp"

namespace elsec::capabilities {

[[nodiscard]] capability dispatches_capability();

}  // namespace elsec::capabilities
