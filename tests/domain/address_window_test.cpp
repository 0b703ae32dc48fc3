// How addresses are set in the window: never smaller than one can read.

#include "domain/address_window.hpp"

#include "domain/window_font.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace elsec::domain;

namespace {

using strings = std::vector<std::string>;

double width_mm(const std::string& line, double size_pt) {
  double width_em = 0;
  for (const auto& sign : as_printed(line)) width_em += sign.width_em;
  return width_em * size_pt / 72 * 25.4;
}

std::string without_blanks(const strings& lines) {
  std::string text;
  for (const auto& line : lines)
    for (const char c : line)
      if (c != ' ') text += c;
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(address_windows)

BOOST_AUTO_TEST_CASE(R7_short_lines_stand_as_they_are_in_the_full_size) {
  const auto set = set_in_window({"Erika Beispiel", "", "Ringweg 7", " ", "53115 Musterhausen"});
  BOOST_REQUIRE(set.has_value());
  BOOST_TEST(set->size_pt == window_size_pt);
  BOOST_TEST(set->lines == (strings{"Erika Beispiel", "Ringweg 7", "53115 Musterhausen"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(R7_a_line_that_fits_in_a_smaller_size_is_not_broken) {
  const auto set = set_in_window({std::string(48, 'n'), "53115 Musterhausen"});
  BOOST_REQUIRE(set.has_value());
  BOOST_TEST(set->size_pt < window_size_pt);
  BOOST_TEST(set->size_pt >= window_size_min_pt);
  BOOST_TEST(set->lines.size() == 2U);
}

BOOST_AUTO_TEST_CASE(R7_a_longer_line_breaks_at_blanks_and_hyphens) {
  const auto set = set_in_window(
      {"Zentrum für Anästhesiologie und Intensivmedizin, Unfallchirurgie-und-Schmerztherapie-Musterort", "1010 Wien"});
  BOOST_REQUIRE(set.has_value());
  BOOST_TEST(set->size_pt == window_size_pt);
  BOOST_TEST(set->lines == (strings{"Zentrum für Anästhesiologie und Intensivmedizin,",
                                    "Unfallchirurgie-und-Schmerztherapie-Musterort", "1010 Wien"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(R7_six_lines_are_the_end_and_a_longer_text_is_set_nowhere) {
  BOOST_TEST(set_in_window(strings(6, "n")).has_value());
  BOOST_TEST(!set_in_window(strings(7, "n")).has_value());
  BOOST_TEST(set_in_window({std::string(200, 'n'), "Ringweg 7", "1010 Wien"}).has_value());
  BOOST_TEST(!set_in_window({std::string(200, 'n'), "A", "B", "Ringweg 7", "1010 Wien", "ÖSTERREICH"}).has_value());
  BOOST_TEST(!set_in_window({std::string(300, 'W')}).has_value());
}

BOOST_AUTO_TEST_CASE(R7_whatever_is_set_is_whole_legible_and_inside_the_window) {
  std::mt19937 random(7);
  const strings letters{"a", "W", "j", "Ä", "ß", " ", " ", "g", "-", ",", "ű", "1", "ё", "Ω"};
  for (int round = 0; round < 300; ++round) {
    strings lines(1 + random() % 6);
    for (auto& line : lines) {
      line = "x";
      for (std::size_t i = random() % 90; i > 0; --i) line += letters[random() % letters.size()];
    }
    const auto set = set_in_window(lines);
    if (!set) continue;
    BOOST_TEST(set->size_pt >= window_size_min_pt);
    BOOST_TEST(set->lines.size() <= window_lines_max);
    BOOST_TEST(without_blanks(set->lines) == without_blanks(lines));
    for (const auto& line : set->lines) BOOST_TEST(width_mm(line, set->size_pt) <= window_width_mm);
  }
}

BOOST_AUTO_TEST_SUITE_END()
