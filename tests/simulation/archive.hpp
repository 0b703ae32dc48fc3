#pragma once
// Copies of nodes' data, taken while they run, and putting them back: any of them, any number of times. What a node
// promised after the copy is then forgotten, and nothing else.

#include "tests/simulation/run.hpp"

#include <set>

namespace elsec::simulation {

class archive {
 public:
  explicit archive(run& in) : in_(in) {}

  // Which copy it is. Precondition: the node runs.
  std::size_t take(node& of);
  // The node stops where it stands, and lies as it was when the copy was taken. It is left for others to start.
  void put_back(std::size_t which);

  [[nodiscard]] std::size_t size() const { return copies_.size(); }
  [[nodiscard]] node& whose(std::size_t which) const { return *copies_[which].of; }

  unsigned restores = 0;

 private:
  struct copy {
    node* of;
    std::filesystem::path folder;
    std::size_t uploads;             // answered so far
    std::set<std::string> answered;  // client_refs
  };

  void forget_what_is_not_in(const copy& put_back);

  run& in_;
  std::vector<copy> copies_;
};

}  // namespace elsec::simulation
