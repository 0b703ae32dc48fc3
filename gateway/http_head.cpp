#include "gateway/http_head.hpp"

#include "gateway/limits.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <charconv>

namespace elsec::gateway {
namespace {

namespace http = boost::beast::http;
using domain::error_code;
using domain::fail;

constexpr std::string_view token_symbols = "!#$%&'*+-.^_`|~";
constexpr std::string_view target_symbols = "-._~!$&'()*+,;=:@/?%";
constexpr std::string_view host_symbols = "-._~!$&'()*+;=:[]%";
// More digits than any length we take, fewer than overflow 64 bits.
constexpr std::size_t length_digits_max = 15;
constexpr std::size_t method_length_max = 16;

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_hex(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool only(std::string_view text, std::string_view symbols) noexcept {
  return std::ranges::all_of(
      text, [&](char c) { return is_alpha(c) || is_digit(c) || symbols.find(c) != std::string_view::npos; });
}

bool is_token(std::string_view text) noexcept { return !text.empty() && only(text, token_symbols); }

// Visible bytes, spaces and tabs; bytes above ASCII are opaque (RFC 9110, 5.5).
bool is_field_value(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

bool is_origin_form(std::string_view target) noexcept {
  if (!target.starts_with('/') || target.starts_with("//") || !only(target, target_symbols)) return false;
  for (auto at = target.find('%'); at != std::string_view::npos; at = target.find('%', at + 1))
    if (at + 2 >= target.size() || !is_hex(target[at + 1]) || !is_hex(target[at + 2])) return false;
  return true;
}

// What the fields say before it is judged as a whole.
struct collected {
  std::string_view method;
  bool http_1_0 = false;
  std::size_t hosts = 0;
  std::size_t lengths = 0;
  std::size_t encodings = 0;
  bool close = false;
  bool keep_alive = false;
  framing result;
};

domain::result<void> read_request_line(std::string_view line, collected& into) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return fail(error_code::bad_request, "The request line must be: method, target, version.");
  into.method = line.substr(0, first);
  const auto version = line.substr(last + 1);
  if (!is_token(into.method) || into.method.size() > method_length_max)
    return fail(error_code::bad_request, "The method is malformed.");
  if (!is_origin_form(line.substr(first + 1, last - first - 1)))
    return fail(error_code::bad_request, "The target must be an absolute path, percent-encoded.");
  into.http_1_0 = version == "HTTP/1.0";
  if (!into.http_1_0 && version != "HTTP/1.1") return fail(error_code::bad_request, "The version must be HTTP/1.1.");
  return {};
}

domain::result<void> read_length(std::string_view value, collected& into) {
  ++into.lengths;
  std::uint64_t length = 0;
  if (value.empty() || value.size() > length_digits_max || !std::ranges::all_of(value, is_digit))
    return fail(error_code::bad_request, "Content-Length must be one whole number.");
  std::from_chars(value.data(), value.data() + value.size(), length);
  into.result.content_length = length;
  return {};
}

void read_connection(std::string_view value, collected& into) {
  while (!value.empty()) {
    const auto comma = std::min(value.find(','), value.size());
    const auto option = trimmed(value.substr(0, comma));
    into.close = into.close || equal_ignoring_case(option, "close");
    into.keep_alive = into.keep_alive || equal_ignoring_case(option, "keep-alive");
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

domain::result<void> read_known_field(std::string_view name, std::string_view value, collected& into) {
  if (equal_ignoring_case(name, "Content-Length")) return read_length(value, into);
  if (equal_ignoring_case(name, "Host")) {
    ++into.hosts;
    if (value.empty() || !only(value, host_symbols)) return fail(error_code::bad_request, "Host is malformed.");
  } else if (equal_ignoring_case(name, "Transfer-Encoding")) {
    ++into.encodings;
    into.result.chunked = true;
    if (!equal_ignoring_case(value, "chunked"))
      return fail(error_code::bad_request, "Transfer-Encoding must be exactly: chunked.");
  } else if (equal_ignoring_case(name, "Connection")) {
    read_connection(value, into);
  } else if (equal_ignoring_case(name, "Expect")) {
    if (!equal_ignoring_case(value, "100-continue"))
      return fail(error_code::bad_request, "Only 100-continue may be expected.");
    into.result.expects_continue = true;
  }
  return {};
}

domain::result<void> read_field(std::string_view line, collected& into) {
  if (line.starts_with(' ') || line.starts_with('\t'))
    return fail(error_code::bad_request, "A header field must stand on one line.");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return fail(error_code::bad_request, "A header field must be a name, a colon right after it, and a value.");
  const auto value = trimmed(line.substr(colon + 1));
  if (!is_field_value(value)) return fail(error_code::bad_request, "A header field holds a control character.");
  return read_known_field(line.substr(0, colon), value, into);
}

// The rules across fields.
domain::result<framing> judge(collected& seen) {
  auto& result = seen.result;
  if (seen.hosts != 1) return fail(error_code::bad_request, "There must be exactly one Host.");
  if (seen.lengths > 1) return fail(error_code::bad_request, "Content-Length may stand only once.");
  if (seen.encodings > 1) return fail(error_code::bad_request, "Transfer-Encoding may stand only once.");
  if (result.chunked && seen.lengths > 0)
    return fail(error_code::bad_request, "Transfer-Encoding and Content-Length exclude each other.");
  if (result.chunked && seen.http_1_0) return fail(error_code::bad_request, "HTTP/1.0 knows no Transfer-Encoding.");
  if (result.has_body() && (seen.method == "GET" || seen.method == "HEAD"))
    return fail(error_code::bad_request, "GET and HEAD take no body.");
  if (seen.http_1_0 || !result.has_body()) result.expects_continue = false;
  result.http_1_1 = !seen.http_1_0;
  result.keeps_alive = !seen.close && (!seen.http_1_0 || seen.keep_alive);
  return result;
}

}  // namespace

bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
  return std::ranges::equal(left, right, [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trimmed(std::string_view text) noexcept {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::string> request_head::field(std::string_view name) const {
  std::optional<std::string> found;
  for (const auto& [key, value] : fields) {
    if (!equal_ignoring_case(key, name)) continue;
    if (found)
      *found += ", " + value;
    else
      found = value;
  }
  return found;
}

domain::result<std::optional<std::size_t>> find_head(std::string_view bytes, std::size_t bytes_max) {
  const auto seen = bytes.substr(0, bytes_max);
  for (std::size_t at = 0; at < seen.size(); ++at) {
    const auto byte = static_cast<unsigned char>(seen[at]);
    if (byte == '\n' && (at == 0 || seen[at - 1] != '\r'))
      return fail(error_code::bad_request, "Lines must end in CR LF.");
    if (byte != '\n' && at > 0 && seen[at - 1] == '\r')
      return fail(error_code::bad_request, "Lines must end in CR LF.");
    if ((byte < 0x20 && byte != '\r' && byte != '\n' && byte != '\t') || byte == 0x7F)
      return fail(error_code::bad_request, "The header holds a control character.");
    if (byte == '\n' && at >= 3 && seen[at - 2] == '\n') return at + 1;
    if (byte == '\n' && at == 1) return fail(error_code::bad_request, "The request line is missing.");
  }
  if (bytes.size() >= bytes_max) return fail(error_code::header_too_large, "The request header exceeds its limit.");
  return std::nullopt;
}

domain::result<framing> check_head(std::string_view head) {
  auto end = find_head(head, head.size() + 1);
  if (!end) return std::unexpected(std::move(end.error()));
  if (!*end || **end != head.size()) return fail(error_code::bad_request, "The header is incomplete.");
  collected seen;
  std::size_t fields = 0;
  for (auto rest = head.substr(0, head.size() - 2); !rest.empty();) {
    const auto line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    const bool is_first = line.data() == head.data();
    if (!is_first && ++fields > header_fields_max)
      return fail(error_code::header_too_large, "The request has too many header fields.");
    if (auto ok = is_first ? read_request_line(line, seen) : read_field(line, seen); !ok)
      return std::unexpected(std::move(ok.error()));
  }
  return judge(seen);
}

domain::result<request_head> parse_head(std::string_view head) {
  auto body = check_head(head);
  if (!body) return std::unexpected(std::move(body.error()));
  http::request_parser<http::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(head.size()) + 1);
  parser.body_limit(boost::none);
  boost::beast::error_code error;
  parser.put(boost::asio::buffer(head), error);
  if ((error && error != http::error::need_more) || !parser.is_header_done())
    return fail(error_code::bad_request, "The header cannot be read.");
  const auto& message = parser.get();
  request_head result{std::string(message.method_string()), std::string(message.target()), *body, {}};
  for (const auto& field : message) result.fields.emplace_back(field.name_string(), field.value());
  return result;
}

}  // namespace elsec::gateway
