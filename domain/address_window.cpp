#include "domain/address_window.hpp"

#include "domain/window_font.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace elsec::domain {
namespace {

constexpr double size_step_pt = 0.25;
// Where ink hangs over the ends of a line ("j", "f").
constexpr double overhang_em = 0.1;

// In ems of this size.
constexpr double line_width_em(double size_pt) {
  constexpr double points_per_mm = 72.0 / 25.4;
  return window_width_mm * points_per_mm / size_pt - overhang_em;
}

using sign_row = std::span<const printed_sign>;

sign_row without_outer_blanks(sign_row text) {
  while (!text.empty() && text.front().text == " ") text = text.subspan(1);
  while (!text.empty() && text.back().text == " ") text = text.first(text.size() - 1);
  return text;
}

// How many signs stand on one line: to the last blank or hyphen, or as much of a longer word as there is room for.
std::size_t length_of_first_line(sign_row text, double width_em) {
  double used = 0;
  std::size_t last_break = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_blank = text[at].text == " ";
    used += text[at].width_em;
    if (used > width_em && !is_blank) return last_break > 0 ? last_break : std::max<std::size_t>(at, 1);
    if (is_blank || text[at].text == "-") last_break = at + 1;
  }
  return text.size();
}

std::string joined_signs(sign_row text) {
  std::string line;
  for (const auto& sign : text) line += sign.text;
  return line;
}

// Stops where there is one line more than the window has.
void break_into(std::vector<std::string>& lines, sign_row text, double width_em) {
  while (!text.empty() && lines.size() <= window_lines_max) {
    const auto length = length_of_first_line(text, width_em);
    lines.push_back(joined_signs(without_outer_blanks(text.first(length))));
    text = without_outer_blanks(text.subspan(length));
  }
}

window_setting set_at(double size_pt, const std::vector<std::vector<printed_sign>>& lines) {
  window_setting set{.size_pt = size_pt, .lines = {}};
  for (const auto& line : lines) break_into(set.lines, without_outer_blanks(line), line_width_em(size_pt));
  return set;
}

}  // namespace

std::optional<window_setting> set_in_window(const std::vector<std::string>& lines) {
  std::vector<std::vector<printed_sign>> printed;
  for (const auto& line : lines)
    if (auto text = as_printed(line); !without_outer_blanks(text).empty()) printed.push_back(std::move(text));
  std::optional<window_setting> broken;
  for (double size_pt = window_size_pt; size_pt >= window_size_min_pt; size_pt -= size_step_pt) {
    auto set = set_at(size_pt, printed);
    if (set.lines.size() > window_lines_max) continue;
    if (set.lines.size() == printed.size()) return set;
    if (!broken) broken = std::move(set);
  }
  return broken;
}

}  // namespace elsec::domain
