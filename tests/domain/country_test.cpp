#include "domain/country.hpp"

#include <boost/test/unit_test.hpp>

using namespace elsec::domain;

BOOST_AUTO_TEST_SUITE(countries)

BOOST_AUTO_TEST_CASE(R7_a_country_is_known_by_its_codes_and_its_german_and_english_names) {
  for (const auto* written :
       {"AT", "at", "AUT", "Österreich", "OESTERREICH", "O\u0308sterreich", "Austria", " Austria "})
    BOOST_TEST(country_code_of(written).value_or("") == "AT", written);
  for (const auto* written : {"DE", "DEU", "Deutschland", "Germany", "BRD", "Bundesrepublik Deutschland"})
    BOOST_TEST(country_code_of(written).value_or("") == "DE", written);
  for (const auto* written : {"GB", "UK", "England", "Großbritannien", "Vereinigtes Königreich", "United Kingdom"})
    BOOST_TEST(country_code_of(written).value_or("") == "GB", written);
  BOOST_TEST(country_code_of("Bosnien-Herzegowina").value_or("") == "BA");
  BOOST_TEST(country_code_of("Türkei").value_or("") == "TR");
}

BOOST_AUTO_TEST_CASE(R7_dots_apostrophes_accents_and_blanks_make_no_difference) {
  const std::pair<std::string_view, std::vector<const char*>> names[] = {
      {"CI", {"Côte d’Ivoire", "Côte d'Ivoire", "Cote d'Ivoire", "cote divoire", "Elfenbeinküste", "Ivory Coast"}},
      {"TR", {"Türkiye", "Turkiye", "TÜRKEI", "Tuerkei", "Turkey"}},
      {"PS", {"Palästina", "Palaestina", "Palestine"}},
      {"VA", {"Vatikan", "Vatikanstadt", "Vatikan-Stadt", "Vatican City"}},
      {"MD", {"Moldau", "Moldawien", "Republik Moldau", "Moldova"}},
      {"CV", {"Kap Verde", "Kapverde", "Cabo Verde", "Cape Verde"}},
      {"SZ", {"Swasiland", "Swaziland", "Eswatini"}},
      {"MM", {"Burma", "Birma", "Myanmar", "Myanmar (Burma)"}},
      {"US", {"U.S.A.", "USA", "U. S. A.", "U.S.", "Vereinigte Staaten von Amerika", "The United States of America"}},
      {"GB", {"U.K.", "UK", "U. K.", "The United Kingdom"}},
      {"DE", {"B.R.D.", "BR Deutschland", "B. R. Deutschland", "Bundesrepublik", "Bundesrepublik Deutschland"}},
      {"CD",
       {"DR Kongo", "D.R. Kongo", "DR Congo", "Demokratische Republik Kongo", "Kongo (Demokratische Republik)",
        "Democratic Republic of the Congo", "Kongo-Kinshasa", "Congo Kinshasa"}},
      {"CG", {"Republik Kongo", "Republic of the Congo", "Kongo (Brazzaville)"}},
      {"TT", {"Trinidad und Tobago", "Trinidad and Tobago", "Trinidad & Tobago"}},
      {"LC", {"St. Lucia", "Saint Lucia", "Sankt Lucia", "Saint-Lucia"}},
      {"BA", {"Bosnien und Herzegowina", "Bosnien-Herzegowina", "Bosnien & Herzegowina"}},
  };
  for (const auto& [code, spellings] : names)
    for (const auto* written : spellings) BOOST_TEST(country_code_of(written).value_or("") == code, written);
}

BOOST_AUTO_TEST_CASE(R7_a_name_that_several_countries_have_names_the_choices) {
  for (const auto* written : {"Kongo", "Congo", "KONGO ", "Korea", "Virgin Islands"}) {
    BOOST_TEST(!country_code_of(written).has_value(), written);
    BOOST_TEST(countries_meant_by(written).has_value(), written);
  }
  BOOST_TEST(countries_meant_by("Kongo").value_or("") == "Kongo-Kinshasa (CD) or Kongo-Brazzaville (CG)");
  BOOST_TEST(!countries_meant_by("Österreich").has_value());
  BOOST_TEST(!countries_meant_by("Musterland").has_value());
}

BOOST_AUTO_TEST_CASE(what_names_no_country_is_none) {
  for (const auto* written : {"", "-", "A", "Musterland", "XX", "Öster", "ZZ", "AE Österreich"})
    BOOST_TEST(!country_code_of(written).has_value(), written);
  BOOST_TEST(country_code_of("AE").value_or("") == "AE");  // a code, no umlaut
}

BOOST_AUTO_TEST_CASE(R7_letters_show_the_german_name_in_capitals) {
  BOOST_TEST(country_line("AT") == "ÖSTERREICH");
  BOOST_TEST(country_line("CH") == "SCHWEIZ");
  BOOST_TEST(country_line("GB") == "VEREINIGTES KÖNIGREICH");
  BOOST_TEST(country_line("weißes Land") == "WEISSES LAND");
}

BOOST_AUTO_TEST_CASE(a_country_is_kept_as_its_code_and_germany_as_none) {
  BOOST_TEST(country::parse("Österreich")->str() == "AT");
  BOOST_TEST(!country::parse("Österreich")->stands_for_none());
  BOOST_TEST(country::parse("brd")->stands_for_none());
  BOOST_TEST(country().stands_for_none());
  BOOST_TEST(!country::parse("A").has_value());
}

// Rows and cards from before hold countries as they were typed.
BOOST_AUTO_TEST_CASE(a_name_that_nobody_knows_stays_readable) {
  const auto kept = country::parse("Musterland");
  BOOST_REQUIRE(kept.has_value());
  BOOST_TEST(kept->str() == "Musterland");
  BOOST_TEST(!kept->is_known());
  BOOST_CHECK(*country::parse(kept->str()) == *kept);
}

BOOST_AUTO_TEST_SUITE_END()
