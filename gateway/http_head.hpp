#pragma once
// The head of an HTTP/1 request: request line and fields, read strictly.
//
// Beast 1.81 alone lets requests pass that two servers may understand differently (request smuggling). So the raw bytes
// are checked first, by pure functions, and only what they let pass is parsed by Beast. Where these rules are stricter
// than RFC 9112 they are house rules: only origin-form targets, no bare LF, no list-valued Content-Length, no
// Transfer-Encoding but `chunked`, no body with GET and HEAD.

#include "domain/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace elsec::gateway {

// How the body of a request is delimited, and what the head says about the connection.
struct framing {
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool expects_continue = false;
  bool keeps_alive = true;
  bool http_1_1 = true;  // false: HTTP/1.0

  [[nodiscard]] bool has_body() const noexcept { return chunked || content_length.value_or(0) > 0; }
};

struct request_head {
  std::string method;
  std::string target;  // origin-form, as sent
  framing body;
  std::vector<std::pair<std::string, std::string>> fields;

  // The value of a field that may stand once; nothing when it is absent. Repeated fields are joined by ", ".
  [[nodiscard]] std::optional<std::string> field(std::string_view name) const;
};

// The length of the head at the start of `bytes`, its empty line included; nothing while more bytes are needed.
// `header_too_large` when it would exceed `bytes_max`, `bad_request` as soon as a byte is seen that no head may hold.
[[nodiscard]] domain::result<std::optional<std::size_t>> find_head(std::string_view bytes, std::size_t bytes_max);

// Every rule above, on a complete head. Never throws, never reads past the view.
[[nodiscard]] domain::result<framing> check_head(std::string_view head);

// check_head, then Beast.
[[nodiscard]] domain::result<request_head> parse_head(std::string_view head);

// ASCII only, as protocol elements are.
[[nodiscard]] bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept;

// Without spaces and tabs at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

}  // namespace elsec::gateway
