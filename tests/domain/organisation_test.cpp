#include "domain/organisation.hpp"

#include "domain/access.hpp"

#include <boost/test/unit_test.hpp>

using namespace elsec::domain;

namespace {

organisation clinic() {
  organisation who;
  who.id = organisation_id::make(time_point{}, {1});
  who.name = *text<1, 200>::parse("Klinikum Müsterstadt Süd");
  who.address = {.street = *text<1, 80>::parse("Am Tor 1"),
                 .postal_code = *text<1, 20>::parse("12345"),
                 .city = *text<1, 80>::parse("Musterstadt")};
  return who;
}

capability_grant receive(bool granted) { return {.receive = granted, .reason = *text<1, 500>::parse("checked")}; }

bool found_by(const char* words) { return matches(card_of(clinic()), {.query = *text<1, 100>::parse(words)}); }

}  // namespace

BOOST_AUTO_TEST_SUITE(organisations)

BOOST_AUTO_TEST_CASE(R2_taking_part_needs_the_grant_and_electronic_delivery) {
  BOOST_TEST(!takes_part(clinic()));
  auto granted = grant(clinic(), receive(true));
  BOOST_TEST(takes_part(granted));
  granted.delivery = delivery::post;
  BOOST_TEST(!takes_part(granted));
}

BOOST_AUTO_TEST_CASE(R15_taking_the_grant_away_ends_electronic_delivery) {
  const auto before = grant(clinic(), receive(true));
  BOOST_CHECK(grant(before, receive(false)).delivery == delivery::post);
}

BOOST_AUTO_TEST_CASE(R15_granting_again_does_not_undo_the_choice_of_post) {
  auto by_post = grant(clinic(), receive(true));
  by_post.delivery = delivery::post;
  BOOST_CHECK(grant(by_post, receive(true)).delivery == delivery::post);
}

BOOST_AUTO_TEST_CASE(R15_electronic_delivery_needs_the_verification) {
  const auto refused = change(clinic(), {.delivery = delivery::electronic});
  BOOST_REQUIRE(!refused.has_value());
  BOOST_CHECK(refused.error().code == error_code::verification_required);
  BOOST_CHECK(change(grant(clinic(), receive(true)), {.delivery = delivery::electronic}).has_value());
}

BOOST_AUTO_TEST_CASE(R3_consulting_is_offered_from_100_employees) {
  auto who = clinic();
  who.employees = *bounded<0, 1'000'000>::make(99);
  BOOST_TEST(!offers_consulting(who));
  who.employees = *bounded<0, 1'000'000>::make(100);
  BOOST_TEST(offers_consulting(who));
}

BOOST_AUTO_TEST_CASE(names_are_found_by_word_beginnings_without_regard_to_case_and_umlauts) {
  BOOST_TEST(found_by("muster"));
  BOOST_TEST(found_by("SÜD klinik"));
  BOOST_TEST(found_by("sud"));
  BOOST_TEST(!found_by("nord"));
  BOOST_TEST(!found_by("linikum"));
}

BOOST_AUTO_TEST_CASE(words_without_a_letter_or_digit_find_nobody) {
  for (const auto* words : {"%", "*", "-", "% *", "...", "'"}) BOOST_TEST(!found_by(words), words);
  BOOST_TEST(found_by("* klinik %"));
}

BOOST_AUTO_TEST_CASE(only_addresses_abroad_may_have_other_postal_codes) {
  auto where = clinic().address;
  where.postal_code = *text<1, 20>::parse("1010");
  std::vector<field_error> errors;
  check(where, errors);
  BOOST_TEST(errors.size() == 1U);
  where.country = *country::parse("AT");
  errors.clear();
  check(where, errors);
  BOOST_TEST(errors.empty());
}

BOOST_AUTO_TEST_CASE(R4_who_does_not_act_for_a_business_is_refused) {
  registration what;
  std::vector<field_error> errors;
  check(what, errors);
  BOOST_TEST(errors.empty());
  what.acts_for_business = false;
  check(what, errors);
  BOOST_TEST(errors.front().pointer == "/acts_for_business");
}

BOOST_AUTO_TEST_CASE(roles_give_only_their_scopes) {
  principal reader;
  reader.scopes = scopes_of({role::reader});
  BOOST_TEST(allows(reader, scope::documents_read));
  BOOST_TEST(!allows(reader, scope::documents_write));
  principal admin;
  admin.scopes = scopes_of({role::admin});
  BOOST_TEST(allows(admin, scope::account_write));
  BOOST_TEST(!allows(admin, scope::documents_read));
}

BOOST_AUTO_TEST_SUITE_END()
