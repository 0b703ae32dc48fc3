#pragma once
// The sheet a letter is printed on and the zones of its window (E-POST template V3 v3.1). Zones are in millimetres from
// the top left corner, as carriers publish them; PDF and cairo count in points of 1/72 inch.

#include <cstdint>

namespace elsec::postal {

// What the carrier's check compares the MediaBox with, exactly.
inline constexpr double page_width_pt = 595.276;
inline constexpr double page_height_pt = 841.89;

inline constexpr double page_width_mm = 210.0;
inline constexpr double page_height_mm = 297.0;

[[nodiscard]] constexpr double to_pt(double mm) { return mm * 72.0 / 25.4; }

struct zone {
  double left_mm = 0;
  double top_mm = 0;
  double right_mm = 0;
  double bottom_mm = 0;

  [[nodiscard]] constexpr double width_mm() const { return right_mm - left_mm; }
  [[nodiscard]] constexpr double height_mm() const { return bottom_mm - top_mm; }
};

inline constexpr zone sender_zone{23, 45, 108, 50.5};
inline constexpr zone franking_zone{23, 52, 108, 68};  // must stay empty
inline constexpr zone recipient_zone{23, 69, 108, 90};
inline constexpr double zone_inset_mm = 2;
inline constexpr double fold_mm = 105;  // from the top; nothing is printed near it
inline constexpr double fold_clearance_mm = 3;

// Where a page may carry ink whatever its height on the sheet: 2 mm at three edges, 12 mm at the left one.
inline constexpr zone printable{12, 2, page_width_mm - 2, page_height_mm - 2};

// Sheets a carrier takes in one letter; the cover page counts.
inline constexpr std::uint32_t pages_max = 94;

}  // namespace elsec::postal
