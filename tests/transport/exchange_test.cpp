// Two and more real nodes on 127.0.0.1: what they may send each other arrives, and nothing else does.

#include "tests/transport/support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <thread>

namespace elsec::transport {
namespace {

using test::entry_of;
using test::keys_of;
using test::letter;
using test::node;
using test::quick;

bool waits_for(node& receiver, std::size_t messages) {
  return receiver.wait([&](const auto& all) { return all.received.size() >= messages; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exchange)

BOOST_AUTO_TEST_CASE(R12_two_nodes_exchange_both_ways_over_CURVE) {
  test::pair_of_nodes both;
  const auto there = letter("a", "b", 1, {1, 2, 3});
  const auto back = letter("b", "a", 1, {});
  BOOST_TEST((both.a->wire->send("b", there) == sent::queued));
  BOOST_TEST((both.b->wire->send("a", back) == sent::queued));
  BOOST_REQUIRE(waits_for(*both.a, 1));
  BOOST_REQUIRE(waits_for(*both.b, 1));
  BOOST_TEST((both.b->heard.now().received[0].header == there.header));
  BOOST_TEST((both.b->heard.now().received[0].body == there.body));
  BOOST_TEST((both.a->heard.now().received[0].header == back.header));
  BOOST_TEST(both.a->heard.now().received[0].body.empty());
}

BOOST_AUTO_TEST_CASE(messages_of_several_threads_arrive_complete_and_each_threads_in_order) {
  constexpr std::uint64_t threads = 4;
  constexpr std::uint64_t messages = 200;
  test::pair_of_nodes both;
  {
    std::vector<std::jthread> senders;
    for (std::uint64_t thread = 0; thread < threads; ++thread)
      senders.emplace_back([&both, thread] {
        for (std::uint64_t i = 0; i < messages; ++i)
          both.a->wire->send("b", letter("a", "b", i, {static_cast<std::uint8_t>(thread)}));
      });
  }
  BOOST_REQUIRE(waits_for(*both.b, threads * messages));
  std::vector<std::uint64_t> next(threads, 0);
  for (const auto& message : both.b->heard.now().received) {
    BOOST_REQUIRE(message.header.sequence == next.at(message.body.at(0))++);
  }
}

BOOST_AUTO_TEST_CASE(the_largest_body_arrives_and_a_larger_one_is_not_taken) {
  test::pair_of_nodes both;
  const auto largest = options{}.message_bytes_max;
  BOOST_TEST((both.a->wire->send("b", letter("a", "b", 1, domain::bytes(largest + 1))) == sent::too_large));
  BOOST_TEST((both.a->wire->send("b", letter("a", "b", 1, domain::bytes(largest, 7))) == sent::queued));
  BOOST_REQUIRE(waits_for(*both.b, 1));
  BOOST_TEST((both.b->heard.now().received[0].body == domain::bytes(largest, 7)));
}

BOOST_AUTO_TEST_CASE(a_header_over_its_limit_is_not_taken) {
  test::pair_of_nodes both;
  auto message = letter("a", "b", 1);
  message.header.kind = std::string(header_bytes_max, 'k');
  BOOST_TEST((both.a->wire->send("b", message) == sent::too_large));
}

BOOST_AUTO_TEST_CASE(nobody_but_a_listed_peer_can_be_sent_to) {
  test::pair_of_nodes both;
  BOOST_TEST((both.a->wire->send("c", letter("a", "c", 1)) == sent::unknown_peer));
  BOOST_TEST((both.a->wire->send("a", letter("a", "a", 1)) == sent::unknown_peer));
}

BOOST_AUTO_TEST_CASE(R12_an_unknown_key_is_refused_and_reported) {
  node a(quick("a"));
  node stranger(quick("b", {entry_of("a", a.endpoint())}));
  BOOST_REQUIRE(a.wait([](const auto& all) { return all.count(refusal::unknown_key) > 0; }));
  const auto heard = a.heard.now();
  BOOST_TEST(heard.refusals[0].peer == "");
  BOOST_TEST(heard.refusals[0].address == "127.0.0.1");
  BOOST_TEST((stranger.wire->send("a", letter("b", "a", 1)) == sent::not_connected));
  BOOST_TEST(stranger.heard.now().links.empty());
}

BOOST_AUTO_TEST_CASE(the_own_self_test_is_reported_to_nobody) {
  node a(quick("a"));
  a.wire.reset();
  BOOST_TEST(a.heard.now().refusals.empty());
}

BOOST_AUTO_TEST_CASE(a_peer_that_claims_anothers_name_is_refused) {
  test::pair_of_nodes both;
  both.a->restart_peers({entry_of("b", both.b->endpoint()), entry_of("c", "tcp://127.0.0.1:1")});
  BOOST_TEST((both.b->wire->send("a", letter("c", "a", 1)) == sent::queued));
  BOOST_TEST((both.b->wire->send("a", letter("b", "a", 2)) == sent::queued));
  BOOST_REQUIRE(waits_for(*both.a, 1));
  const auto heard = both.a->heard.now();
  BOOST_TEST(heard.received[0].header.sequence == 2U);
  BOOST_REQUIRE(heard.count(refusal::sender_mismatch) == 1U);
  BOOST_TEST(std::ranges::find(heard.refusals, refusal::sender_mismatch, &refused::reason)->peer == "b");
}

BOOST_AUTO_TEST_CASE(a_message_meant_for_another_node_is_refused) {
  test::pair_of_nodes both;
  BOOST_TEST((both.b->wire->send("a", letter("b", "c", 1)) == sent::queued));
  BOOST_TEST((both.b->wire->send("a", letter("b", "a", 2)) == sent::queued));
  BOOST_REQUIRE(waits_for(*both.a, 1));
  BOOST_TEST(both.a->heard.now().received[0].header.sequence == 2U);
  BOOST_TEST(both.a->heard.now().count(refusal::wrong_receiver) == 1U);
}

BOOST_AUTO_TEST_CASE(a_message_of_another_version_is_refused) {
  test::pair_of_nodes both;
  auto newer = letter("b", "a", 1);
  newer.header.version = envelope_version + 1;
  BOOST_TEST((both.b->wire->send("a", newer) == sent::queued));
  BOOST_TEST((both.b->wire->send("a", letter("b", "a", 2)) == sent::queued));
  BOOST_REQUIRE(waits_for(*both.a, 1));
  BOOST_TEST(both.a->heard.now().received[0].header.sequence == 2U);
  BOOST_TEST(both.a->heard.now().count(refusal::version) == 1U);
}

BOOST_AUTO_TEST_CASE(a_peer_that_does_not_read_fills_its_bounded_queue_and_no_more) {
  constexpr std::size_t body_bytes = 256U << 10;
  constexpr std::size_t sent_max = 1'000;  // 250 MiB: far more than queue, sockets and TCP hold together
  auto roomy = quick("b");                 // its recorder keeps all that arrives
  roomy.inbound_bytes_max = roomy.inbound_total_max = 2 * sent_max * body_bytes;
  node b(std::move(roomy));
  auto opts = quick("a", {entry_of("b", b.endpoint())});
  opts.message_bytes_max = body_bytes;
  opts.queue_bytes_max = 4 * body_bytes;
  node a(std::move(opts));
  b.restart_peers({entry_of("a", a.endpoint())});
  BOOST_REQUIRE(a.wait_connected("b"));

  b.heard.hold_receiving(true);
  BOOST_REQUIRE((a.wire->send("b", letter("a", "b", 0)) == sent::queued));
  BOOST_REQUIRE(waits_for(b, 1));
  std::size_t queued = 1;
  // The socket drains the queue until it is full itself: full for good means refused many times in a row.
  for (int refusals = 0; refusals < 1'000 && queued < sent_max;) {
    const auto verdict = a.wire->send("b", letter("a", "b", queued, domain::bytes(body_bytes)));
    if (verdict == sent::queued) {
      ++queued;
      refusals = 0;
    } else {
      BOOST_REQUIRE((verdict == sent::full));
      ++refusals;
      std::this_thread::yield();
    }
  }
  BOOST_TEST(queued < sent_max);
  b.heard.hold_receiving(false);
  BOOST_TEST(waits_for(b, queued));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::transport
