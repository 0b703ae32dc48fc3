// Requirement R7: the cover page fits the print centre's template.

#include "postal/cover_page.hpp"

#include "domain/window_font.hpp"
#include "postal/page.hpp"
#include "postal/text_sheet.hpp"
#include "tests/postal/support.hpp"

#include <random>

namespace elsec::postal::testing {
namespace {

constexpr int print_dpi = 300;

const cover_fonts& fonts() {
  static const cover_fonts loaded = cover_fonts::load().value();
  return loaded;
}

domain::bytes draw(const cover& words) {
  const auto pdf = draw_cover(fonts(), words);
  BOOST_REQUIRE_MESSAGE(pdf.has_value(), (pdf ? "" : pdf.error().detail));
  return *pdf;
}

// Inputs at their worst, beside an ordinary one.
std::vector<cover> covers() {
  std::vector<cover> all{example_cover()};
  cover umlauts = example_cover();
  umlauts.sender_line = "Universitätsklinikum Ärzteübergäßchen, Große Höhenstraße 12ß, 01234 Öhringen";
  umlauts.recipient_lines = {"Herrn Prof. Dr. Jürgen Ößwald-Äßling", "Łukasz Żółć c/o Çelik", "Überführungsgäßchen 3",
                             "97993 Creglingen-Münster", "ŠVÝCARSKO"};
  all.push_back(umlauts);
  cover six = example_cover();
  six.recipient_lines = {
      "Ägyptische Gjpqy-Gesellschaft", "Ärztliche Leitung", "Ödön Gjpqy", "Gebäude Ü", "Überweg 1", "ÄGYPTEN gjpqy"};
  all.push_back(six);
  cover longest = example_cover();
  longest.sender_line =
      "Gemeinnützige Krankenhausbetriebsgesellschaft mit beschränkter Haftung der Landkreise "
      "Musterhausen, Beispielstadt und Neustadt an der Weinstraße, Am alten Güterbahnhof 117, "
      "12345 Musterstadt an der Musterach";
  longest.recipient_lines = std::vector<std::string>(6, "Zentrum für Anästhesiologie und Notfallmedizin Musterort");
  longest.subject = std::string(290, 'W');
  longest.notes = std::vector<std::string>(
      40, "Anlage: Laborbefunde, Röntgenaufnahmen und Medikationsplan " + std::string(200, 'x'));
  longest.reference = std::string(300, '9');
  longest.date = std::string(300, '1');
  all.push_back(longest);
  cover unbroken = example_cover();
  unbroken.sender_line = std::string(300, 'W');
  unbroken.recipient_lines = {std::string(110, 'W'), std::string(200, 'j')};
  all.push_back(unbroken);
  return all;
}

bool inside(const word& w, const zone& z) {
  constexpr double slack_mm = 0.6;  // boxes of words include the font's whole height
  return w.left_mm >= z.left_mm && w.right_mm <= z.right_mm && w.top_mm >= z.top_mm - slack_mm &&
         w.bottom_mm <= z.bottom_mm + slack_mm;
}

std::string text_in(const std::vector<word>& words, const zone& where) {
  std::string text;
  for (const word& w : words)
    if (inside(w, where)) text += (text.empty() ? "" : " ") + w.text;
  return text;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : " ") + line;
  return text;
}

void check_zones(const image& page) {
  // Nothing around and between the zones of sender and recipient, of which the franking zone is a part.
  BOOST_TEST(!page.ink_in(23, 50.5, 108, 69));
  BOOST_TEST(!page.ink_in(0, 40, 25, 110));
  BOOST_TEST(!page.ink_in(106, 40, 124, 110));
  BOOST_TEST(!page.ink_in(20, 38, 124, 45));
  BOOST_TEST(!page.ink_in(20, 90, 124, 112));
  BOOST_TEST(page.ink_in(25, 45, 106, 50.5));
  BOOST_TEST(page.ink_in(25, 69, 106, 90));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cover_page, *boost::unit_test::label("R7"))

BOOST_AUTO_TEST_CASE(is_one_page_of_exactly_a4) {
  const temp_folder folder;
  write_file(folder.in("cover.pdf"), draw(example_cover()));
  const std::string info = output_of("pdfinfo -box " + folder.in("cover.pdf"));
  BOOST_TEST(info.find("Pages:           1\n") != std::string::npos);
  BOOST_TEST(info.find("595.276 x 841.89 pts (A4)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(franking_zone_has_not_a_single_pixel_and_texts_keep_to_their_zones) {
  for (const cover& words : covers()) {
    const auto pages = print(draw(words), print_dpi);
    BOOST_REQUIRE_EQUAL(pages.size(), 1U);
    check_zones(pages[0]);
  }
}

BOOST_AUTO_TEST_CASE(margins_left_strip_and_fold_stay_free) {
  for (const cover& words : covers()) {
    const image page = print(draw(words), print_dpi).at(0);
    BOOST_TEST(!page.ink_in(0, 0, 2, 297));
    BOOST_TEST(!page.ink_in(0, 90, 12, 297));
    BOOST_TEST(!page.ink_in(0, 0, 210, 2));
    BOOST_TEST(!page.ink_in(208, 0, 210, 297));
    BOOST_TEST(!page.ink_in(0, 295, 210, 297));
    BOOST_TEST(!page.ink_in(0, fold_mm - fold_clearance_mm, 210, fold_mm + fold_clearance_mm));
  }
}

BOOST_AUTO_TEST_CASE(random_words_never_leave_their_zones) {
  std::mt19937 random(7);
  const std::vector<std::string> letters{"a", "W", "j", "Ä", "ß", " ", " ", "g", "-", ",", "ű", "1"};
  const auto text = [&](std::size_t length_max) {
    std::string made = "x";
    for (std::size_t i = random() % length_max; i > 0; --i) made += letters[random() % letters.size()];
    return made;
  };
  for (int round = 0; round < 12; ++round) {
    cover words{.sender_line = text(250)};
    for (std::size_t i = 1 + random() % 6; i > 0; --i) words.recipient_lines.push_back(text(40));
    words.subject = text(250);
    check_zones(print(draw(words), 150).at(0));
  }
}

BOOST_AUTO_TEST_CASE(sender_and_recipient_are_printed_in_full) {
  for (std::size_t i = 0; i < 3; ++i) {
    const cover words = covers()[i];
    const auto found = words_of(draw(words));
    BOOST_TEST(text_in(found, sender_zone) == words.sender_line);
    BOOST_TEST(text_in(found, recipient_zone) == joined(words.recipient_lines));
  }
}

BOOST_AUTO_TEST_CASE(long_recipient_line_takes_a_spare_line_in_full) {
  cover words = example_cover();
  words.recipient_lines[0] = "Zentrum für Anästhesiologie, Intensivmedizin, Notfallmedizin und Schmerztherapie";
  BOOST_TEST(text_in(words_of(draw(words)), recipient_zone) == joined(words.recipient_lines));
}

BOOST_AUTO_TEST_CASE(six_long_recipient_lines_are_set_smaller_and_not_cut) {
  const cover words = covers()[3];
  BOOST_TEST(text_in(words_of(draw(words)), recipient_zone) == joined(words.recipient_lines));
}

// Six lines that would have to be smaller than one can read.
BOOST_AUTO_TEST_CASE(recipient_that_could_not_be_read_is_refused) {
  cover words = example_cover();
  words.recipient_lines = {std::string(200, 'n'), "Station 3b", "z. Hd. Frau Beispiel",
                           "Ringweg 7",           "1010 Wien",  "ÖSTERREICH"};
  BOOST_CHECK(unprintable(words) == finding_code::address_too_long);
  const auto pdf = draw_cover(fonts(), words);
  BOOST_REQUIRE(!pdf);
  BOOST_CHECK(pdf.error().code == domain::error_code::invalid);
  BOOST_CHECK(!unprintable(example_cover()));
}

// The rule that requests are held against knows the font by a table. It may know less than the installed one has, never
// more, and no sign is wider than it says (nor than the ink that hangs over, for which the rule leaves room).
BOOST_AUTO_TEST_CASE(the_table_of_the_font_promises_nothing_that_the_font_does_not_keep) {
  const text_sheet sheet(fonts());
  constexpr double size_pt = 100;
  constexpr double slack_pt = 0.2;
  std::size_t known = 0;
  for (char32_t sign = 0x20; sign < 0xFB10; ++sign) {
    if (FcCharSetHasChar(fonts().get().characters.get(), sign) == FcFalse || (sign >= 0x7F && sign < 0xA0)) continue;
    std::string text(6, '\0');
    text.resize(static_cast<std::size_t>(g_unichar_to_utf8(sign, text.data())));
    if (domain::unprintable_sign(text)) continue;
    const auto printed = domain::as_printed(text);
    BOOST_TEST_CONTEXT("U+" << std::hex << static_cast<std::uint32_t>(sign)) {
      BOOST_TEST(sheet.line(text, {.size_pt = size_pt}).complete());
      PangoRectangle logical{};
      pango_layout_get_extents(sheet.line(text, {.size_pt = size_pt}).get(), nullptr, &logical);
      double width_em = 0;
      for (const auto& one : printed) width_em += one.width_em;
      BOOST_TEST(pango_units_to_double(logical.width) <= width_em * size_pt + slack_pt);
    }
    ++known;
  }
  BOOST_TEST(known > 600U);
}

BOOST_AUTO_TEST_CASE(sender_too_long_to_be_legible_loses_its_name_and_keeps_street_and_city) {
  const std::string sender = text_in(words_of(draw(covers()[3])), sender_zone);
  BOOST_TEST(sender.starts_with("Gemeinnützige Kranken"));
  BOOST_TEST(sender.ends_with("…, Am alten Güterbahnhof 117, 12345 Musterstadt an der Musterach"));
}

BOOST_AUTO_TEST_CASE(blank_recipient_lines_leave_no_gap) {
  cover words = example_cover();
  words.recipient_lines = {"Frau Erika Beispiel", "", "  ", "Ringweg 7", "", "53115 Musterhausen", ""};
  BOOST_TEST(words_of(draw(words)).size() == words_of(draw(example_cover())).size());
  BOOST_TEST(draw(words) == draw(example_cover()), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(recipient_is_centred_vertically) {
  for (const std::size_t lines : {1U, 2U, 3U, 4U, 5U, 6U}) {
    cover words = example_cover();
    words.recipient_lines = std::vector<std::string>(lines, "ÄÄgg");
    const auto found = words_of(draw(words));
    double top = 297, bottom = 0;
    for (const word& w : found)
      if (inside(w, recipient_zone)) top = std::min(top, w.top_mm), bottom = std::max(bottom, w.bottom_mm);
    BOOST_TEST(std::abs((top + bottom) / 2 - (69 + 90) / 2.0) < 0.5);
  }
}

BOOST_AUTO_TEST_CASE(says_what_follows_and_carries_date_subject_reference_and_notes) {
  const cover words = example_cover();
  std::string text;
  for (const word& w : words_of(draw(words))) text += w.text + " ";
  BOOST_TEST(text.find("Es folgt das Dokument") != std::string::npos);
  for (const std::string& part : {words.date, words.subject, words.reference, words.letter_id, words.notes[0]})
    BOOST_TEST(text.find(part) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(fonts_are_embedded_and_no_others_used) {
  const temp_folder folder;
  write_file(folder.in("cover.pdf"), draw(covers()[1]));
  const std::string list = output_of("pdffonts " + folder.in("cover.pdf") + " | tail -n +3");
  BOOST_TEST(list.find("LiberationSans") != std::string::npos);
  std::istringstream lines(list);
  for (std::string line; std::getline(lines, line);) {
    BOOST_TEST(line.find("LiberationSans") != std::string::npos);
    BOOST_TEST(line.find(" yes yes ") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(address_the_font_cannot_print_is_refused) {
  cover words = example_cover();
  words.recipient_lines[0] = "王秀英";
  const auto pdf = draw_cover(fonts(), words);
  BOOST_REQUIRE(!pdf);
  BOOST_TEST((pdf.error().code == domain::error_code::invalid));
}

BOOST_AUTO_TEST_CASE(accents_the_font_lacks_are_left_out) {
  cover words = example_cover();
  words.recipient_lines[0] = "Nguyễn Thị Ḃ";
  BOOST_TEST(text_in(words_of(draw(words)), recipient_zone) == "Nguyên Thi B Ringweg 7 53115 Musterhausen");
}

BOOST_AUTO_TEST_CASE(subject_the_font_cannot_print_is_no_reason_to_refuse) {
  cover words = example_cover();
  words.subject = "Befund 王秀英 😀";
  check_zones(print(draw(words), 100).at(0));
}

BOOST_AUTO_TEST_CASE(words_that_cannot_stand_on_a_cover_name_the_offending_part) {
  const auto pointer_of = [](auto change) {
    cover words = example_cover();
    change(words);
    const auto ok = check_cover(words);
    return ok || ok.error().fields.empty() ? std::string() : ok.error().fields[0].pointer;
  };
  BOOST_TEST(pointer_of([](cover&) {}) == "");
  BOOST_TEST(pointer_of([](cover& c) { c.sender_line = " "; }) == "/sender_line");
  BOOST_TEST(pointer_of([](cover& c) { c.sender_line = "A\nB"; }) == "/sender_line");
  BOOST_TEST(pointer_of([](cover& c) { c.recipient_lines.clear(); }) == "/recipient_lines");
  BOOST_TEST(pointer_of([](cover& c) { c.recipient_lines.assign(7, "x"); }) == "/recipient_lines");
  BOOST_TEST(pointer_of([](cover& c) { c.recipient_lines[1] = "\x1b[2J"; }) == "/recipient_lines/1");
  BOOST_TEST(pointer_of([](cover& c) { c.subject = "\xff"; }) == "/subject");
  BOOST_TEST(pointer_of([](cover& c) { c.notes = {std::string(301, 'x')}; }) == "/notes/0");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::postal::testing
