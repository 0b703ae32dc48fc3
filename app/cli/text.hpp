#pragma once
// Text for people: whatever came from outside is made harmless before a terminal sees it.

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::cli {

// The text in one line. Control characters (C0, DEL, C1), line and paragraph separators, marks that change the reading
// direction, and bytes that are no UTF-8 appear as escapes like `\x1b` and `\u{202e}`.
[[nodiscard]] std::string printable(std::string_view text);

// Several lines, each made printable and indented, so that a text can never look like output of the program itself.
[[nodiscard]] std::string printable_lines(std::string_view text, std::size_t indent);

// Compact JSON in which those characters are `\u` escapes, too: the same value, safe to show.
[[nodiscard]] std::string json_text(const boost::json::value& value);

// "2026-03-01T08:30:00.000Z" -> "2026-03-01 08:30 UTC"; anything else as it is, printable.
[[nodiscard]] std::string moment(std::string_view rfc3339);

// "1.4 MiB"
[[nodiscard]] std::string size_text(std::uint64_t bytes);

// Columns padded to their widest cell; every cell is made printable. Nothing but "(none)" without rows.
[[nodiscard]] std::string table(const std::vector<std::string>& titles,
                                const std::vector<std::vector<std::string>>& rows);

// Percent-encoding of everything but unreserved characters (RFC 3986, 2.3).
[[nodiscard]] std::string percent_encode(std::string_view text);

// One code point of UTF-8 (RFC 3629) at the front of a non-empty text; `length` 0 when the bytes are no UTF-8.
struct code_point {
  char32_t value = 0;
  std::size_t length = 0;
};
[[nodiscard]] code_point first_code_point(std::string_view text) noexcept;

// Whether a terminal or a reader could be misled by it.
[[nodiscard]] bool steers_terminal(char32_t value) noexcept;

// The string member `name` of an object; empty when there is none.
[[nodiscard]] std::string text_of(const boost::json::value& object, std::string_view name);
// The member, or null.
[[nodiscard]] const boost::json::value* member_of(const boost::json::value& object, std::string_view name);
// The elements of the array member `name`; empty when there is none.
[[nodiscard]] const boost::json::array& array_of(const boost::json::value& object, std::string_view name);
[[nodiscard]] std::uint64_t number_of(const boost::json::value& object, std::string_view name);
[[nodiscard]] bool flag_of(const boost::json::value& object, std::string_view name);

}  // namespace elsec::cli
