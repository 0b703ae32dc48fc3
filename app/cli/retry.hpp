#pragma once
// Whether and when a failed call is made again: a pure function of what happened.

#include "app/cli/failure.hpp"

#include <chrono>
#include <optional>

namespace elsec::cli {

inline constexpr unsigned attempts_max = 4;
inline constexpr std::chrono::milliseconds first_pause{500};  // doubled from attempt to attempt
inline constexpr std::chrono::seconds longest_pause{30};      // a node that asks for more is reported, not waited for

// What a second call of the same request may do.
enum class repeat {
  never,         // each call has an effect of its own
  when_refused,  // may follow 429 and 503, but not a lost connection
  always,        // reading, deleting, or carrying an Idempotency-Key
};

// The pause before the next attempt, or nothing when the failure is final. `attempt` counts from 1. 429 and 503 are
// repeated after their Retry-After, 503 also without one; so is a lost connection. TLS failures are final.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_pause(unsigned attempt, repeat allowed,
                                                                   const failure& what) noexcept;

}  // namespace elsec::cli
