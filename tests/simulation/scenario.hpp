#pragma once
// One run: a small network, its offices, what goes wrong, and what is judged when.

#include "tests/simulation/founding.hpp"

namespace elsec::simulation {

struct verdict {
  std::string complaint;  // empty: every promise was kept
  std::uint64_t trace = 0;
  unsigned deaths = 0;
  unsigned restores = 0;
  unsigned dispatches = 0;
};

// `folder` is filled with copies of the founding's and belongs to the run.
[[nodiscard]] verdict run_seed(std::uint64_t seed, const founding& from, const std::filesystem::path& folder,
                               bool tells_all);
// One of known_restores(), by its number.
[[nodiscard]] verdict run_restores(std::size_t which, const founding& from, const std::filesystem::path& folder,
                                   bool tells_all);

}  // namespace elsec::simulation
