#include "app/cli/proxy_answer.hpp"

#include <charconv>

namespace elsec::cli {
namespace {

using line_result = std::expected<void, std::string>;

// Of "HTTP/1.1 200 OK" with its end; 0 when the line is no such thing, or its status one that HTTP does not have.
unsigned status_of(std::string_view line) {
  constexpr std::size_t digits_at = 9, digits_end = 12;
  const bool has_form = (line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ")) && line.size() > digits_end &&
                        std::string_view(" \r\n").contains(line[digits_end]);
  if (!has_form) return 0;
  unsigned status = 0;
  const auto [end, error] = std::from_chars(line.data() + digits_at, line.data() + digits_end, status);
  const bool is_status = error == std::errc() && end == line.data() + digits_end && status >= 100 && status < 600;
  return is_status ? status : 0;
}

}  // namespace

void proxy_answer::begin() noexcept {
  after_open_body_ = is_whole_ && ends_with_connection();
  head_ = {};
  head_bytes_ = 0;
  in_fields_ = false;
  is_whole_ = false;
  in_open_body_ = false;
}

line_result proxy_answer::take_line(std::string_view line) {
  // libcurl reads such a body as the header of the next answer, and fails with it.
  if (!in_fields_ && after_open_body_ && !line.starts_with("HTTP/1.")) in_open_body_ = true;
  if (in_open_body_) return {};
  head_bytes_ += line.size();
  if (head_bytes_ > head_size_max_bytes) return std::unexpected("The header of its answer is longer than it may be.");
  if (!in_fields_) return take_status(line);
  // All that libcurl looks at for the end.
  return line.starts_with("\r") || line.starts_with("\n") ? end_head() : take_field(line);
}

line_result proxy_answer::take_status(std::string_view line) {
  head_.status = status_of(line);
  if (head_.status == 0) return std::unexpected("Its answer to CONNECT is not HTTP.");
  in_fields_ = true;
  return {};
}

line_result proxy_answer::take_field(std::string_view line) {
  // libcurl would believe the later of two status lines.
  if (line.starts_with("HTTP/")) return std::unexpected("The header of its answer begins twice.");
  const auto colon = line.find(':');
  if (colon != std::string_view::npos) head_.headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  return {};
}

line_result proxy_answer::end_head() {
  in_fields_ = false;
  // libcurl knows no interim answers to CONNECT (RFC 9110, 15.2): it would take this one for the proxy's refusal.
  if (head_.status < 200) return std::unexpected("It sends an interim answer to CONNECT, which elsec cannot follow.");
  is_whole_ = true;
  ++answers_;
  asked_ = head_.status == 407;
  return {};
}

bool proxy_answer::has_body() const {
  const auto length = head_.header("Content-Length");
  return !head_.header("Transfer-Encoding").empty() || length.find_first_not_of(" \t\r\n0") != std::string_view::npos;
}

bool proxy_answer::ends_with_connection() const {
  return head_.header("Transfer-Encoding").empty() && head_.header("Content-Length").empty();
}

}  // namespace elsec::cli
