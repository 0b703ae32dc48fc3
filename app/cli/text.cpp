#include "app/cli/text.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace elsec::cli {
namespace {

bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::size_t width_of(std::string_view printable_text) {
  return static_cast<std::size_t>(std::ranges::count_if(printable_text, [](char c) { return !is_continuation(c); }));
}

std::string escape_of(code_point c, char first_byte) {
  if (c.length == 0) return fmt::format("\\x{:02x}", static_cast<unsigned char>(first_byte));
  switch (c.value) {
    case U'\n':
      return "\\n";
    case U'\r':
      return "\\r";
    case U'\t':
      return "\\t";
    default:
      break;
  }
  const auto number = static_cast<std::uint32_t>(c.value);
  return number < 0x80 ? fmt::format("\\x{:02x}", number) : fmt::format("\\u{{{:x}}}", number);
}

// Copies the text, and what steers a terminal through `escape`.
template <class Escape>
std::string escaped(std::string_view text, Escape escape) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const auto next = first_code_point(text);
    const auto length = std::max<std::size_t>(next.length, 1);
    if (next.length == 0 || steers_terminal(next.value))
      safe += escape(next, text.front());
    else
      safe += text.substr(0, length);
    text.remove_prefix(length);
  }
  return safe;
}

}  // namespace

code_point first_code_point(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  char32_t value = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return {};
    value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < smallest[length] || value > 0x10FFFF || surrogate) return {};
  return {value, length};
}

bool steers_terminal(char32_t c) noexcept {
  const bool control = c < 0x20 || (c >= 0x7F && c <= 0x9F);
  const bool separator = c == 0x2028 || c == 0x2029;
  const bool direction =
      c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return control || separator || direction || c == 0xFEFF;
}

std::string printable(std::string_view text) { return escaped(text, escape_of); }

std::string printable_lines(std::string_view text, std::size_t indent) {
  std::string lines;
  const std::string margin(indent, ' ');
  while (true) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines += margin + printable(line) + '\n';
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

std::string json_text(const boost::json::value& value) {
  // All these characters are in the Basic Multilingual Plane and can stand in strings only; C0 is escaped already.
  return escaped(boost::json::serialize(value), [](code_point c, char first_byte) {
    const auto number = c.length == 0 ? static_cast<unsigned char>(first_byte) : static_cast<std::uint32_t>(c.value);
    return fmt::format("\\u{:04x}", number);
  });
}

std::string moment(std::string_view rfc3339) {
  constexpr std::string_view shape = "dddd-dd-ddTdd:dd";
  const bool fits = rfc3339.size() > shape.size() && rfc3339.ends_with('Z') &&
                    std::ranges::equal(shape, rfc3339.substr(0, shape.size()), [](char wanted, char c) {
                      return wanted == 'd' ? c >= '0' && c <= '9' : c == wanted;
                    });
  if (!fits) return printable(rfc3339);
  return fmt::format("{} {} UTC", rfc3339.substr(0, 10), rfc3339.substr(11, 5));
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array units{"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto amount = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; amount >= 1024 && unit + 1 < units.size(); ++unit) amount /= 1024;
  return fmt::format("{:.1f} {}", amount, units[unit]);
}

std::string table(const std::vector<std::string>& titles, const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) return "(none)\n";
  std::vector<std::vector<std::string>> cells{titles};
  for (const auto& row : rows) {
    auto& line = cells.emplace_back();
    std::ranges::transform(row, std::back_inserter(line), [](const std::string& cell) { return printable(cell); });
    line.resize(titles.size());
  }
  std::vector<std::size_t> widths(titles.size(), 0);
  for (const auto& line : cells)
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], width_of(line[i]));
  std::string text;
  for (const auto& line : cells) {
    std::string shown;
    for (std::size_t i = 0; i < widths.size(); ++i)
      shown += line[i] + std::string(widths[i] - width_of(line[i]) + 2, ' ');
    shown.erase(shown.find_last_not_of(' ') + 1);
    text += shown + '\n';
  }
  return text;
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                            c == '.' || c == '_' || c == '~';
    encoded += unreserved ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

const boost::json::value* member_of(const boost::json::value& object, std::string_view name) {
  const auto* members = object.if_object();
  return members ? members->if_contains(name) : nullptr;
}

std::string text_of(const boost::json::value& object, std::string_view name) {
  const auto* member = member_of(object, name);
  const auto* text = member ? member->if_string() : nullptr;
  return text ? std::string(text->data(), text->size()) : std::string();
}

const boost::json::array& array_of(const boost::json::value& object, std::string_view name) {
  static const boost::json::array none;
  const auto* member = member_of(object, name);
  const auto* elements = member ? member->if_array() : nullptr;
  return elements ? *elements : none;
}

std::uint64_t number_of(const boost::json::value& object, std::string_view name) {
  const auto* member = member_of(object, name);
  boost::system::error_code ignored;
  return member && member->is_number() ? member->to_number<std::uint64_t>(ignored) : 0;
}

bool flag_of(const boost::json::value& object, std::string_view name) {
  const auto* member = member_of(object, name);
  return member && member->is_bool() && member->get_bool();
}

}  // namespace elsec::cli
