#pragma once
// Letters: the postal half of a dispatch, from composition to the print room's report.

#include "domain/dispatch.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace elsec::domain {

BOOST_DEFINE_ENUM_CLASS(letter_state, preparing, queued, submitted, accepted, processed, printing, sent, delivered,
                        returned, cancelled, failed)

struct letter_entry {
  time_point at{};
  letter_state state{};
  std::optional<std::string> detail{};
};
BOOST_DESCRIBE_STRUCT(letter_entry, (), (at, state, detail))

// A letter as the API shows it; pages and sheets are 0 until it is composed.
struct letter {
  letter_id id;
  domain::dispatch_id dispatch_id;
  std::string carrier;
  letter_state state{};
  std::uint32_t pages = 0;
  std::uint32_t sheets = 0;
  cents price_expected_cents{};
  std::vector<letter_entry> timeline;
  std::optional<std::string> tracking{};
  std::optional<std::string> reason{};  // of `failed`
};
BOOST_DESCRIBE_STRUCT(letter, (),
                      (id, dispatch_id, carrier, state, pages, sheets, price_expected_cents, timeline, tracking,
                       reason))

struct letter_row : letter {
  domain::document_id document_id;
  time_point leaves_at{};  // end of the grace time
};
BOOST_DESCRIBE_STRUCT(letter_row, (letter), (document_id, leaves_at))

// A letter entering a state; nothing when it is already there or further (repeats change nothing).
[[nodiscard]] std::optional<letter_row> advance(letter_row before, letter_state to, time_point now,
                                                std::optional<std::string> reason = {});

// Whether a queued letter's grace time is over. One that would have to wait for more than twice the grace was dated by
// a clock that has been set back since: it leaves now, not days later.
[[nodiscard]] bool may_leave(const letter_row& letter, time_point now, std::chrono::milliseconds grace) noexcept;

// Sheets of paper for a number of printed pages.
[[nodiscard]] std::uint32_t sheets_of(std::uint32_t pages, bool duplex) noexcept;

}  // namespace elsec::domain
