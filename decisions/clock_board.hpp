#pragma once
// Whether work that cannot be undone must wait, because the time of day has jumped: irrevocable deadlines, handing
// letters to the carrier. Whoever is about to do such work looks first. In memory only: a start believes its clock.
// Thread-safe.

#include "decisions/metrics.hpp"
#include "domain/clock.hpp"

#include <chrono>
#include <functional>
#include <mutex>
#include <string>

namespace elsec::decisions {

// Where the two times come from.
struct clock_pair {
  const std::function<domain::time_point()>& wall;
  const std::function<std::chrono::nanoseconds()>& since_boot;  // sleep included
};

class clock_board {
 public:
  struct state {
    bool paused = false;
    domain::time_point since{};          // when the last jump was seen
    std::chrono::milliseconds jumped{};  // by how much; ahead: positive
  };

  // Reads both clocks; whether such work must wait, also because they could not be read at the same moment. What has
  // changed is told to the log and the metrics.
  [[nodiscard]] bool look(const clock_pair& clocks, metrics& counted);
  // Somebody says that the clocks are right as they are now; `why` goes into the log.
  void resume(const clock_pair& clocks, metrics& counted, const std::string& why);
  // As of the last look.
  [[nodiscard]] state current() const;

 private:
  // False when the two were not read at the same moment.
  [[nodiscard]] bool observe(const clock_pair& clocks, metrics& counted);
  mutable std::mutex mutex_;
  domain::clock_watch watch_;
};

}  // namespace elsec::decisions
