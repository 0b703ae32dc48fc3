#include "app/cli/retry.hpp"

namespace elsec::cli {

std::optional<std::chrono::milliseconds> retry_pause(unsigned attempt, repeat allowed, const failure& what) noexcept {
  if (attempt == 0 || attempt >= attempts_max || allowed == repeat::never) return std::nullopt;
  const auto backoff = first_pause * (1U << (attempt - 1));
  if (what.connection_lost) return allowed == repeat::always ? std::optional(backoff) : std::nullopt;
  const bool busy = what.status == 503 || (what.status == 429 && what.retry_after);
  if (!busy) return std::nullopt;
  if (!what.retry_after) return backoff;
  if (*what.retry_after > longest_pause) return std::nullopt;
  return std::chrono::milliseconds(*what.retry_after);
}

}  // namespace elsec::cli
