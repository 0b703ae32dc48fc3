#include "tests/decisions/support.hpp"

using namespace elsec;
using namespace elsec::decisions;

BOOST_FIXTURE_TEST_SUITE(cards, test::temporary_store)

BOOST_AUTO_TEST_CASE(a_newer_card_replaces_an_older_one_and_its_index_entries) {
  BOOST_REQUIRE(take(test::card(1, "node1", 1, "Klinik Alt")).has_value());
  BOOST_REQUIRE(take(test::card(1, "node1", 2, "Klinik Neu")).has_value());
  BOOST_TEST(cards_by_id(read(), test::organisation(1))->front().name == "Klinik Neu");
  BOOST_TEST(organisations_by_word(read(), "alt", 10)->empty());
  BOOST_TEST(organisations_by_word(read(), "neu", 10)->size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_older_card_changes_nothing) {
  BOOST_REQUIRE(take(test::card(1, "node1", 2, "Klinik Neu")).has_value());
  BOOST_REQUIRE(take(test::card(1, "node1", 1, "Klinik Alt")).has_value());
  BOOST_TEST(cards_by_id(read(), test::organisation(1))->front().name == "Klinik Neu");
}

BOOST_AUTO_TEST_CASE(R14_no_other_node_takes_an_organisation_over_whatever_version_it_claims) {
  BOOST_REQUIRE(take(test::card(1, "node1", 1)).has_value());
  const auto stolen = take(test::card(1, "node2", UINT64_MAX));
  BOOST_REQUIRE(!stolen.has_value());
  BOOST_CHECK(stolen.error().code == domain::error_code::integrity);
  BOOST_TEST(cards_by_id(read(), test::organisation(1))->front().node == "node1");
}

BOOST_AUTO_TEST_CASE(only_organisations_with_a_capability_answer_to_their_number) {
  auto unverified = test::card(2, "node1", 2);
  unverified.card.verified = false;
  BOOST_REQUIRE(take(test::card(1, "node1", 1)).has_value());
  BOOST_REQUIRE(take(unverified).has_value());
  const auto found = capable_cards_by_ik(read(), *domain::ik_number::parse("260326822"));
  BOOST_REQUIRE(found->size() == 1U);
  BOOST_CHECK(found->front().id == test::organisation(1));
}

BOOST_AUTO_TEST_CASE(what_is_newer_than_a_version_is_listed_in_order) {
  BOOST_REQUIRE(take(test::card(1, "node1", 1)).has_value());
  BOOST_REQUIRE(take(test::card(2, "node1", 2)).has_value());
  BOOST_REQUIRE(take(test::card(3, "node2", 3)).has_value());
  BOOST_REQUIRE(take(test::card(1, "node1", 4)).has_value());
  BOOST_TEST(*newest_card_version(read(), "node1") == 4U);
  const std::vector<std::string> expected{"signed 2", "signed 4"};
  BOOST_TEST(*cards_after(read(), "node1", 1, 10) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
