// What has arrived stays bounded, whatever a peer sends and however slowly it is worked on.

#include "transport/inflow.hpp"

#include "tests/transport/support.hpp"
#include "transport/limits.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace elsec::transport {
namespace {

constexpr std::size_t each = envelope_overhead_bytes + 1'000;

}  // namespace

BOOST_AUTO_TEST_SUITE(transport_inflow)

BOOST_AUTO_TEST_CASE(a_peer_gets_its_share_and_what_is_done_with_makes_room) {
  inflow arrived(2 * each, 10 * each);
  auto first = arrived.take("b", 1'000);
  const auto second = arrived.take("b", 1'000);
  BOOST_TEST((first != nullptr && second != nullptr));
  BOOST_TEST(arrived.take("b", 0) == nullptr);
  BOOST_TEST(arrived.take("c", 1'000) != nullptr);
  auto copy = first;
  first.reset();
  BOOST_TEST(arrived.take("b", 1'000) == nullptr);
  copy.reset();
  BOOST_TEST(arrived.take("b", 1'000) != nullptr);
}

BOOST_AUTO_TEST_CASE(all_peers_together_stay_below_the_total) {
  inflow arrived(2 * each, 3 * each);
  const std::vector held{arrived.take("b", 1'000), arrived.take("b", 1'000), arrived.take("c", 1'000)};
  BOOST_TEST(std::ranges::count(held, nullptr) == 0);
  BOOST_TEST(arrived.take("d", 0) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_hold_may_outlive_the_transport) {
  auto arrived = std::make_unique<inflow>(each, each);
  auto held = arrived->take("b", 1'000);
  arrived.reset();
  held.reset();
}

// The recorder keeps what it received: a node that never gets round to its mail.
BOOST_AUTO_TEST_CASE(a_flooding_peer_is_cut_short_while_its_envelopes_wait_and_others_are_heard) {
  auto opts = test::quick("a", {test::entry_of("b", "tcp://127.0.0.1:1"), test::entry_of("c", "tcp://127.0.0.1:1")});
  opts.inbound_bytes_max = 1U << 20;
  test::node a(std::move(opts));
  test::raw_client flooding(test::keys_of("b"), test::keys_of("a").public_key, a.endpoint());
  const domain::bytes body(64U << 10, 7);
  for (std::uint64_t i = 1; i <= 64; ++i) flooding.send({encode_header(test::letter("b", "a", i).header), body});
  BOOST_REQUIRE(a.wait([](const auto& all) { return all.received.size() + all.count(refusal::flooding) == 64; }));
  const auto heard = a.heard.now();
  std::size_t bytes = 0;
  for (const auto& one : heard.received) bytes += one.body.size();
  BOOST_TEST(bytes <= 1U << 20);
  BOOST_TEST(heard.received.size() >= 10U);
  test::raw_client other(test::keys_of("c"), test::keys_of("a").public_key, a.endpoint());
  other.send({encode_header(test::letter("c", "a", 1).header), body});
  BOOST_TEST(a.wait([](const auto& all) {
    return std::ranges::any_of(all.received, [](const auto& one) { return one.header.from == "c"; });
  }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::transport
