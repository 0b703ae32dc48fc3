#pragma once

#include "capabilities/capability.hpp"

namespace elsec::capabilities {

[[nodiscard]] capability letters_capability();

}  // namespace elsec::capabilities
