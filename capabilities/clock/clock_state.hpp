#pragma once
// GET /operator/v1/clock, and what ends the pause.

#include "domain/fields.hpp"
#include "domain/time.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>

namespace elsec::capabilities {

struct clock_state {
  bool paused = false;                           // work that cannot be undone waits
  std::optional<domain::time_point> since{};     // while paused: when the last jump was seen, by the clock as it is now
  std::optional<std::int64_t> jumped_seconds{};  // while paused: how far the last jump went; ahead is positive
};
BOOST_DESCRIBE_STRUCT(clock_state, (), (paused, since, jumped_seconds))

struct clock_confirmation {
  domain::text<1, 500> reason;
};
BOOST_DESCRIBE_STRUCT(clock_confirmation, (), (reason))

}  // namespace elsec::capabilities
