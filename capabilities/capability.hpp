#pragma once
// A capability: one thing that the node can do. Its folder holds its commands with their decisions, its lists and
// reads, and the one value that says what of it others see.

#include "capabilities/route.hpp"
#include "decisions/registry.hpp"

#include <vector>

namespace elsec::capabilities {

struct capability {
  std::string_view name;        // of its folder
  std::vector<route> routes{};  // in the order of the description
  registry made_of{};           // what it makes of deadlines, of envelopes, of what helpers report
};

}  // namespace elsec::capabilities
