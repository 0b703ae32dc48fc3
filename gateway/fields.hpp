#pragma once
// Values of header fields and query strings, read strictly. Pure functions.

#include "domain/error.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::gateway {

// "%C3%BC" -> the bytes it stands for; nothing when an escape is malformed.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text);

// Everything but unreserved characters escaped (RFC 8187's ext-value after the language).
[[nodiscard]] std::string percent_encoded(std::string_view text);

// Names and values of a query string. `bad_request` for malformed escapes; `invalid` for a name that stands twice.
using query_values = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] domain::result<query_values> parse_query(std::string_view query);

// A name from outside as a JSON pointer that is safe to show: bytes other than visible ASCII become question marks.
[[nodiscard]] std::string pointer_to(std::string_view name);

// attachment, with an ASCII file name for old clients and the real one (RFC 6266).
[[nodiscard]] std::string content_disposition(std::string_view filename);

// The SHA-256 a client sent along: `Digest: sha-256=<base64>` (RFC 3230) or `Content-Digest: sha-256=:<base64>:`
// (RFC 9530). Nothing when neither names SHA-256; `invalid` when one is malformed or both differ.
using sha256_bytes = std::array<std::uint8_t, 32>;
[[nodiscard]] domain::result<std::optional<sha256_bytes>> parse_digest(
    const std::optional<std::string>& digest, const std::optional<std::string>& content_digest);

// A part of a content: bytes first to last, both included.
struct byte_range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  [[nodiscard]] std::uint64_t size() const noexcept { return last - first + 1; }
  bool operator==(const byte_range&) const = default;
};
// One range of a content of `size` bytes, cut to it. Nothing when the field asks for several ranges, for other units,
// or is malformed: then the whole content is answered (RFC 9110, 14.2). `range_not_satisfiable` when no byte of it
// exists.
[[nodiscard]] domain::result<std::optional<byte_range>> parse_range(std::string_view field, std::uint64_t size);

// Opaque tags of If-Match, If-None-Match. `any` stands for "*".
struct entity_tags {
  bool any = false;
  std::vector<std::string> strong;
  std::vector<std::string> weak;

  [[nodiscard]] bool has_strong(std::string_view tag) const noexcept;
  [[nodiscard]] bool has(std::string_view tag) const noexcept { return any || has_strong(tag) || has_weak(tag); }

 private:
  [[nodiscard]] bool has_weak(std::string_view tag) const noexcept;
};
// `bad_request` when it is no list of entity tags.
[[nodiscard]] domain::result<entity_tags> parse_entity_tags(std::string_view field);

// Whether a Content-Type is application/json that is UTF-8, as JSON between systems has to be (RFC 8259, 8.1): no
// charset or utf-8, in any case, quoted or not. Other parameters make no difference.
[[nodiscard]] bool is_utf8_json(std::string_view content_type);

// Whether an Accept field (or its absence) takes this media type with a quality above 0; `json` is also asked for event
// streams, so ties are decided by the caller.
[[nodiscard]] double quality_of(const std::optional<std::string>& accept, std::string_view type);

// "Sun, 06 Nov 1994 08:49:37 GMT" (IMF-fixdate, RFC 9110, 5.6.7).
[[nodiscard]] std::string http_date(std::chrono::sys_seconds when);

// A cookie's value.
[[nodiscard]] std::optional<std::string> cookie(const std::optional<std::string>& field, std::string_view name);

// Equal, in a time that depends on the lengths only.
[[nodiscard]] bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace elsec::gateway
