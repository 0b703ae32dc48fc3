#pragma once
// Text forms of values that are no text: times, hexadecimal digits, base64url.

#include "domain/fields.hpp"
#include "domain/time.hpp"

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace elsec::codec {

// "2026-01-15T08:30:00.120Z". A time outside the years 0000 to 9999, which RFC 3339 cannot tell, becomes the nearest
// one inside.
[[nodiscard]] std::string format_time(domain::time_point time);

// RFC 3339 with `Z` or an offset and 0 to 9 digits of a second's fraction; digits beyond milliseconds are cut off. No
// 60th second: the system's clock has none. The error is a sentence for people.
[[nodiscard]] std::expected<domain::time_point, std::string> parse_time(std::string_view text);

// Two lower-case digits per byte.
[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> data);
// Exactly two digits of either case per byte of `out`; false otherwise, and `out` is unspecified.
[[nodiscard]] bool from_hex(std::string_view text, std::span<std::uint8_t> out) noexcept;

// RFC 4648, section 5, without padding.
[[nodiscard]] std::string to_base64url(std::span<const std::uint8_t> data);
// Only the canonical form: no padding, no line feeds, unused bits zero, so that equal bytes have one text.
[[nodiscard]] std::expected<domain::bytes, std::string> from_base64url(std::string_view text);

// The text with every byte that is not part of UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string to_utf8(std::string_view text);

}  // namespace elsec::codec
