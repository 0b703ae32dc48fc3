#include "domain/folding.hpp"

#include "domain/fields.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <unicode/uchar.h>
#include <unicode/uversion.h>
#include <vector>

using namespace elsec::domain;

BOOST_AUTO_TEST_SUITE(folding)

BOOST_AUTO_TEST_CASE(words_of_protocols_lose_the_case_of_ascii_letters_only) {
  BOOST_TEST(lower_ascii("Text/HTML; Ü \xFF") == "text/html; Ü \xFF");
  BOOST_TEST(lower_ascii("").empty());
}

BOOST_AUTO_TEST_CASE(a_name_is_the_same_in_any_case_and_composition) {
  BOOST_TEST(fold_case("MÜLLER@Example.ORG") == "müller@example.org");
  BOOST_TEST(fold_case("Mu\u0308ller") == fold_case("M\u00FCLLER"));
  BOOST_TEST(fold_case("STRASSE") == fold_case("straße"));
  BOOST_TEST(fold_case("") == "");
}

BOOST_AUTO_TEST_CASE(what_nothing_shows_makes_no_other_name) {
  BOOST_TEST(fold_case("brief.e\u200Bxe") == "brief.exe");
  BOOST_TEST(fold_case("brief.\uFF25\uFF38\uFF25") == "brief.exe");  // full width
}

BOOST_AUTO_TEST_CASE(accents_make_another_name) {
  BOOST_TEST(fold_case("jürgen@example.org") != fold_case("jurgen@example.org"));
}

BOOST_AUTO_TEST_CASE(words_are_found_however_they_were_typed) {
  for (const auto* typed :
       {"Müller-Straße", "MÜLLER-STRASSE", "Mu\u0308ller-Stra\u00DFe", "Mueller-Strasse", "muller-strasse"})
    BOOST_TEST(fold(typed) == "muller-strasse", typed);
  for (const auto* typed : {"Köln", "Koeln", "KOELN", "Ko\u0308ln", "koln"}) BOOST_TEST(fold(typed) == "koln", typed);
  for (const auto* typed : {"Bäder", "Baeder", "BAEDER"}) BOOST_TEST(fold(typed) == "bader", typed);
}

BOOST_AUTO_TEST_CASE(latin_letters_of_other_languages_are_found_as_ascii) {
  BOOST_TEST(fold("ÇÉÎÑŠ Łódź Øystein ý") == "ceins lodz oystein y");
  BOOST_TEST(fold("Æsir") == fold("Aesir"));
}

BOOST_AUTO_TEST_CASE(folding_keeps_other_scripts_and_signs) {
  BOOST_TEST(fold("ж € 😀 12-×÷") == "ж € 😀 12-×÷");
  BOOST_TEST(fold("שלום") == "שלום");
  BOOST_TEST(fold("").empty());
}

// Names are written with or without these marks, and searched for without.
BOOST_AUTO_TEST_CASE(arabic_hebrew_and_syriac_are_found_without_their_points) {
  BOOST_TEST(fold("مُسْتَشْفَى") == "مستشفى");
  BOOST_TEST(fold("السَّلَامُ") == fold("السلام"));
  for (char32_t mark = 0x064B; mark <= 0x0652; ++mark) {
    const std::string utf8{static_cast<char>(0xC0 | mark >> 6), static_cast<char>(0x80 | (mark & 0x3F))};
    BOOST_TEST(fold("ب" + utf8) == "ب", static_cast<std::uint32_t>(mark));
  }
  BOOST_TEST(fold("\u0670ا") == "ا");                        // the superscript alef
  BOOST_TEST(fold("أحمد إ آ") == fold("احمد ا ا"));          // composed with hamza and madda
  BOOST_TEST(fold("ا\u0654") == fold("أ"));                  // and apart
  BOOST_TEST(fold("محـــمد") == fold("محمد"));               // stretched
  BOOST_TEST(fold("שָׁלוֹם") == "שלום");                        // points
  BOOST_TEST(fold("\uFB2A") == "ש");                         // composed
  BOOST_TEST(fold("בְּרֵאשִׁ֖ית") == "בראשית");                    // points and accents
  BOOST_TEST(fold("\u0710\u0730\u0712") == "\u0710\u0712");  // Syriac
}

BOOST_AUTO_TEST_CASE(marks_that_are_always_written_stay) {
  for (const auto* text : {"हिन्दी", "ไทย", "தமிழ்", "ދިވެހި"}) BOOST_TEST(fold(text) == text, text);
}

BOOST_AUTO_TEST_CASE(what_folds_are_made_by_has_a_name) {
  UVersionInfo version{};
  u_getVersion(version);
  const auto icu = "ICU " + std::to_string(version[0]) + ".";
  u_getUnicodeVersion(version);
  const auto unicode = "Unicode " + std::to_string(version[0]) + ".";
  BOOST_TEST(folding_origin().contains(icu));
  BOOST_TEST(folding_origin().contains(unicode));
  BOOST_TEST(folding_origin() == folding_origin());
}

BOOST_AUTO_TEST_CASE(folding_twice_changes_nothing) {
  for (const auto* text : {"Müller-Straße", "ÆØÅ", "Ж", "aee", "uee", "İ", "a\xFF\xC3", "مُسْتَشْفَى أ", "שָׁלוֹם\uFB2A"})
    BOOST_TEST(fold(fold(text)) == fold(text), text);
}

// The index holds folded words; a search for their beginnings must find them (R8).
BOOST_AUTO_TEST_CASE(a_beginning_folds_to_a_beginning) {
  for (const std::string word :
       {"Mueller", "Müller", "Mu\u0308ller", "Bauer", "Aeueoe", "Straße", "Łódź", "مُسْتَشْفَى", "أحـمد", "שָׁלוֹם"})
    for (std::size_t end = 0; end <= word.size(); ++end) {
      const auto beginning = word.substr(0, utf8_prefix(word.substr(0, end)));
      BOOST_TEST(fold(word).starts_with(fold(beginning)), word << " " << beginning);
    }
}

BOOST_AUTO_TEST_CASE(threads_fold_at_the_same_time) {
  std::vector<std::future<bool>> all;
  for (int i = 0; i < 4; ++i)
    all.push_back(std::async(std::launch::async, [] {
      bool good = true;
      for (int round = 0; round < 200; ++round)
        good = good && fold("Müller-Straße in Łódź") == "muller-strasse in lodz";
      return good;
    }));
  for (auto& each : all) BOOST_TEST(each.get());
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_utf8_become_a_sign_of_their_own) {
  BOOST_TEST(fold_case("A\xFF") == "a\uFFFD");
  BOOST_TEST(fold("A\xFF") == "a\uFFFD");
}

// U+202E vanishes; its bytes around it must not become another one.
BOOST_AUTO_TEST_CASE(bytes_that_are_not_utf8_make_no_character_when_one_between_them_vanishes) {
  const std::string_view text = "\xE2\x80\xE2\x80\xAE\xAE";
  BOOST_TEST(fold_case(fold_case(text)) == fold_case(text));
  BOOST_TEST(fold(fold(text)) == fold(text));
}

BOOST_AUTO_TEST_SUITE_END()
