#pragma once
// Time, and what will happen when. Everyone shares one clock that stands still while anything can still run.

#include "tests/simulation/chance.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace elsec::simulation {

using namespace std::chrono_literals;
using sim_clock = std::chrono::steady_clock;
using moment = sim_clock::time_point;

// A promise was broken, or the program under test did what it must never do.
struct broken {
  std::string what;
};

class world {
 public:
  explicit world(std::uint64_t seed, bool tells_all) : dice(seed), tells_all_(tells_all) {}

  [[nodiscard]] moment now() const { return now_; }
  void at(moment when, std::function<void()> what) { agenda_.emplace(when, std::move(what)); }
  void after(std::chrono::microseconds wait, std::function<void()> what) { at(now_ + wait, std::move(what)); }
  [[nodiscard]] moment next() const { return agenda_.empty() ? moment::max() : agenda_.begin()->first; }
  // Moves the clock and does what was planned up to then. Precondition: `when` is not past.
  void move_to(moment when);

  // One line about what happens. All lines of a run make its trace: the same seed gives the same one.
  void tell(const std::string& line);
  [[nodiscard]] std::uint64_t trace() const { return trace_; }

  // For code that runs inside an actor, where an exception would end the actor and not the run.
  void complain(const std::string& what) {
    if (complaint_.empty()) complaint_ = what;
  }
  void throw_complaint() const {
    if (!complaint_.empty()) throw broken{complaint_};
  }

  chance dice;

 private:
  std::string complaint_;
  // Not at the clock's beginning, so that "never" lies in the past.
  moment now_ = moment{} + 24h * 365;
  std::multimap<moment, std::function<void()>> agenda_;  // equal moments in the order they were planned
  std::uint64_t trace_ = 14695981039346656037ULL;
  bool tells_all_;
};

}  // namespace elsec::simulation
