#pragma once
// What goes wrong in a run: everything at once, without any bound on how much, until it is healed.

#include "tests/simulation/archive.hpp"

#include <functional>

namespace elsec::simulation {

class faults {
 public:
  faults(run& in, archive& copies) : in_(in), copies_(copies) {}

  // Plans them, each somewhere in this time.
  void plan_all(std::chrono::milliseconds time);
  // No more faults. All nodes run and reach each other, but for one that, now and then, is left aside: down, or cut
  // off. What the others have promised each other must come true without it.
  void heal_a_core();
  [[nodiscard]] bool is_in_core(const std::string& node) const { return node != aside_; }
  void heal_all();

 private:
  void choose_wire_and_deaths();
  void plan_restores();
  void plan(std::uint64_t times, const std::function<void()>& what);

  void kill_one();
  void stop_one();
  void cut_one();
  void move_a_clock();
  void copy_and_put_back(bool another_at_once);
  void put_back_later(std::size_t which);
  void keep_them_running();
  void heal(node& one);

  run& in_;
  archive& copies_;
  std::chrono::milliseconds time_{};
  std::set<std::string> waiting_;
  std::string aside_;
  bool over_ = false;
};

}  // namespace elsec::simulation
