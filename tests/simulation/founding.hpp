#pragma once
// A network with its organisations, made once and copied for every run.

#include "tests/simulation/run.hpp"

namespace elsec::simulation {

struct founding {
  std::vector<node_identity> nodes;
  std::vector<party> parties;
};

// Registers the organisations through the real actors and waits until every node holds every card.
[[nodiscard]] founding found_network(const std::filesystem::path& folder);

// Copies its nodes into `folder` and starts them, with an office for each organisation.
void move_in(run& in, const founding& from, const std::filesystem::path& folder);

}  // namespace elsec::simulation
