#pragma once

#include "capabilities/capability.hpp"

namespace elsec::capabilities {

[[nodiscard]] capability feed_capability();

}  // namespace elsec::capabilities
