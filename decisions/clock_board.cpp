#include "decisions/clock_board.hpp"

#include "decisions/limits.hpp"

#include <spdlog/spdlog.h>

namespace elsec::decisions {

bool clock_board::look(const clock_pair& clocks, metrics& counted) {
  const std::scoped_lock lock(mutex_);
  return !observe(clocks, counted) || watch_.paused();
}

void clock_board::resume(const clock_pair& clocks, metrics& counted, const std::string& why) {
  const std::scoped_lock lock(mutex_);
  (void)observe(clocks, counted);
  if (watch_.resume())
    spdlog::warn("clock: work that cannot be undone goes on, by the operator's command: {}", why);
  else
    spdlog::info("clock: the operator confirms the time, though nothing is paused: {}", why);
  counted.clock_paused(false);
}

clock_board::state clock_board::current() const {
  const std::scoped_lock lock(mutex_);
  return {.paused = watch_.paused(), .since = watch_.jumped_at(), .jumped = watch_.jumped_by()};
}

// Under the lock, so that nobody's older times come after newer ones. A process that is stopped between two clocks
// (a machine that falls asleep, too) would see a jump that never was: then this look counts for nothing.
bool clock_board::observe(const clock_pair& clocks, metrics& counted) {
  const auto before = clocks.since_boot();
  const auto wall = clocks.wall();
  const auto boot = clocks.since_boot();
  if (boot - before > clock_reading_max) return false;
  const bool was_paused = watch_.paused();
  const auto found = watch_.observe(wall, boot);
  if (found == domain::clock_watch::finding::nothing) return true;
  counted.clock_paused(watch_.paused());
  if (found == domain::clock_watch::finding::agreed) {
    spdlog::warn(
        "clock: work that cannot be undone goes on, after an hour in which the time of day and that since boot agreed");
    return true;
  }
  counted.clock_jumped();
  spdlog::warn("clock: the time of day has jumped by {} s; work that cannot be undone {}",
               std::chrono::round<std::chrono::seconds>(watch_.jumped_by()).count(),
               was_paused ? "waits on, the hour begins anew"
                          : "waits until it agrees with the time since boot for an hour, or the operator confirms it");
  return true;
}

}  // namespace elsec::decisions
