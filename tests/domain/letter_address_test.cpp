// What stands in an address window, and what can be told of it before anybody pays.

#include "domain/letter_address.hpp"

#include <boost/test/unit_test.hpp>

using namespace elsec::domain;

namespace {

address in_city(const char* postal_code, const char* city) {
  return {.street = *text<1, 80>::parse("Ringweg 7"),
          .postal_code = *text<1, 20>::parse(postal_code),
          .city = *text<1, 80>::parse(city)};
}

address on_street(const char* street) {
  auto where = in_city("53115", "Musterhausen");
  where.street = *text<1, 80>::parse(street);
  return where;
}

address of_major_recipient() {
  auto where = in_city("01058", "Dresden");
  where.street.reset();
  return where;
}

address in_box(const char* number, const char* country = nullptr) {
  auto where = in_city("12301", "Musterstadt");
  where.street.reset();
  where.po_box = *text<1, 20>::parse(number);
  if (country != nullptr) where.country = *country::parse(country);
  return where;
}

std::string pointer_of(const std::optional<field_error>& why) { return why ? why->pointer : ""; }

std::vector<std::string> pointers_of(const address& where) {
  std::vector<field_error> errors;
  check(where, errors);
  std::vector<std::string> pointers;
  for (const auto& error : errors) pointers.push_back(error.pointer);
  return pointers;
}

std::vector<std::string> codes_of(const std::vector<letter_finding>& findings) {
  std::vector<std::string> codes;
  for (const auto& finding : findings) codes.push_back(finding.code);
  return codes;
}

using strings = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(letter_addresses)

BOOST_AUTO_TEST_CASE(R7_a_domestic_address_names_no_country) {
  for (const auto* germany : {"Deutschland", "DE", "deu", "BRD", "Germany"}) {
    auto where = in_city("53115", "Musterhausen");
    where.country = *country::parse(germany);
    BOOST_TEST(address_lines("Erika Beispiel", where) == (strings{"Erika Beispiel", "Ringweg 7", "53115 Musterhausen"}),
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(R7_an_address_abroad_ends_with_the_country_in_german_capitals) {
  for (const auto* austria : {"AT", "aut", "Österreich", "Oesterreich", "Austria"}) {
    auto where = in_city("1010", "Wien");
    where.country = *country::parse(austria);
    BOOST_TEST(address_lines("Erika Beispiel", where).back() == "ÖSTERREICH", austria);
  }
}

BOOST_AUTO_TEST_CASE(R7_a_country_that_nobody_knows_is_refused) {
  auto where = in_city("1010", "Wien");
  where.country = *country::parse("Musterland");
  BOOST_TEST(pointers_of(where) == strings{"/country"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(R7_a_country_that_may_be_two_is_refused_with_the_choices) {
  auto where = in_city("1010", "Wien");
  where.country = *country::parse("Korea");
  std::vector<field_error> errors;
  check(where, errors);
  BOOST_REQUIRE(errors.size() == 1U);
  BOOST_TEST(errors.front().pointer == "/country");
  BOOST_TEST(errors.front().detail == "may be Südkorea (KR) or Nordkorea (KP); name one of them");
}

BOOST_AUTO_TEST_CASE(R7_the_window_has_at_most_six_lines) {
  auto where = in_city("1010", "Wien");
  where.country = *country::parse("AT");
  where.extra = {*text<1, 80>::parse("z. Hd. Frau Muster"), *text<1, 80>::parse("Station 3b")};
  BOOST_TEST(address_lines("Klinik", where) ==
                 (strings{"Klinik", "z. Hd. Frau Muster", "Station 3b", "Ringweg 7", "1010 Wien", "ÖSTERREICH"}),
             boost::test_tools::per_element());
  BOOST_TEST(pointers_of(where).empty());
  where.extra->push_back(*text<1, 80>::parse("c/o Beispiel"));
  BOOST_TEST(pointers_of(where) == strings{"/extra/2"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(R7_a_major_recipient_needs_no_street) {
  const auto where = of_major_recipient();
  BOOST_TEST(pointers_of(where).empty());
  BOOST_TEST(address_lines("AOK PLUS", where) == (strings{"AOK PLUS", "01058 Dresden"}),
             boost::test_tools::per_element());
  BOOST_TEST(codes_of(doubts_about("AOK PLUS", where)) == strings{"street_missing"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(abroad_a_street_or_a_box_is_needed) {
  auto where = of_major_recipient();
  where.country = *country::parse("AT");
  BOOST_TEST(pointers_of(where) == strings{"/street"}, boost::test_tools::per_element());
  BOOST_TEST(pointers_of(in_box("1", "AT")).empty());
}

BOOST_AUTO_TEST_CASE(R7_a_box_stands_where_the_street_would) {
  BOOST_TEST(address_lines("K", in_box("10 11"))[1] == "Postfach 10 11");
  BOOST_TEST(address_lines("K", in_box("Postfach 10 11"))[1] == "Postfach 10 11");
  BOOST_TEST(address_lines("K", in_box("10", "Schweiz"))[1] == "Postfach 10");
  BOOST_TEST(address_lines("K", in_box("10", "GB"))[1] == "PO Box 10");
  BOOST_TEST(codes_of(doubts_about("K", in_box("10 11"))).empty());
}

BOOST_AUTO_TEST_CASE(a_street_and_a_box_have_postal_codes_of_their_own) {
  auto where = in_box("10 11");
  where.street = *text<1, 80>::parse("Ringweg 7");
  BOOST_TEST(pointers_of(where) == strings{"/po_box"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(R7_no_letter_arrives_at_words_for_none) {
  const auto good = on_street("Ringweg 7");
  for (const auto* name : {"-", "...", "4711", "xxx", "XX", "Unbekannt", "N.N.", "n/a"})
    BOOST_TEST(pointer_of(undeliverable(name, good)) == "/name", name);
  for (const auto* street : {"-", "NFA", "nfa", "xxx", "XXXX", "unbekannt", "Unbekannt verzogen",
                             "ohne festen Wohnsitz", "OFW", "o.f.W.", "k.A.", "keine Angabe", "unknown"})
    BOOST_TEST(pointer_of(undeliverable("Erika Beispiel", on_street(street))) == "/address/street", street);
  BOOST_TEST(pointer_of(undeliverable("Erika Beispiel", in_city("53115", "xxx"))) == "/address/city");
}

BOOST_AUTO_TEST_CASE(R7_no_letter_arrives_at_words_for_none_in_any_line) {
  for (const auto* none : {"-", "xxx", "NFA", "unbekannt"}) {
    BOOST_TEST(pointer_of(undeliverable("Erika Beispiel", in_box(none))) == "/address/po_box", none);
    auto where = on_street("Ringweg 7");
    where.extra = {*text<1, 80>::parse("Station 3b"), *text<1, 80>::parse(none)};
    BOOST_TEST(pointer_of(undeliverable("Erika Beispiel", where)) == "/address/extra/1", none);
  }
  for (const auto* nought : {"0", "00 00"})
    BOOST_TEST(pointer_of(undeliverable("Erika Beispiel", in_box(nought))) == "/address/po_box", nought);
  BOOST_TEST(!undeliverable("Erika Beispiel", in_box("10 10")));
  BOOST_TEST(pointer_of(undeliverable("Erika Beispiel", in_city("-", "Dublin"))) == "/address/postal_code");
}

BOOST_AUTO_TEST_CASE(R7_a_town_holds_no_postal_code_and_no_country) {
  for (const auto* city : {"01097 Dresden", "D-01097 Dresden", "Dresden 01097", "Dresden, Deutschland", "Dresden (DE)",
                           "Dresden/Germany", "Dresden, BRD", "Dresden Deutschland", "Wien, Österreich"})
    BOOST_TEST(pointer_of(undeliverable("Erika Beispiel", in_city("01097", city))) == "/address/city", city);
  for (const auto* city : {"Dresden", "Frankfurt (Oder)", "Frankfurt/Main", "Halle (Saale)", "Neustadt (SH)",
                           "Bad Muster, Ortsteil Nord", "Musterstadt 1", "Deutschland"})
    BOOST_TEST(pointer_of(undeliverable("Erika Beispiel", in_city("01097", city))) == "", city);
}

BOOST_AUTO_TEST_CASE(R7_a_town_abroad_may_be_called_like_a_country_or_have_its_state_behind_it) {
  const auto abroad = [](const char* postal_code, const char* city, const char* named) {
    auto where = in_city(postal_code, city);
    where.country = *country::parse(named);
    return pointer_of(undeliverable("Erika Beispiel", where));
  };
  BOOST_TEST(abroad("1010", "1010 Wien", "AT") == "/address/city");
  BOOST_TEST(abroad("1010", "Wien, Österreich", "AT") == "/address/city");
  BOOST_TEST(abroad("SW1A 1AA", "London SW1A 1AA", "GB") == "/address/city");
  BOOST_TEST(abroad("30301", "Atlanta, Georgia", "US") == "");
  BOOST_TEST(abroad("30301", "Atlanta, GA", "US") == "");
  BOOST_TEST(abroad("018956", "Singapore", "SG") == "");
  BOOST_TEST(abroad("06000", "Ciudad de México", "MX") == "");
  BOOST_TEST(abroad("75008", "Paris 8", "FR") == "");
}

BOOST_AUTO_TEST_CASE(R7_an_organisation_cannot_take_a_name_that_says_there_is_none) {
  organisation_changes changes;
  changes.name = *text<1, 200>::parse("xxx");
  std::vector<field_error> errors;
  check(changes, errors);
  BOOST_REQUIRE(errors.size() == 1U);
  BOOST_TEST(errors.front().pointer == "/name");
}

BOOST_AUTO_TEST_CASE(R7_what_does_not_fit_into_the_window_legibly_is_named_by_its_longest_line) {
  const std::string name(200, 'n');
  BOOST_TEST(pointer_of(unshowable(name, on_street("Ringweg 7"))) == "");
  auto where = on_street("Ringweg 7");
  where.country = *country::parse("AT");
  where.extra = {*text<1, 80>::parse("z. Hd. Frau Beispiel"), *text<1, 80>::parse("Station 3b")};
  BOOST_TEST(pointer_of(unshowable("Erika Beispiel", where)) == "");
  for (const std::size_t length : {100U, 140U, 200U})
    BOOST_TEST(pointer_of(unshowable(std::string(length, 'n'), where)) == "/name", length);
  where.extra->back() = *text<1, 80>::parse(std::string(80, 'n'));
  BOOST_TEST(pointer_of(unshowable("Erika Beispiel", where)) == "/address/extra/1");
  where.extra->back() = *text<1, 80>::parse("Station 3b");
  where.street = *text<1, 80>::parse(std::string(80, 'n'));
  BOOST_TEST(pointer_of(unshowable("Erika Beispiel", where)) == "/address/street");
}

BOOST_AUTO_TEST_CASE(R7_signs_that_the_font_lacks_are_named_where_they_stand) {
  const auto good = on_street("Ringweg 7");
  for (const auto* name : {"Erika 😀", "王秀英", "محمد", "GROẞ"})
    BOOST_TEST(pointer_of(unshowable(name, good)) == "/name", name);
  BOOST_TEST(unshowable("Erika 😀", good)->detail.contains("\"😀\" (U+1F600)"));
  BOOST_TEST(unshowable("GROẞ", good)->detail.contains("U+1E9E"));
  BOOST_TEST(pointer_of(unshowable("Erika Beispiel", on_street("Ring 王 7"))) == "/address/street");
  BOOST_TEST(pointer_of(unshowable("Erika Beispiel", in_city("53115", "城"))) == "/address/city");
  for (const auto* name : {"Łukasz Żółć", "Nguyễn Thị Ḃ", "Ελένη", "Юлия", "Müller", "Mu\u0308ller", "D’Arc – „x“"})
    BOOST_TEST(pointer_of(unshowable(name, good)) == "", name);
}

BOOST_AUTO_TEST_CASE(a_sender_that_no_letter_can_show_is_told_so) {
  organisation who;
  who.name = *text<1, 200>::parse("Klinik Musterstadt");
  who.address = on_street("Am Tor 1");
  BOOST_TEST(!unshowable_sender(who).has_value());
  who.name = *text<1, 200>::parse("Klinik 王");
  BOOST_TEST(unshowable_sender(who).value_or("").contains("U+738B"));
}

BOOST_AUTO_TEST_CASE(R7_unusual_names_and_streets_are_places_where_somebody_may_live) {
  for (const auto* name : {"Xu", "4x4 GmbH", "Ø", "李", "Praxis 7", "Familie Unbekannt"})
    BOOST_TEST(pointer_of(undeliverable(name, on_street("Ringweg 7"))) == "", name);
  for (const auto* street : {"Q 7", "12", "Haus Keine Sorge 1", "X-Straße 1", "Am Tor", "Nullweg 3"})
    BOOST_TEST(pointer_of(undeliverable("Erika Beispiel", on_street(street))) == "", street);
}

BOOST_AUTO_TEST_CASE(R7_the_street_of_sample_letters_is_a_finding) {
  for (const auto* street : {"Musterstraße 1", "MUSTERSTR. 12", "Musterweg 3", "Muster Straße 1", "Muster-Str. 1",
                             "Alte Muster-Straße 1", "Teststraße", "Test Weg 4", "Beispielstr. 5"})
    BOOST_TEST(codes_of(doubts_about("Erika Beispiel", on_street(street))) == strings{"sample_address"},
               boost::test_tools::per_element());
  BOOST_TEST(codes_of(doubts_about("Max Mustermann", on_street("Ringweg 7"))) == strings{"sample_name"},
             boost::test_tools::per_element());
  for (const auto* street : {"Ringweg 7", "Testorfer Straße 1", "Musteraner Ring 2", "Am Test 3"})
    BOOST_TEST(doubts_about("Erika Beispiel", on_street(street)).empty(), street);
}

BOOST_AUTO_TEST_CASE(R7_what_cannot_be_delivered_comes_back_to_the_postal_address) {
  organisation who;
  who.name = *text<1, 200>::parse("Klinik Musterstadt");
  who.address = on_street("Am Tor 1");
  BOOST_TEST(sender_line(who) == "Klinik Musterstadt, Am Tor 1, 53115 Musterhausen");
  who.postal_address = in_box("10 11");
  BOOST_TEST(sender_line(who) == "Klinik Musterstadt, Postfach 10 11, 12301 Musterstadt");
  who.postal_address = of_major_recipient();
  BOOST_TEST(sender_line(who) == "Klinik Musterstadt, 01058 Dresden");
}

BOOST_AUTO_TEST_SUITE_END()
