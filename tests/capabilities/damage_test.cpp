// What cannot be read any more, as the operator sees it.

#include "tests/capabilities/clinics.hpp"

using namespace elsec;
using namespace elsec::capabilities;
using namespace elsec::capabilities::testing;

namespace {

struct damaged_hub : two_clinics {
  domain::damage_id take_out(const std::string& key) {
    now += std::chrono::milliseconds(1);
    damage(tables::peer_kinds, key);
    const auto id = crypto::new_id<domain::damage_id>(now);
    storage::change_set changes;
    changes.take_out_damaged(tables::peer_kinds, key, id, now);
    commit(changes);
    return id;
  }
  outcome recount(const domain::organisation_id& of,
                  const std::string& body = R"({"reason":"a document is damaged"})") {
    return ask("recount_usage", {.parts = {{"id", of.str()}}, .body = body});
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(damaged_rows, damaged_hub)

BOOST_AUTO_TEST_CASE(are_listed_newest_first_with_their_place_and_without_their_value) {
  const auto first = take_out("north");
  const auto second = take_out(std::string("we\0st", 5));
  const auto page = seen("list_damaged_rows", {});
  const auto& items = page.at("items").as_array();
  BOOST_REQUIRE(items.size() == 2U);
  BOOST_TEST(text_at(items[0], "/id") == second.str());
  BOOST_TEST(text_at(items[0], "/key") == "0x7765007374");
  BOOST_TEST(text_at(items[1], "/id") == first.str());
  BOOST_TEST(text_at(items[1], "/table") == "peer_kinds");
  BOOST_TEST(text_at(items[1], "/key") == "north");
  BOOST_TEST(items[1].as_object().size() == 5U);  // id, at, table, key, bytes
}

BOOST_AUTO_TEST_CASE(are_forgotten_once) {
  const auto id = take_out("north");
  const request forget{.parts = {{"id", id.str()}}};
  BOOST_TEST(ask("forget_damaged_row", forget).has_value());
  BOOST_CHECK(ask("forget_damaged_row", forget).error().code == error_code::not_found);
  BOOST_TEST(seen("list_damaged_rows", {}).at("items").as_array().empty());
}

BOOST_AUTO_TEST_CASE(count_no_more_among_the_stored_bytes_after_a_recount) {
  storage::change_set changes;
  changes.add_usage(one.organisation_id, 5'000);
  commit(changes);
  upload(one);
  BOOST_REQUIRE(recount(one.organisation_id).has_value());
  BOOST_TEST(read().count(tables::usage, one.organisation_id.str()).value() == 10U);
  const auto entries = rows(tables::audit, one.organisation_id.str());
  BOOST_REQUIRE(!entries.empty());
  BOOST_TEST(entries.back().action == "usage.recounted");
  BOOST_TEST(entries.back().detail == "a document is damaged");
}

BOOST_AUTO_TEST_CASE(are_recounted_for_a_reason_and_of_an_organisation_that_exists) {
  BOOST_CHECK(recount(one.organisation_id, "{}").error().code == error_code::invalid);
  BOOST_CHECK(recount(crypto::new_id<domain::organisation_id>(now)).error().code == error_code::not_found);
}

BOOST_AUTO_TEST_SUITE_END()
