#include "tests/simulation/faults.hpp"

#include <array>

namespace elsec::simulation {

void faults::plan_all(std::chrono::milliseconds time) {
  time_ = time;
  auto& dice = in_.world.dice;
  choose_wire_and_deaths();
  plan(dice.below(5), [this] { kill_one(); });
  plan(dice.below(2), [this] { stop_one(); });
  plan(dice.below(4), [this] { cut_one(); });
  plan(dice.happens(0.3) ? 3 : 0, [this] { move_a_clock(); });
  plan_restores();
  keep_them_running();
}

void faults::choose_wire_and_deaths() {
  auto& dice = in_.world.dice;
  in_.wire.quality.lost = std::array{0.0, 0.0, 0.005, 0.05}[dice.below(4)];
  in_.wire.quality.repeated = std::array{0.0, 0.0, 0.02, 0.1}[dice.below(4)];
  in_.wire.quality.delay_most = std::array<std::chrono::microseconds, 4>{500us, 5ms, 50ms, 2s}[dice.below(4)];
  in_.wire.quality.in_order = dice.happens(0.5);
  const double before_commit = std::array{0.0, 0.002, 0.01, 0.03}[dice.below(4)];
  const double after_commit = std::array{0.0, 0.002, 0.01, 0.03}[dice.below(4)];
  const double at_message = std::array{0.0, 0.0, 0.0001, 0.001}[dice.below(4)];
  const double in_a_helper = std::array{0.0, 0.0, 0.1, 0.5}[dice.below(4)];
  for (auto& [name, one] : in_.nodes) {
    one->deaths = {.at_message = at_message, .before_commit = before_commit, .after_commit = after_commit};
    one->helper_failure = in_a_helper;
  }
}

// In a third of the runs none, in a third one, in a third several: of one node or of several, also at the same moment.
void faults::plan_restores() {
  auto& dice = in_.world.dice;
  const auto many = dice.below(3);
  if (many == 1) plan(1, [this] { copy_and_put_back(false); });
  if (many == 2) plan(2 + dice.below(4), [this] { copy_and_put_back(in_.world.dice.happens(0.3)); });
}

void faults::heal_a_core() {
  over_ = true;
  if (in_.world.dice.happens(0.5)) aside_ = in_.any_node().name();
  const bool down = in_.world.dice.happens(0.5);
  in_.wire.quality = {};
  for (auto& [name, one] : in_.nodes)
    if (is_in_core(name)) heal(*one);
  if (aside_.empty()) return;
  auto& left = *in_.nodes.at(aside_);
  in_.world.tell(aside_ + (down ? " is left down" : " is left cut off"));
  if (down && left.runs()) left.die();
  if (!down)
    for (auto& [name, one] : in_.nodes)
      if (name != aside_) in_.wire.cut(aside_, name);
}

void faults::heal_all() {
  aside_.clear();
  for (auto& [name, one] : in_.nodes) heal(*one);
}

void faults::heal(node& one) {
  one.deaths = {};
  one.helper_failure = 0;
  for (auto& [other, unused] : in_.nodes)
    if (other != one.name() && is_in_core(other)) in_.wire.heal(one.name(), other);
  if (!one.runs()) one.start();
  // Letters that wait since a clock was moved would wait for longer than the judge. A node that stops just now does not
  // hear it, and forgets that its clock was moved.
  one.ask<actors::outcome>(one.front(), one.make("resume_clock", {.body = R"({"reason":"Looked at it"})"}),
                           [](const actors::outcome&) {});
}

void faults::plan(std::uint64_t times, const std::function<void()>& what) {
  for (std::uint64_t i = 0; i < times; ++i)
    in_.world.after(in_.world.dice.between(0ms, time_), [this, what] {
      if (!over_) what();
    });
}

void faults::kill_one() {
  auto& one = in_.any_node();
  if (one.runs()) one.die();
}

void faults::stop_one() {
  auto& one = in_.any_node();
  if (one.runs()) one.stop([] {});
}

void faults::cut_one() {
  auto& one = in_.any_node();
  auto& other = in_.any_node();
  if (&one == &other) return;
  in_.world.tell("cut between " + one.name() + " and " + other.name());
  in_.wire.cut(one.name(), other.name());
  in_.world.after(in_.world.dice.between(0ms, 12s), [this, &one, &other] {
    if (!over_) in_.wire.heal(one.name(), other.name());
  });
}

void faults::move_a_clock() {
  auto& one = in_.any_node();
  one.clock_off = std::chrono::duration_cast<std::chrono::milliseconds>(in_.world.dice.between(0ms, 2h)) - 1h;
  in_.world.tell("the clock of " + one.name() + " is moved");
}

// An older copy, now and then one that was put back before.
void faults::copy_and_put_back(bool another_at_once) {
  auto& one = in_.any_node();
  if (!one.runs()) return;
  const auto which = copies_.take(one);
  in_.world.after(in_.world.dice.between(100ms, 15s), [this, which, another_at_once] {
    if (over_) return;
    copies_.put_back(which);
    const auto other = in_.world.dice.below(copies_.size());
    if (another_at_once && &copies_.whose(other) != &copies_.whose(which)) copies_.put_back(other);
    if (in_.world.dice.happens(0.2)) put_back_later(other);
  });
}

void faults::put_back_later(std::size_t which) {
  in_.world.after(in_.world.dice.between(0ms, 10s), [this, which] {
    if (!over_) copies_.put_back(which);
  });
}

// Whoever is down, by whatever cause, comes back a little later, but for the one left aside.
void faults::keep_them_running() {
  for (auto& [name, one] : in_.nodes) {
    if (one->runs() || waiting_.contains(name) || !is_in_core(name)) continue;
    ++in_.deaths;
    waiting_.insert(name);
    in_.world.after(in_.world.dice.between(0ms, 4s), [this, name = name] {
      waiting_.erase(name);
      if (is_in_core(name) && !in_.nodes.at(name)->runs()) in_.nodes.at(name)->start();
    });
  }
  in_.world.after(100ms, [this] { keep_them_running(); });
}

}  // namespace elsec::simulation
