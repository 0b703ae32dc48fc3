#pragma once
// The fuzz targets: functions that take any bytes and throw `broken` when something that must hold does not.

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string_view>

namespace elsec::fuzz {

using bytes_view = std::span<const std::uint8_t>;

void cbor(bytes_view input);
void envelope(bytes_view input);
void http_body(bytes_view input);
void http_head(bytes_view input);
void json(bytes_view input);
void jws(bytes_view input);
void media_type(bytes_view input);
void pdf(bytes_view input);
void text(bytes_view input);
void wire(bytes_view input);

// No std::exception, so that nothing on the way takes it for a parser's refusal.
struct broken {
  const char* property;
};

inline void must(bool holds, const char* property) {
  if (!holds) throw broken{property};
}

inline std::string_view text_of(bytes_view input) {
  return {reinterpret_cast<const char*>(input.data()), input.size()};  // bytes seen as characters
}

// Takes an input apart from its front; what is missing reads as zero.
class reader {
 public:
  explicit reader(bytes_view input) : rest_(input) {}

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }
  // Up to `count` bytes.
  bytes_view take(std::size_t count) {
    const auto taken = rest_.first(count < rest_.size() ? count : rest_.size());
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  // The text up to the next line feed.
  std::string_view line() {
    const auto all = text_of(rest_);
    const auto end = all.find('\n');
    const auto found = all.substr(0, end);
    rest_ = rest_.subspan(end == std::string_view::npos ? rest_.size() : end + 1);
    return found;
  }
  [[nodiscard]] bytes_view rest() const { return rest_; }
  [[nodiscard]] std::string_view rest_text() const { return text_of(rest_); }

 private:
  bytes_view rest_;
};

}  // namespace elsec::fuzz
