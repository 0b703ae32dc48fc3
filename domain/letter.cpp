#include "domain/letter.hpp"

#include <utility>

namespace elsec::domain {

std::optional<letter_row> advance(letter_row before, letter_state to, time_point now,
                                  std::optional<std::string> reason) {
  const bool ended = before.state == letter_state::sent || before.state == letter_state::failed ||
                     before.state == letter_state::cancelled;
  if (ended || (to != letter_state::failed && std::to_underlying(to) <= std::to_underlying(before.state)))
    return std::nullopt;
  before.state = to;
  before.timeline.push_back({now, to, reason});
  if (to == letter_state::failed) before.reason = std::move(reason);
  return before;
}

bool may_leave(const letter_row& letter, time_point now, std::chrono::milliseconds grace) noexcept {
  return now >= letter.leaves_at || letter.leaves_at - now > 2 * grace;
}

std::uint32_t sheets_of(std::uint32_t pages, bool duplex) noexcept { return duplex ? (pages + 1) / 2 : pages; }

}  // namespace elsec::domain
