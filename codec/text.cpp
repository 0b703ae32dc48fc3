#include "codec/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace elsec::codec {
namespace {

using domain::time_point;
using std::chrono::milliseconds;

constexpr time_point time_min{std::chrono::sys_days{std::chrono::year{0} / 1 / 1}};
constexpr time_point time_max{std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1} - milliseconds{1}};

constexpr auto time_sentence = "must be a time like 2026-01-15T08:30:00Z or 2026-01-15T09:30:00.120+01:00";

// Takes a text apart from its front; after the first mismatch everything fails.
class scanner {
 public:
  explicit scanner(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    if (rest_.size() < count) return fail();
    int number = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return fail();
      number = number * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return number;
  }

  // The character found, if it is one of `wanted`.
  char one_of(std::string_view wanted) {
    if (rest_.empty() || !wanted.contains(rest_.front())) return static_cast<char>(fail());
    const char found = rest_.front();
    rest_.remove_prefix(1);
    return found;
  }

  [[nodiscard]] bool at(char c) const { return rest_.starts_with(c); }
  [[nodiscard]] bool at_digit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }
  [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }

 private:
  int fail() {
    ok_ = false;
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

constexpr int fraction_digits_max = 9;

milliseconds scan_fraction(scanner& in) {
  if (!in.at('.')) return milliseconds{0};
  in.one_of(".");
  int value = in.digits(1);
  int read = 1;
  for (; read < fraction_digits_max && in.at_digit(); ++read) {
    const int digit = in.digits(1);
    if (read < 3) value = value * 10 + digit;
  }
  for (; read < 3; ++read) value *= 10;
  return milliseconds{value};
}

// The offset from UTC; false when it names no time of day.
bool scan_offset(scanner& in, std::chrono::minutes& offset) {
  const char sign = in.one_of("Zz+-");
  if (sign != '+' && sign != '-') return true;
  const int hours = in.digits(2);
  in.one_of(":");
  const int minutes = in.digits(2);
  offset = std::chrono::hours{hours} + std::chrono::minutes{minutes};
  if (sign == '-') offset = -offset;
  return hours <= 23 && minutes <= 59;
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr std::string_view base64url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t no_digit = 0xFF;

constexpr auto base64url_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < base64url_alphabet.size(); ++i)
    values[static_cast<unsigned char>(base64url_alphabet[i])] = static_cast<std::uint8_t>(i);
  return values;
}();

}  // namespace

std::string format_time(time_point time) {
  const auto shown = std::clamp(time, time_min, time_max);
  const auto day = std::chrono::floor<std::chrono::days>(shown);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{shown - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::expected<time_point, std::string> parse_time(std::string_view text) {
  scanner in(text);
  const std::chrono::year year{in.digits(4)};
  in.one_of("-");
  const std::chrono::month month{static_cast<unsigned>(in.digits(2))};
  in.one_of("-");
  const std::chrono::year_month_day date{year, month, std::chrono::day{static_cast<unsigned>(in.digits(2))}};
  in.one_of("Tt");
  const int hours = in.digits(2);
  in.one_of(":");
  const int minutes = in.digits(2);
  in.one_of(":");
  const int seconds = in.digits(2);
  const auto fraction = scan_fraction(in);
  std::chrono::minutes offset{0};
  const bool offset_ok = scan_offset(in, offset);

  if (!in.done() || !offset_ok || !date.ok() || hours > 23 || minutes > 59 || seconds > 59)
    return std::unexpected(time_sentence);
  const time_point time = std::chrono::sys_days{date} + std::chrono::hours{hours} + std::chrono::minutes{minutes} +
                          std::chrono::seconds{seconds} + fraction - offset;
  if (time < time_min || time > time_max) return std::unexpected(time_sentence);
  return time;
}

std::string to_hex(std::span<const std::uint8_t> data) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(data.size() * 2);
  for (const std::uint8_t byte : data) {
    text += digits[byte >> 4];
    text += digits[byte & 15U];
  }
  return text;
}

bool from_hex(std::string_view text, std::span<std::uint8_t> out) noexcept {
  if (text.size() / 2 != out.size() || text.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_digit(text[2 * i]);
    const int low = hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

std::string to_base64url(std::span<const std::uint8_t> data) {
  std::string text;
  text.reserve((data.size() * 4 + 2) / 3);
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const std::uint8_t byte : data) {
    buffer = (buffer << 8) | byte;
    for (bits += 8; bits >= 6;) {
      bits -= 6;
      text += base64url_alphabet[(buffer >> bits) & 63U];
    }
    buffer &= (1U << bits) - 1U;
  }
  if (bits > 0) text += base64url_alphabet[(buffer << (6 - bits)) & 63U];
  return text;
}

std::expected<domain::bytes, std::string> from_base64url(std::string_view text) {
  constexpr auto sentence = "must be base64url without padding";
  domain::bytes data;
  data.reserve(text.size() * 3 / 4);
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::uint8_t digit = base64url_values[static_cast<unsigned char>(c)];
    if (digit == no_digit) return std::unexpected(sentence);
    buffer = (buffer << 6) | digit;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      data.push_back(static_cast<std::uint8_t>(buffer >> bits));
    }
    buffer &= (1U << bits) - 1U;
  }
  if (text.size() % 4 == 1 || buffer != 0) return std::unexpected(sentence);
  return data;
}

std::string to_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (true) {
    const auto length = domain::utf8_prefix(text);
    valid += text.substr(0, length);
    if (length == text.size()) return valid;
    valid += "\xEF\xBF\xBD";
    text.remove_prefix(length + 1);
  }
}

}  // namespace elsec::codec
