#include "domain/letter.hpp"

#include <utility>

namespace elsec::domain {
namespace {

std::string upper(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
    // The lower-case letters U+00E0 to U+00FE of Latin-1 (except the division sign) lie 0x20 above their capitals.
    const bool latin = c == 0xC3 && next >= 0xA0 && next <= 0xBE && next != 0xB7;
    out += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32U : c);
    if (latin) {
      out += static_cast<char>(next - 0x20U);
      ++i;
    }
  }
  return out;
}

}  // namespace

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

std::vector<std::string> address_lines(const std::string& name, const address& where) {
  std::vector<std::string> lines{name, where.street.str(), where.postal_code.str() + " " + where.city.str()};
  if (!is_domestic(where)) lines.push_back(upper(where.country->str()));
  return lines;
}

std::string sender_line(const organisation& who) {
  return who.name.str() + ", " + who.address.street.str() + ", " + who.address.postal_code.str() + " " +
         who.address.city.str();
}

}  // namespace elsec::domain
