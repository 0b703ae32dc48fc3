#pragma once
// How an address is set in the window of a letter (R7): the one rule by which a request is refused and a cover page is
// drawn.

#include <optional>
#include <string>
#include <vector>

namespace elsec::domain {

inline constexpr std::size_t window_lines_max = 6;
inline constexpr double window_width_mm = 81;  // between the insets of the recipient's zone (postal/page.hpp)
inline constexpr double window_size_pt = 9;
// Smaller is not legible through a window, neither to people nor to sorting machines: DIN 5008 wants at least 8 pt in
// the zone of the address.
inline constexpr double window_size_min_pt = 8;

struct window_setting {
  double size_pt = window_size_pt;  // of all lines
  std::vector<std::string> lines;   // at most window_lines_max, as they are printed

  bool operator==(const window_setting&) const = default;
};

// The lines in the largest size in which each fits, or else broken at blanks and hyphens (a longer word anywhere) in
// the largest size in which all of it fits. Blank lines are left out. Nothing when it does not fit in the smallest
// size.
[[nodiscard]] std::optional<window_setting> set_in_window(const std::vector<std::string>& lines);

}  // namespace elsec::domain
