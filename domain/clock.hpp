#pragma once
// Whether the time of day may be believed: it is held against the time since the machine was started, which goes on
// while the machine sleeps and which nobody can set. A pure state machine; both times are arguments.

#include "domain/time.hpp"

#include <chrono>
#include <optional>

namespace elsec::domain {

// A step beyond this is a jump. What corrects clocks (NTP, a leap second, a time server that was away for some days)
// steps by less, and deadlines are hours and days.
inline constexpr std::chrono::minutes clock_tolerance{5};
// So long both times must have gone on together after a jump before the new one is believed: long enough for a time
// server, or a person, to put a wrong one right.
inline constexpr std::chrono::hours clock_agreement{1};
// Two clocks of one machine drift apart by at most 500 ppm, the most the kernel slews (adjtimex(2)): 1 s in 2,000 s.
// So much is forgiven as time passes, or weeks of it would add up to a jump.
inline constexpr int clock_drift_share = 2'000;
// Of a stretch in which nobody looked, no more counts as agreement: a machine that slept had nobody to put it right.
inline constexpr std::chrono::minutes clock_unwatched_max{1};

// Steps that are no jumps add up, less the drift forgiven in between: two of three minutes each on one day are one.
class clock_watch {
 public:
  enum class finding { nothing, jumped, agreed };

  // `wall`: the time of day, at most 30,000 years from 1970 (beyond that it counts as that). `since_boot`: the time
  // since the machine's start, sleep included. The first pair is believed. `jumped`: from now on paused, or still so
  // with the hour begun anew; `agreed`: no longer paused. A `since_boot` that goes back, which cannot be, may pause but
  // counts as no agreement, nor does what it then passes again.
  finding observe(time_point wall, std::chrono::nanoseconds since_boot);

  // Somebody has looked at the clock and says that it is right. False when nothing was paused.
  bool resume() noexcept;

  [[nodiscard]] bool paused() const noexcept { return paused_; }
  // The last jump, paused or not: by how much (ahead: positive), and the time of day when it was seen.
  [[nodiscard]] std::chrono::milliseconds jumped_by() const noexcept { return jumped_by_; }
  [[nodiscard]] time_point jumped_at() const noexcept { return jumped_at_; }

 private:
  using microseconds = std::chrono::microseconds;
  void forgive_drift(microseconds offset);

  std::optional<microseconds> baseline_;  // what the time of day is ahead of the time since boot
  microseconds latest_{};                 // time since boot: the furthest seen
  microseconds forgiven_until_{};         // time since boot
  microseconds agreed_{};                 // since the last jump
  bool paused_ = false;
  std::chrono::milliseconds jumped_by_{};
  time_point jumped_at_{};
};

}  // namespace elsec::domain
