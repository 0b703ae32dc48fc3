#pragma once

#include "capabilities/capability.hpp"

namespace elsec::capabilities {

[[nodiscard]] capability organisations_capability();

}  // namespace elsec::capabilities
