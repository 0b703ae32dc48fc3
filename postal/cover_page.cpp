#include "postal/cover_page.hpp"

#include "domain/address_window.hpp"
#include "domain/window_font.hpp"
#include "postal/findings.hpp"
#include "postal/page.hpp"
#include "postal/text_sheet.hpp"

#include <algorithm>
#include <string_view>

namespace elsec::postal {

namespace {

constexpr double sender_size_pt = 8;
constexpr double sender_size_min_pt = 5.5;  // smaller is not legible; a longer name is shortened
constexpr double leading_max_pt = 11;

constexpr double text_left_mm = 25;
constexpr double text_right_mm = 190;
constexpr double letterhead_top_mm = 16;
constexpr double info_left_mm = 128;
constexpr double info_top_mm = 69;
constexpr double text_top_mm = 113;  // the first line below the fold
constexpr double text_bottom_mm = 277;

constexpr text_style name_style{.size_pt = 13, .bold = true};
constexpr text_style small_style{.size_pt = 8, .grey = 0.35};
constexpr text_style label_style{.size_pt = 7.5, .grey = 0.35};
constexpr text_style value_style{.size_pt = 9};
constexpr text_style subject_style{.size_pt = 11, .bold = true};
constexpr text_style body_style{.size_pt = 10};
constexpr text_style note_style{.size_pt = 9.5};

constexpr std::string_view document_follows =
    "Es folgt das Dokument, das wir Ihnen mit diesem Deckblatt zusenden. Es beginnt auf der nächsten Seite.";

constexpr double text_width_pt = to_pt(text_right_mm - text_left_mm);

static_assert(domain::window_width_mm == recipient_zone.width_mm() - 2 * zone_inset_mm);

bool blank(std::string_view line) { return line.find_first_not_of(" \t") == std::string_view::npos; }

std::vector<std::string> without_blanks(const std::vector<std::string>& lines) {
  std::vector<std::string> kept;
  std::copy_if(lines.begin(), lines.end(), std::back_inserter(kept), [](const std::string& l) { return !blank(l); });
  return kept;
}

// "Name, street, city" at the comma before the street; a name may hold commas, too. "Name, city" is a major
// recipient's. Nothing to cut: all is name.
struct sender_parts {
  std::string name;
  std::string address;
};

sender_parts split_sender(const std::string& line) {
  const std::size_t city = line.rfind(", ");
  if (city == std::string::npos || city == 0) return {line, {}};
  const std::size_t street = line.rfind(", ", city - 1);
  if (street == std::string::npos) return {line.substr(0, city), line.substr(city + 2)};
  return {line.substr(0, street), line.substr(street + 2)};
}

void drop_last_character(std::string& utf8) {
  while (!utf8.empty() && (static_cast<unsigned char>(utf8.back()) & 0xC0U) == 0x80U) utf8.pop_back();
  if (!utf8.empty()) utf8.pop_back();
}

// The largest size up to the style's at which the text fits on one line.
double size_that_fits(const text_sheet& sheet, const std::string& text, const text_style& style, double width_pt) {
  constexpr double safety = 0.995;  // sizes are rounded to 1/1024 pt
  const double width = sheet.line(text, style).width_pt();
  return width <= width_pt ? style.size_pt : style.size_pt * width_pt / width * safety;
}

void draw_sender(text_sheet& sheet, const std::string& sender) {
  const double width = to_pt(sender_zone.width_mm() - 2 * zone_inset_mm);
  text_style style{.size_pt = sender_size_pt};
  std::string text = sender;
  style.size_pt = std::max(sender_size_min_pt, size_that_fits(sheet, text, style, width));
  // Street and city must stay: a letter that cannot be delivered comes back to them.
  auto [name, address] = split_sender(sender);
  while (!name.empty() && sheet.line(text, style).width_pt() > width) {
    drop_last_character(name);
    text = name + "…" + (address.empty() ? "" : ", " + address);
  }
  style.size_pt = size_that_fits(sheet, text, style, width);
  const text_block line = sheet.line(text, style);
  const double slack = to_pt(sender_zone.height_mm()) - line.height_pt();
  sheet.draw(line, style, to_pt(sender_zone.left_mm + zone_inset_mm) + line.overhang_pt(),
             to_pt(sender_zone.top_mm) + slack / 2);
}

// Centred in its zone. Six lines cannot keep the vertical inset at a leading one can read: they are set solid.
void draw_recipient(text_sheet& sheet, const domain::window_setting& set) {
  const double line_height = sheet.line("Ä", {.size_pt = domain::window_size_pt}).height_pt();
  const double gaps = static_cast<double>(set.lines.size() - 1);
  const double free = to_pt(recipient_zone.height_mm() - 2 * zone_inset_mm) - line_height;
  const double leading = gaps > 0 ? std::clamp(free / gaps, domain::window_size_pt, leading_max_pt) : 0;
  const double height = line_height + gaps * leading;
  double top = to_pt(recipient_zone.top_mm) + (to_pt(recipient_zone.height_mm()) - height) / 2;
  for (const std::string& text : set.lines) {
    text_style style{.size_pt = set.size_pt};
    // Another version of the font may be wider by a hair; ink never leaves the window.
    style.size_pt = size_that_fits(sheet, text, style, to_pt(domain::window_width_mm));
    const text_block line = sheet.line(text, style);
    sheet.draw(line, style, to_pt(recipient_zone.left_mm + zone_inset_mm) + line.overhang_pt(),
               top + (line_height - line.height_pt()) / 2);
    top += leading;
  }
}

void draw_letterhead(text_sheet& sheet, const std::string& sender) {
  const auto [name, address] = split_sender(sender);
  double top = to_pt(letterhead_top_mm);
  const text_block title = sheet.paragraph(name, name_style, text_width_pt, 2);
  sheet.draw(title, name_style, to_pt(text_left_mm), top);
  top += title.height_pt() + to_pt(1);
  if (!address.empty()) {
    const text_block where = sheet.paragraph(address, small_style, text_width_pt, 1);
    sheet.draw(where, small_style, to_pt(text_left_mm), top);
    top += where.height_pt();
  }
  sheet.draw_rule(to_pt(text_left_mm), top + to_pt(2), text_width_pt);
}

// Date, the sender's reference and the letter's id, right of the window.
void draw_info(text_sheet& sheet, const cover& words) {
  const double width = to_pt(text_right_mm - info_left_mm);
  double top = to_pt(info_top_mm);
  const auto row = [&](const std::string& label, const std::string& value) {
    if (blank(value)) return;
    const text_block name = sheet.paragraph(label, label_style, width, 1);
    sheet.draw(name, label_style, to_pt(info_left_mm), top);
    top += name.height_pt();
    const text_block text = sheet.paragraph(value, value_style, width, 1);
    sheet.draw(text, value_style, to_pt(info_left_mm), top);
    top += text.height_pt() + to_pt(2);
  };
  row("Datum", words.date);
  row("Unser Zeichen", words.reference);
  row("Sendung", words.letter_id);
}

void draw_text(text_sheet& sheet, const cover& words) {
  double top = to_pt(text_top_mm);
  if (!blank(words.subject)) {
    const text_block subject = sheet.paragraph(words.subject, subject_style, text_width_pt, 3);
    sheet.draw(subject, subject_style, to_pt(text_left_mm), top);
    top += subject.height_pt() + to_pt(7);
  }
  const text_block follows = sheet.paragraph(std::string(document_follows), body_style, text_width_pt, 0);
  sheet.draw(follows, body_style, to_pt(text_left_mm), top);
  top += follows.height_pt() + to_pt(7);
  std::string notes;
  for (const std::string& note : without_blanks(words.notes)) notes += (notes.empty() ? "" : "\n") + note;
  if (notes.empty()) return;
  const text_block list = sheet.paragraph(notes, note_style, text_width_pt, 0, to_pt(text_bottom_mm) - top);
  sheet.draw(list, note_style, to_pt(text_left_mm), top);
}

bool printable_address(const text_sheet& sheet, const cover& words) {
  const auto complete = [&](const std::string& text) { return sheet.line(text, value_style).complete(); };
  return complete(words.sender_line) &&
         std::all_of(words.recipient_lines.begin(), words.recipient_lines.end(), complete);
}

domain::result<void> check_line(const std::string& text, const std::string& pointer) {
  const auto length = domain::count_code_points(text, false);
  if (!length) return domain::fail_field(domain::error_code::invalid, pointer, length.error());
  if (*length > cover_line_length_max)
    return domain::fail_field(domain::error_code::invalid, pointer, "must have at most 300 characters");
  return {};
}

domain::result<void> check_lines(const std::vector<std::string>& lines, const std::string& pointer) {
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (auto ok = check_line(lines[i], pointer + "/" + std::to_string(i)); !ok) return ok;
  return {};
}

}  // namespace

domain::result<void> check_cover(const cover& words) {
  using domain::error_code;
  if (blank(words.sender_line)) return domain::fail_field(error_code::invalid, "/sender_line", "must not be blank");
  const std::size_t lines = without_blanks(words.recipient_lines).size();
  if (lines == 0 || lines > domain::window_lines_max)
    return domain::fail_field(error_code::invalid, "/recipient_lines", "must have 1 to 6 lines");
  if (words.notes.size() > cover_notes_max)
    return domain::fail_field(error_code::invalid, "/notes", "must have at most 40 lines");
  if (auto ok = check_line(words.sender_line, "/sender_line"); !ok) return ok;
  if (auto ok = check_line(words.subject, "/subject"); !ok) return ok;
  if (auto ok = check_line(words.date, "/date"); !ok) return ok;
  if (auto ok = check_line(words.reference, "/reference"); !ok) return ok;
  if (auto ok = check_line(words.letter_id, "/letter_id"); !ok) return ok;
  if (auto ok = check_lines(words.recipient_lines, "/recipient_lines"); !ok) return ok;
  return check_lines(words.notes, "/notes");
}

std::optional<finding_code> unprintable(const cover& words) {
  const auto lacks = [](const std::string& line) { return domain::unprintable_sign(line).has_value(); };
  if (lacks(words.sender_line) || std::any_of(words.recipient_lines.begin(), words.recipient_lines.end(), lacks))
    return finding_code::unprintable_address;
  if (!domain::set_in_window(words.recipient_lines)) return finding_code::address_too_long;
  return std::nullopt;
}

domain::result<domain::bytes> draw_cover(const cover_fonts& fonts, const cover& words) {
  if (auto ok = check_cover(words); !ok) return std::unexpected(ok.error());
  const auto refuse = [](finding_code why) {
    return domain::fail(domain::error_code::invalid, std::string(sentence_of(why)));
  };
  if (const auto why = unprintable(words)) return refuse(*why);
  text_sheet sheet(fonts);
  if (!printable_address(sheet, words)) return refuse(finding_code::unprintable_address);
  draw_letterhead(sheet, words.sender_line);
  draw_sender(sheet, words.sender_line);
  draw_info(sheet, words);
  draw_recipient(sheet, *domain::set_in_window(words.recipient_lines));
  draw_text(sheet, words);
  return sheet.finish();
}

}  // namespace elsec::postal
