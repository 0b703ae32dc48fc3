// Who a dispatch goes to, and what is said about the addresses.

#include "tests/capabilities/dispatching.hpp"

using namespace elsec;
using namespace elsec::capabilities;
using namespace elsec::capabilities::testing;

BOOST_FIXTURE_TEST_SUITE(recipients, dispatching)

BOOST_AUTO_TEST_CASE(R2_a_recipient_named_twice_is_refused_and_nobody_gets_anything) {
  for (const auto& twice : {to_organisation(other), to_person()}) {
    const auto document = upload(one);
    const auto refused = dispatch(document, wish({twice, to_organisation(one), twice}));
    BOOST_CHECK(code_of(refused) == error_code::invalid);
    BOOST_TEST(pointer_of(refused) == "/recipients/2");
    BOOST_TEST(refused.error().detail.contains("/recipients/0"));
    check_nothing_happened(document);
  }
}

BOOST_AUTO_TEST_CASE(R7_what_looks_wrong_about_an_address_is_told_with_the_answer) {
  auto person = to_person();
  person.at("address").at("street") = "Musterstraße 1";
  const auto told = parsed(dispatch(upload(one), wish({person, to_person()}))->body);
  BOOST_TEST(text_at(told, "/dispatches/0/findings/0/code") == "sample_address");
  BOOST_TEST(text_at(told, "/dispatches/0/findings/0/level") == "warning");
  BOOST_TEST(!told.at("dispatches").at(1).as_object().contains("findings"));
}

BOOST_AUTO_TEST_CASE(R7_what_no_window_can_show_is_refused_at_once) {
  const auto document = upload(one);
  auto person = to_person();
  person.at("name") = "Erika 😀";
  const auto unknown_sign = dispatch(document, wish({to_person(), person}));
  BOOST_CHECK(code_of(unknown_sign) == error_code::invalid);
  BOOST_TEST(pointer_of(unknown_sign) == "/recipients/1/name");
  person.at("name") = std::string(200, 'n');
  person.at("address").as_object()["extra"] = {"Station 3b", "z. Hd. Frau Beispiel"};
  const auto too_long = dispatch(document, wish({person}));
  BOOST_CHECK(code_of(too_long) == error_code::invalid);
  BOOST_TEST(pointer_of(too_long) == "/recipients/0/name");
  check_nothing_happened(document);
}

BOOST_AUTO_TEST_CASE(R7_what_has_a_place_of_its_own_is_refused_in_the_town) {
  auto person = to_person();
  for (const auto* city : {"01099 Musterstadt", "Musterstadt, Deutschland"}) {
    person.at("address").at("city") = city;
    const auto refused = dispatch(upload(one), wish({person}));
    BOOST_CHECK(code_of(refused) == error_code::invalid);
    BOOST_TEST(pointer_of(refused) == "/recipients/0/address/city", city);
  }
}

BOOST_AUTO_TEST_CASE(R7_a_sender_that_no_letter_can_show_sends_electronically_only) {
  BOOST_TEST(ask("update_organisation", {.who = one, .body = R"({"name":"Klinik 王"})"}).has_value());
  const auto refused = dispatch(upload(one), wish({to_organisation(other), to_person()}));
  BOOST_CHECK(code_of(refused) == error_code::invalid);
  BOOST_TEST(pointer_of(refused) == "/recipients/1");
  BOOST_TEST(dispatch(upload(one), wish({to_organisation(other)})).has_value());
}

BOOST_AUTO_TEST_CASE(R7_a_major_recipient_is_reached_without_a_street_and_a_country_is_told_as_its_code) {
  const boost::json::object insurer{{"name", "AOK PLUS"},
                                    {"address", {{"postal_code", "01058"}, {"city", "Dresden"}, {"country", "BRD"}}}};
  const boost::json::object abroad{
      {"name", "Gerhard Muster"},
      {"address", {{"street", "Ring 1"}, {"postal_code", "1010"}, {"city", "Wien"}, {"country", "Österreich"}}}};
  const auto told = parsed(dispatch(upload(one), wish({insurer, abroad}))->body);
  BOOST_TEST(text_at(told, "/dispatches/0/route") == "post");
  BOOST_TEST(!told.at_pointer("/dispatches/0/recipient/address").as_object().contains("country"));
  BOOST_TEST(text_at(told, "/dispatches/1/recipient/address/country") == "AT");
}

BOOST_AUTO_TEST_SUITE_END()
