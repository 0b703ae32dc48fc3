#pragma once

#include "capabilities/capability.hpp"

namespace elsec::capabilities {

// Rows that cannot be read any more: which ones, and counting again what depends on them.
[[nodiscard]] capability damage_capability();

}  // namespace elsec::capabilities
