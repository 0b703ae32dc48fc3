#pragma once
// One seed: a small network, its offices, and what goes wrong.

#include "tests/simulation/office.hpp"

namespace elsec::simulation {

// A network with its organisations, made once and copied for every seed.
struct founding {
  std::vector<node_identity> nodes;
  std::vector<party> parties;
};

// Registers the organisations through the real actors and waits until every node holds every card.
[[nodiscard]] founding found_network(const std::filesystem::path& folder);

struct verdict {
  std::string complaint;  // empty: every promise was kept
  std::uint64_t trace = 0;
  unsigned deaths = 0;
  unsigned dispatches = 0;
};

// `folder` is filled with copies of the founding's and belongs to the run.
[[nodiscard]] verdict run_seed(std::uint64_t seed, const founding& from, const std::filesystem::path& folder,
                               bool tells_all);

}  // namespace elsec::simulation
