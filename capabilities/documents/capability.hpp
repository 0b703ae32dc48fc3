#pragma once

#include "capabilities/capability.hpp"

namespace elsec::capabilities {

[[nodiscard]] capability documents_capability();

}  // namespace elsec::capabilities
