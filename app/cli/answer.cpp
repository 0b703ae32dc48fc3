#include "app/cli/answer.hpp"

#include <algorithm>
#include <charconv>

namespace elsec::cli {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::unexpected<failure> not_http(std::string why) {
  return fail(exit_code::node_failed, "The node's answer is not proper HTTP.", std::move(why));
}

std::unexpected<failure> too_long() {
  return fail(exit_code::node_failed, "The node's answer is longer than it may be.");
}

bool read_length(std::string_view text, std::uint64_t& length) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string_view response_head::header(std::string_view name) const {
  const auto found = std::ranges::find_if(headers, [&](const auto& h) { return same_name(h.first, name); });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

outcome<bool> answer_reader::take_line(std::string_view line, unsigned status) {
  head_bytes_ += line.size();
  if (head_bytes_ > head_size_max_bytes)
    return fail(exit_code::node_failed, "The node's answer has too long a header.");
  if (has_head_) return true;  // trailers of a chunked body: they say nothing to us
  if (!line.ends_with("\r\n")) return not_http("A line of the header has no proper end.");
  line.remove_suffix(2);
  if (!std::exchange(in_fields_, true)) return true;
  return line.empty() ? end_head(status) : take_field(line);
}

outcome<bool> answer_reader::take_field(std::string_view line) {
  const auto colon = line.find(':');
  const auto name = line.substr(0, colon);
  const auto value = colon == std::string_view::npos ? std::string_view() : trimmed(line.substr(colon + 1));
  const bool control = std::ranges::any_of(
      value, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; });
  if (colon == std::string_view::npos || !is_token(name) || control) return not_http("A header field is malformed.");
  if (same_name(name, "Content-Length")) {
    std::uint64_t length = 0;
    if (answer_.content_length || !read_length(value, length)) return not_http("Its length is not clear.");
    answer_.content_length = length;
  }
  answer_.headers.emplace_back(name, value);
  return true;
}

outcome<bool> answer_reader::end_head(unsigned status) {
  if (status == 101) return not_http("It changes to a protocol nobody asked for.");
  if (status < 200) {
    if (++interim_ > interim_answers_max)
      return fail(exit_code::node_failed, "The node sends interim answers without end.");
    answer_ = {};
    head_bytes_ = 0;
    in_fields_ = false;
    return true;
  }
  has_head_ = true;
  answer_.status = status;
  // Any other encoding would say nothing about where the body ends.
  const auto encoding = answer_.header("Transfer-Encoding");
  if (!encoding.empty() && (answer_.content_length || !same_name(encoding, "chunked")))
    return not_http("Its length is not clear.");
  body_max_bytes_ = status < 300 ? what_.body_size_max_bytes : problem_size_max_bytes;
  if (answer_.content_length.value_or(0) > body_max_bytes_) return too_long();
  // libcurl would send the whole request again; nothing is sent twice without the caller.
  if (status == 417) return false;
  if (!what_.on_success || (status != 200 && status != 206)) return true;
  auto opened = what_.on_success(answer_);
  if (!opened) return std::unexpected(std::move(opened.error()));
  sink_ = std::move(*opened);
  return static_cast<bool>(sink_);
}

bool answer_reader::is_whole(bool farewell) const noexcept {
  const bool has_end = answer_.content_length || !answer_.header("Transfer-Encoding").empty() ||
                       answer_.status == 204 || answer_.status == 304;
  return has_head_ && (has_end || farewell);
}

outcome<bool> answer_reader::take_body(std::string_view bytes) {
  body_bytes_ += bytes.size();
  if (body_bytes_ > body_max_bytes_) return too_long();
  if (sink_) return sink_(bytes);
  answer_.body += bytes;
  return true;
}

}  // namespace elsec::cli
