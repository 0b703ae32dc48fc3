#include "app/cli/event_stream.hpp"

#include "app/cli/limits.hpp"

namespace elsec::cli {

outcome<bool> event_reader::feed(std::string_view bytes) {
  for (const char c : bytes) {
    const bool second_half = after_return_ && c == '\n';
    after_return_ = c == '\r';
    if (second_half) continue;
    if (c != '\n' && c != '\r') {
      line_ += c;
      if (line_.size() + event_.data.size() > event_size_max_bytes)
        return fail(exit_code::node_failed, "The node sent an event larger than it may be.");
      continue;
    }
    const auto more = take_line(line_);
    line_.clear();
    if (!more || !*more) return more;
  }
  return true;
}

outcome<bool> event_reader::take_line(std::string_view line) {
  if (line.empty()) {
    auto whole = std::exchange(event_, {});
    if (!whole.id.empty()) last_id_ = whole.id;
    if (!std::exchange(has_data_, false)) return true;
    if (whole.type.empty()) whole.type = "message";
    return on_event_(whole);
  }
  const auto colon = line.find(':');
  const auto name = line.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") {
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  } else if (name == "event") {
    event_.type = value;
  } else if (name == "id" && value.find('\0') == std::string_view::npos) {
    event_.id = value;
  }
  return true;
}

}  // namespace elsec::cli
