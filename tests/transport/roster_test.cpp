#include "transport/roster.hpp"

#include "tests/transport/support.hpp"

#include <boost/test/unit_test.hpp>
#include <zmq.h>

#include <array>

namespace elsec::transport {
namespace {

using test::entry_of;
using test::keys_of;

constexpr auto somewhere = "tcp://127.0.0.1:7000";

domain::result<roster> made_of(std::vector<peer> peers) {
  return roster::make(std::move(peers), "self", keys_of("self"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(node_list)

BOOST_AUTO_TEST_CASE(R12_a_key_pair_from_a_seed_is_the_one_libzmq_derives) {
  const auto pair = keys_of("any");
  std::array<char, 41> secret_text{};
  std::array<char, 41> public_text{};
  BOOST_REQUIRE(zmq_z85_encode(secret_text.data(), pair.secret_key.view().data(), 32) != nullptr);
  BOOST_REQUIRE(zmq_curve_public(public_text.data(), secret_text.data()) == 0);
  curve_key derived{};
  BOOST_REQUIRE(zmq_z85_decode(derived.data(), public_text.data()) != nullptr);
  BOOST_TEST((derived == pair.public_key));
  BOOST_TEST((keys_of("any").public_key == pair.public_key));
  BOOST_TEST((keys_of("other").public_key != pair.public_key));
}

BOOST_AUTO_TEST_CASE(both_keys_of_a_peer_belong_to_it_and_no_other_key_does) {
  const auto list = made_of({{"a", somewhere, {keys_of("a1").public_key, keys_of("a2").public_key}}});
  BOOST_REQUIRE(list.has_value());
  BOOST_TEST(list->owner_of(keys_of("a1").public_key).value() == "a");
  BOOST_TEST(list->owner_of(keys_of("a2").public_key).value() == "a");
  BOOST_TEST(!list->owner_of(keys_of("a3").public_key).has_value());
  BOOST_TEST(!list->owner_of(curve_key{}).has_value());
}

BOOST_AUTO_TEST_CASE(the_own_node_is_ignored) {
  const auto list = made_of({entry_of("self", somewhere), entry_of("a", somewhere)});
  BOOST_REQUIRE(list.has_value());
  BOOST_TEST(!list->knows("self"));
  BOOST_TEST(list->knows("a"));
  BOOST_TEST(!list->owner_of(keys_of("self").public_key).has_value());
}

BOOST_AUTO_TEST_CASE(malformed_entries_are_invalid) {
  const auto key = keys_of("a").public_key;
  BOOST_TEST(!made_of({{"", somewhere, {key}}}).has_value());
  BOOST_TEST(!made_of({{"A", somewhere, {key}}}).has_value());
  BOOST_TEST(!made_of({{"a", "ipc:///tmp/a", {key}}}).has_value());
  BOOST_TEST(!made_of({{"a", somewhere, {}}}).has_value());
  BOOST_TEST(!made_of({{"a", somewhere, {key, keys_of("b").public_key, keys_of("c").public_key}}}).has_value());
  BOOST_TEST(!made_of({{"a", somewhere, {key, key}}}).has_value());
  BOOST_TEST(!made_of({entry_of("a", somewhere), {"a", somewhere, {keys_of("b").public_key}}}).has_value());
}

BOOST_AUTO_TEST_CASE(one_key_under_two_names_is_invalid) {
  const auto list = made_of({entry_of("a", somewhere), {"b", somewhere, {keys_of("a").public_key}}});
  BOOST_REQUIRE(!list.has_value());
  BOOST_TEST((list.error().code == domain::error_code::invalid));
  BOOST_TEST(!made_of({{"a", somewhere, {keys_of("self").public_key}}}).has_value());
}

BOOST_AUTO_TEST_CASE(R12_a_key_of_small_order_is_invalid) {
  curve_key one{};
  one[0] = 1;
  BOOST_TEST(!made_of({{"a", somewhere, {curve_key{}}}}).has_value());
  BOOST_TEST(!made_of({{"a", somewhere, {one}}}).has_value());
}

BOOST_AUTO_TEST_CASE(only_a_key_that_went_or_changed_hands_counts_as_lost) {
  const auto a1 = keys_of("a1").public_key;
  const auto a2 = keys_of("a2").public_key;
  const auto one = made_of({{"a", somewhere, {a1}}}).value();
  const auto both = made_of({{"a", somewhere, {a1, a2}}}).value();
  const auto other = made_of({{"b", somewhere, {a1}}}).value();
  BOOST_TEST(!one.loses_keys_in(one));
  BOOST_TEST(!one.loses_keys_in(both));
  BOOST_TEST(both.loses_keys_in(one));
  BOOST_TEST(one.loses_keys_in(other));
  BOOST_TEST(one.loses_keys_in(roster{}));
}

BOOST_AUTO_TEST_CASE(a_public_key_that_is_not_the_secret_keys_is_invalid) {
  auto mixed = keys_of("a");
  BOOST_TEST(check_own_keys(mixed).has_value());
  mixed.public_key = keys_of("b").public_key;
  BOOST_TEST(!check_own_keys(mixed).has_value());
  BOOST_TEST(!check_own_keys(curve_pair{}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::transport
