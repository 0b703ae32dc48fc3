#pragma once
// When questions of one kind to one peer are asked again, and how many of them may be under way: as RFC 6298 and TCP
// have it, measured on answers. Those of other kinds may be larger, so each kind has its own.
//
// The number begins at two and grows while answers come soon; it shrinks while they come late, because then they wait
// behind one another on the way, and halves when one does not come. So what is under way is about what the line carries
// within `link_answer_soon`, and little else waits behind it.

#include <chrono>
#include <cstddef>
#include <optional>

namespace elsec::actors {

class pacing {
 public:
  using duration = std::chrono::steady_clock::duration;

  // `took`: from asking to answering; nothing when it was asked more than once, since nobody can tell which question
  // the answer is to (Karn). `all_in_use`: whether another place would have been taken.
  void answered(std::optional<duration> took, bool all_in_use);
  // Some were not answered in time; however many, it is one event.
  void timed_out();

  // A question is asked again after this long without an answer.
  [[nodiscard]] duration repeat_after() const { return repeat_after_; }
  // At least one.
  [[nodiscard]] std::size_t places() const { return static_cast<std::size_t>(places_); }

 private:
  void measure(duration took);

  std::optional<duration> smoothed_;
  duration variation_{};
  duration repeat_after_ = first_repeat();
  double places_ = first_places();
  bool grows_fast_ = true;  // until it was too many once

  static duration first_repeat();
  static double first_places();
};

}  // namespace elsec::actors
