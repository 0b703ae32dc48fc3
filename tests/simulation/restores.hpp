#pragma once
// Exact restores: nothing else goes wrong, and each step is done before the next one begins.

#include "tests/simulation/archive.hpp"

#include <string>
#include <vector>

namespace elsec::simulation {

// What is done, in words: "north>south" sends a document and waits until all is quiet; "north+a" takes a copy of a node
// and calls it a; "a" puts it back. Words joined by "&" are done at the same moment.
struct exact_restores {
  const char* name;
  const char* steps;
};

[[nodiscard]] const std::vector<exact_restores>& known_restores();

// Some steps by chance.
[[nodiscard]] std::string restores_by_chance(chance& dice);

void play(run& in, archive& copies, const std::string& steps);

}  // namespace elsec::simulation
