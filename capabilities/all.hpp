#pragma once
// The list of capabilities: what this node can do.

#include "capabilities/capability.hpp"

#include <vector>

namespace elsec::capabilities {

[[nodiscard]] const std::vector<capability>& all();

// What all of them together make of what happens in the node.
[[nodiscard]] decisions::registry everything_registered();

}  // namespace elsec::capabilities
