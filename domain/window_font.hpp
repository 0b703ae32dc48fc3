#pragma once
// What the font of the address window can print, and how wide: Liberation Sans, whose widths are Arial's. Known here so
// that a request is refused and not the letter it has become. Newer versions of the font have more signs; what counts
// is the oldest one a node may run with (1.07, Debian 12).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::domain {

struct printed_sign {
  std::string text;  // UTF-8
  double width_em;   // without kerning, never less than it takes; 1 is the font's size
};

// The text in composed letters, each without the accents that the font lacks ("ễ" -> "ê"). Signs that it lacks
// altogether stay, and count as one em. Bytes that are not UTF-8 become U+FFFD, which cannot be printed.
[[nodiscard]] std::vector<printed_sign> as_printed(std::string_view utf8);

// The first sign that cannot be printed, for people: `"😀" (U+1F600)`. Nothing when all can.
[[nodiscard]] std::optional<std::string> unprintable_sign(std::string_view utf8);

}  // namespace elsec::domain
