#pragma once
// A network under simulation: the nodes, the wire, the organisations' software, and what they were promised.

#include "tests/simulation/office.hpp"

namespace elsec::simulation {

class run {
 public:
  run(std::uint64_t seed, bool tells_all) : world(seed, tells_all), wire(world) {}

  void add_nodes(const std::vector<node_identity>& all);
  // One for each organisation, in their order.
  void add_offices();
  [[nodiscard]] node& any_node();

  // One thing that can happen now, or the clock moves on. False when nothing is left before `end`.
  bool go_on(moment end);
  // Until `end` or until it holds; looked at whenever the clock has moved by `every`.
  bool until(moment end, std::chrono::milliseconds every, const std::function<bool()>& holds);
  void pass(std::chrono::microseconds time);
  // The print room comes regularly.
  void print_regularly();

  simulation::world world;
  network wire;
  all_nodes nodes;
  ledger promised;
  std::vector<std::unique_ptr<office>> offices;
  unsigned deaths = 0;

 private:
  std::uint64_t steps_ = 0;
};

}  // namespace elsec::simulation
