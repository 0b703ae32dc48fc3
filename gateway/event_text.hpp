#pragma once
// Server-sent events as text (HTML Living Standard, 9.2).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace elsec::gateway {

// `data` is JSON without line breaks. An empty id leaves the client's position as it is.
[[nodiscard]] std::string event_text(std::string_view id, std::string_view type, std::string_view data);

// Keeps the connection alive; clients ignore it.
inline constexpr std::string_view event_comment = ":\n\n";

// Where a stream stands, as an id without an event: clients note it and tell nobody.
[[nodiscard]] std::string position_text(std::uint64_t position);

// `gap {from, to}`: positions that cannot be delivered any more.
[[nodiscard]] std::string gap_text(std::uint64_t from, std::uint64_t to);

// The same to a reader that did not keep up. It carries no id: the reader's position stays, and coming back with it the
// reader gets all of them.
[[nodiscard]] std::string lag_text(std::uint64_t from, std::uint64_t to);

// A position in a feed, as Last-Event-ID carries it; nothing when it is none.
[[nodiscard]] std::optional<std::uint64_t> parse_position(std::string_view text);

}  // namespace elsec::gateway
