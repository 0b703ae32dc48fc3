#pragma once

#include "capabilities/capability.hpp"

namespace elsec::capabilities {

[[nodiscard]] capability operator_capability();

}  // namespace elsec::capabilities
