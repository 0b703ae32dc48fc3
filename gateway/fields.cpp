#include "gateway/fields.hpp"

#include "domain/document.hpp"
#include "gateway/http_head.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <charconv>

namespace elsec::gateway {
namespace {

using domain::error_code;
using domain::fail;

constexpr std::size_t sha256_base64_length = 44;
constexpr std::size_t shown_name_max = 64;

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

// The parts between separators, trimmed, empty ones left out.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (const auto part = trimmed(text.substr(0, end)); !part.empty()) parts.push_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// Up to the next semicolon outside of quotation marks (RFC 9110, 5.6.6 and 5.6.4).
std::string_view first_parameter(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (text[i] == ';' && !quoted)
      return text.substr(0, i);
  }
  return text;
}

// What a quoted string stands for; any other text as it is.
std::string unquoted(std::string_view text) {
  if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"')) return std::string(text);
  std::string plain;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<sha256_bytes> decode_sha256(std::string_view base64) {
  if (base64.size() != sha256_base64_length || !base64.ends_with('=') || base64[sha256_base64_length - 2] == '=')
    return std::nullopt;
  std::array<std::uint8_t, 33> decoded{};  // OpenSSL writes whole groups: 44 characters are 33 bytes
  const auto* text = reinterpret_cast<const unsigned char*>(base64.data());
  if (EVP_DecodeBlock(decoded.data(), text, static_cast<int>(base64.size())) != 33) return std::nullopt;
  sha256_bytes digest;
  std::copy_n(decoded.begin(), digest.size(), digest.begin());
  return digest;
}

// `name=value` entries of a dictionary-like field; the value of sha-256, if it is there.
std::optional<std::string_view> sha256_entry(std::string_view field) {
  for (const auto entry : split(field, ',')) {
    const auto equals = entry.find('=');
    if (equals != std::string_view::npos && equal_ignoring_case(entry.substr(0, equals), "sha-256"))
      return entry.substr(equals + 1);
  }
  return std::nullopt;
}

// A quality from 0 to 1 (RFC 9110, 12.4.2); 0 for anything else, be it larger, negative, or "nan".
double quality_in(std::string_view text) {
  double quality = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), quality);
  return error == std::errc{} && quality >= 0 && quality <= 1 ? quality : 0;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded += text[at];
      continue;
    }
    if (at + 2 >= text.size()) return std::nullopt;
    const int high = hex_value(text[at + 1]);
    const int low = hex_value(text[at + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return decoded;
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c))
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

domain::result<query_values> parse_query(std::string_view query) {
  query_values values;
  for (const auto part : split(query, '&')) {
    const auto equals = std::min(part.find('='), part.size());
    std::string raw_value(part.substr(std::min(equals + 1, part.size())));
    std::ranges::replace(raw_value, '+', ' ');
    auto name = percent_decoded(part.substr(0, equals));
    auto value = percent_decoded(raw_value);
    if (!name || !value) return fail(error_code::bad_request, "The query string is malformed.");
    const auto [entry, is_new] = values.emplace(std::move(*name), std::move(*value));
    if (!is_new) return domain::fail_field(error_code::invalid, pointer_to(entry->first), "may stand only once");
  }
  return values;
}

std::string pointer_to(std::string_view name) {
  std::string pointer = "/";
  for (const char c : name.substr(0, shown_name_max)) {
    if (c == '~' || c == '/')
      pointer += c == '~' ? "~0" : "~1";
    else
      pointer += c > 0x20 && c < 0x7F ? c : '?';
  }
  return pointer;
}

std::string content_disposition(std::string_view filename) {
  std::string plain;
  for (const char c : filename) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) == 0x80) continue;  // one underscore for a whole UTF-8 sequence
    plain += byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\' && c != '%' ? c : '_';
  }
  return fmt::format("attachment; filename=\"{}\"; filename*=UTF-8''{}", plain, percent_encoded(filename));
}

domain::result<std::optional<sha256_bytes>> parse_digest(const std::optional<std::string>& digest,
                                                         const std::optional<std::string>& content_digest) {
  std::optional<sha256_bytes> found;
  if (const auto text = digest ? sha256_entry(*digest) : std::nullopt) {
    found = decode_sha256(*text);
    if (!found) return fail(error_code::invalid, "Digest must be: sha-256=<base64>.");
  }
  const auto entry = content_digest ? sha256_entry(*content_digest) : std::nullopt;
  if (!entry) return found;
  const bool is_framed = entry->size() > 2 && entry->starts_with(':') && entry->ends_with(':');
  const auto other = is_framed ? decode_sha256(entry->substr(1, entry->size() - 2)) : std::nullopt;
  if (!other) return fail(error_code::invalid, "Content-Digest must be: sha-256=:<base64>:.");
  if (found && *found != *other) return fail(error_code::invalid, "Digest and Content-Digest differ.");
  return other;
}

domain::result<std::optional<byte_range>> parse_range(std::string_view field, std::uint64_t size) {
  constexpr std::string_view unit = "bytes=";
  if (field.size() < unit.size() || !equal_ignoring_case(field.substr(0, unit.size()), unit)) return std::nullopt;
  const auto range = trimmed(field.substr(unit.size()));
  const auto dash = range.find('-');
  if (dash == std::string_view::npos || range.find(',') != std::string_view::npos) return std::nullopt;
  const auto first = whole_number(range.substr(0, dash));
  const auto last = whole_number(range.substr(dash + 1));
  if ((dash != 0 && !first) || (dash + 1 != range.size() && !last) || (!first && !last)) return std::nullopt;
  const auto unsatisfiable = [] { return fail(error_code::range_not_satisfiable, "The content is shorter."); };
  if (!first) {
    if (*last == 0 || size == 0) return unsatisfiable();
    return byte_range{size - std::min(*last, size), size - 1};
  }
  if (last && *last < *first) return std::nullopt;
  if (*first >= size) return unsatisfiable();
  return byte_range{*first, std::min(last.value_or(size - 1), size - 1)};
}

bool entity_tags::has_strong(std::string_view tag) const noexcept {
  return std::ranges::find(strong, tag) != strong.end();
}

bool entity_tags::has_weak(std::string_view tag) const noexcept { return std::ranges::find(weak, tag) != weak.end(); }

domain::result<entity_tags> parse_entity_tags(std::string_view field) {
  entity_tags tags;
  auto rest = trimmed(field);
  if (rest == "*") {
    tags.any = true;
    return tags;
  }
  const auto malformed = [] { return fail(error_code::bad_request, "Entity tags must be quoted."); };
  while (!rest.empty()) {
    const bool is_weak = rest.starts_with("W/");
    if (is_weak) rest.remove_prefix(2);
    const auto end = rest.starts_with('"') ? rest.find('"', 1) : std::string_view::npos;
    if (end == std::string_view::npos) return malformed();
    (is_weak ? tags.weak : tags.strong).emplace_back(rest.substr(1, end - 1));
    rest = trimmed(rest.substr(end + 1));
    if (rest.empty()) break;
    if (!rest.starts_with(',')) return malformed();
    rest = trimmed(rest.substr(1));
  }
  if (tags.strong.empty() && tags.weak.empty()) return malformed();
  return tags;
}

bool is_utf8_json(std::string_view content_type) {
  if (domain::essence_of(content_type) != "application/json") return false;
  auto rest = content_type;
  rest.remove_prefix(std::min(rest.find(';'), rest.size()));
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto parameter = first_parameter(rest);
    rest.remove_prefix(parameter.size());
    const auto equals = std::min(parameter.find('='), parameter.size());
    if (!equal_ignoring_case(trimmed(parameter.substr(0, equals)), "charset")) continue;
    if (equals == parameter.size()) return false;
    if (!equal_ignoring_case(unquoted(trimmed(parameter.substr(equals + 1))), "utf-8")) return false;
  }
  return true;
}

double quality_of(const std::optional<std::string>& accept, std::string_view type) {
  if (!accept) return 1;
  const auto group = std::string(type.substr(0, type.find('/'))) + "/*";
  double quality = 0;
  int best_match = 0;  // 3: the type itself, 2: its group, 1: anything
  for (const auto entry : split(*accept, ',')) {
    const auto parts = split(entry, ';');
    if (parts.empty()) continue;
    const int match = equal_ignoring_case(parts[0], type)    ? 3
                      : equal_ignoring_case(parts[0], group) ? 2
                      : parts[0] == "*/*"                    ? 1
                                                             : 0;
    if (match <= best_match) continue;
    best_match = match;
    quality = 1;
    for (const auto part : parts)
      if (part.starts_with("q=") || part.starts_with("Q=")) quality = quality_in(part.substr(2));
  }
  return quality;
}

std::string http_date(std::chrono::sys_seconds when) { return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", when); }

std::optional<std::string> cookie(const std::optional<std::string>& field, std::string_view name) {
  if (!field) return std::nullopt;
  for (const auto part : split(*field, ';')) {
    const auto equals = part.find('=');
    if (equals != std::string_view::npos && part.substr(0, equals) == name) return std::string(part.substr(equals + 1));
  }
  return std::nullopt;
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace elsec::gateway
