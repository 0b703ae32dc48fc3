// Connections come and go: restarts, revoked keys, changing keys, starting and stopping.

#include "tests/transport/support.hpp"

#include <boost/test/unit_test.hpp>

#include <future>

namespace elsec::transport {
namespace {

using std::chrono::steady_clock;
using test::entry_of;
using test::keys_of;
using test::letter;
using test::node;
using test::pair_of_nodes;
using test::quick;

constexpr auto nobody_there = "tcp://127.0.0.1:1";
constexpr auto unreachable = "tcp://192.0.2.1:7000";  // TEST-NET-1 (RFC 5737)

// Node `name` again at the endpoint it had.
options again(const std::string& name, const std::string& endpoint, std::vector<peer> peers) {
  auto opts = quick(name, std::move(peers));
  opts.endpoint = endpoint;
  return opts;
}

bool arrives(node& receiver, std::uint64_t sequence) {
  return receiver.wait(
      [&](const auto& all) { return !all.received.empty() && all.received.back().header.sequence == sequence; });
}

domain::error_code failure_of(options opts) {
  auto started = transport::start(std::move(opts), {});
  BOOST_REQUIRE(!started.has_value());
  return started.error().code;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(links)

BOOST_AUTO_TEST_CASE(a_restarted_peer_is_lost_and_found_again) {
  pair_of_nodes both;
  const auto endpoint = both.b->endpoint();
  both.b.reset();
  BOOST_REQUIRE(both.a->wait([](const auto& all) { return all.count("b", link_event::disconnected) == 1; }));
  BOOST_TEST((both.a->wire->send("b", letter("a", "b", 1)) == sent::not_connected));

  both.b = std::make_unique<node>(again("b", endpoint, {entry_of("a", both.a->endpoint())}));
  BOOST_REQUIRE(both.a->wait([](const auto& all) { return all.count("b", link_event::connected) == 2; }));
  BOOST_REQUIRE(both.b->wait_connected("a"));
  BOOST_TEST((both.a->wire->send("b", letter("a", "b", 2)) == sent::queued));
  BOOST_TEST((both.b->wire->send("a", letter("b", "a", 3)) == sent::queued));
  BOOST_TEST(arrives(*both.b, 2));
  BOOST_TEST(arrives(*both.a, 3));
}

BOOST_AUTO_TEST_CASE(nothing_is_queued_for_a_peer_that_was_never_reached) {
  node a(quick("a", {entry_of("b", nobody_there)}));
  for (int i = 0; i < 1'000; ++i) BOOST_REQUIRE((a.wire->send("b", letter("a", "b", 1)) == sent::not_connected));
}

BOOST_AUTO_TEST_CASE(a_revoked_key_loses_its_live_connection_and_the_others_come_back) {
  pair_of_nodes both;
  node c(quick("c", {entry_of("a", both.a->endpoint())}));
  both.a->restart_peers({entry_of("b", both.b->endpoint()), entry_of("c", c.endpoint())});
  BOOST_REQUIRE(c.wait_connected("a"));
  test::raw_client live(keys_of("b"), keys_of("a").public_key, both.a->endpoint());
  BOOST_REQUIRE(live.wait_event(ZMQ_EVENT_HANDSHAKE_SUCCEEDED));

  both.a->restart_peers({entry_of("c", c.endpoint())});
  BOOST_TEST((both.a->wire->send("b", letter("a", "b", 1)) == sent::unknown_peer));
  BOOST_TEST(live.wait_event(ZMQ_EVENT_DISCONNECTED));
  BOOST_TEST(live.wait_event(ZMQ_EVENT_HANDSHAKE_FAILED_AUTH));
  BOOST_TEST(both.a->wait([](const auto& all) { return all.count("b", link_event::disconnected) == 1; }));
  BOOST_TEST(both.b->wait([](const auto& all) { return all.count("a", link_event::disconnected) == 1; }));
  BOOST_TEST(both.a->wait([](const auto& all) { return all.count(refusal::unknown_key) >= 2; }));

  BOOST_REQUIRE(c.wait([](const auto& all) { return all.count("a", link_event::connected) == 2; }));
  BOOST_TEST((both.b->wire->send("a", letter("b", "a", 6)) == sent::not_connected));
  BOOST_TEST((c.wire->send("a", letter("c", "a", 7)) == sent::queued));
  BOOST_TEST(arrives(*both.a, 7));
  BOOST_TEST(both.a->heard.now().received.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_peer_that_is_listed_again_is_admitted_again) {
  pair_of_nodes both;
  both.a->restart_peers({});
  BOOST_REQUIRE(both.b->wait([](const auto& all) { return all.count("a", link_event::disconnected) == 1; }));
  both.a->restart_peers({entry_of("b", both.b->endpoint())});
  BOOST_REQUIRE(both.b->wait([](const auto& all) { return all.count("a", link_event::connected) == 2; }));
  BOOST_REQUIRE(both.a->wait([](const auto& all) { return all.count("b", link_event::connected) == 2; }));
  BOOST_TEST((both.b->wire->send("a", letter("b", "a", 4)) == sent::queued));
  BOOST_TEST(arrives(*both.a, 4));
}

BOOST_AUTO_TEST_CASE(a_list_that_revokes_nothing_disturbs_nobody) {
  pair_of_nodes both;
  auto b_with_next = entry_of("b", both.b->endpoint());
  b_with_next.public_keys.push_back(keys_of("b next").public_key);
  both.a->restart_peers({b_with_next, entry_of("c", nobody_there), entry_of("a", both.a->endpoint())});
  BOOST_TEST((both.a->wire->send("b", letter("a", "b", 1)) == sent::queued));
  BOOST_TEST((both.b->wire->send("a", letter("b", "a", 2)) == sent::queued));
  BOOST_TEST(arrives(*both.b, 1));
  BOOST_TEST(arrives(*both.a, 2));
  BOOST_TEST(both.a->heard.now().links.size() == 1U);
  BOOST_TEST(both.b->heard.now().links.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_malformed_list_is_refused_and_the_old_one_stays) {
  pair_of_nodes both;
  auto refused = both.a->wire->set_peers({{"B", both.b->endpoint(), {keys_of("b").public_key}}});
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == domain::error_code::invalid));
  BOOST_TEST((both.a->wire->send("b", letter("a", "b", 1)) == sent::queued));
  BOOST_TEST(arrives(*both.b, 1));
}

BOOST_AUTO_TEST_CASE(R12_the_next_key_is_accepted_both_ways_while_keys_change) {
  pair_of_nodes both;
  const auto endpoint = both.b->endpoint();
  const peer b_changing{"b", endpoint, {keys_of("b").public_key, keys_of("b next").public_key}};
  both.a->restart_peers({b_changing});
  both.b.reset();
  BOOST_REQUIRE(both.a->wait([](const auto& all) { return all.count("b", link_event::disconnected) == 1; }));

  auto opts = again("b", endpoint, {entry_of("a", both.a->endpoint())});
  opts.keys = keys_of("b next");
  both.b = std::make_unique<node>(std::move(opts));
  BOOST_REQUIRE(both.b->wait_connected("a"));
  BOOST_REQUIRE(both.a->wait([](const auto& all) { return all.count("b", link_event::connected) == 2; }));
  BOOST_TEST((both.a->wire->send("b", letter("a", "b", 2)) == sent::queued));
  BOOST_TEST((both.b->wire->send("a", letter("b", "a", 3)) == sent::queued));
  BOOST_TEST(arrives(*both.b, 2));
  BOOST_TEST(arrives(*both.a, 3));

  // The old key goes: whoever still holds it is out, the connection with the new one is made again.
  both.a->restart_peers({{"b", endpoint, {keys_of("b next").public_key}}});
  BOOST_REQUIRE(both.b->wait([](const auto& all) { return all.count("a", link_event::connected) == 2; }));
  test::raw_client old(keys_of("b"), keys_of("a").public_key, both.a->endpoint());
  BOOST_TEST(old.wait_event(ZMQ_EVENT_HANDSHAKE_FAILED_AUTH));
}

BOOST_AUTO_TEST_CASE(R12_a_server_with_another_key_than_the_listed_one_is_not_talked_to) {
  node impostor(quick("mallory", {entry_of("a", nobody_there)}));
  node a(quick("a", {{"b", impostor.endpoint(), {keys_of("b").public_key}}, entry_of("c", nobody_there)}));
  node d(quick("d", {entry_of("a", a.endpoint())}));
  // Refusals of d show that a's thread went round many times meanwhile.
  BOOST_REQUIRE(a.wait([](const auto& all) { return all.count(refusal::unknown_key) >= 5; }));
  BOOST_TEST(a.heard.now().links.empty());
  BOOST_TEST((a.wire->send("b", letter("a", "b", 1)) == sent::not_connected));
}

BOOST_AUTO_TEST_CASE(callbacks_may_send_and_change_the_list) {
  node b(quick("b"));
  std::unique_ptr<transport> a;
  std::promise<void> ready;
  auto opts = quick("a", {entry_of("b", b.endpoint())});
  callbacks handlers;
  handlers.link_changed = [&, started = ready.get_future().share()](const std::string& name, link_event event) {
    started.wait();
    if (event != link_event::connected) return;
    a->send(name, letter("a", name, 5));
    static_cast<void>(a->set_peers({entry_of("b", b.endpoint()), entry_of("c", nobody_there)}));
  };
  a = transport::start(std::move(opts), std::move(handlers)).value();
  ready.set_value();
  b.restart_peers({entry_of("a", a->bound_endpoint())});
  BOOST_TEST(arrives(b, 5));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(start_and_stop)

BOOST_AUTO_TEST_CASE(the_bound_endpoint_names_the_port) {
  node a(quick("a"));
  BOOST_TEST(a.endpoint().starts_with("tcp://127.0.0.1:"));
  BOOST_TEST(!a.endpoint().ends_with(":0"));
}

BOOST_AUTO_TEST_CASE(a_wildcard_address_is_proven_and_bound) {
  auto opts = quick("a");
  opts.endpoint = "tcp://*:*";
  node a(std::move(opts));
  const auto port = a.endpoint().substr(a.endpoint().rfind(':'));
  node b(quick("b", {entry_of("a", "tcp://127.0.0.1" + port)}));
  a.restart_peers({entry_of("b", b.endpoint())});
  BOOST_TEST(b.wait_connected("a"));
}

BOOST_AUTO_TEST_CASE(an_address_in_use_is_an_io_error) {
  node a(quick("a"));
  auto opts = quick("b");
  opts.endpoint = a.endpoint();
  BOOST_TEST((failure_of(std::move(opts)) == domain::error_code::io));
}

BOOST_AUTO_TEST_CASE(options_that_cannot_work_are_invalid) {
  const auto fails_with = [](void (*change)(options&)) {
    auto opts = quick("a");
    change(opts);
    return failure_of(std::move(opts)) == domain::error_code::invalid;
  };
  BOOST_TEST(fails_with([](options& opts) { opts.name = "A"; }));
  BOOST_TEST(fails_with([](options& opts) { opts.endpoint = "ipc:///tmp/elsec"; }));
  BOOST_TEST(fails_with([](options& opts) { opts.keys = {}; }));
  BOOST_TEST(fails_with([](options& opts) { opts.keys.public_key = keys_of("b").public_key; }));
  BOOST_TEST(fails_with([](options& opts) { opts.queue_bytes_max = opts.message_bytes_max; }));
  BOOST_TEST(fails_with([](options& opts) { opts.handshake_timeout = {}; }));
  BOOST_TEST(fails_with([](options& opts) { opts.peers = {entry_of("b", "b")}; }));
}

BOOST_AUTO_TEST_CASE(stopping_takes_under_a_second_while_peers_are_down) {
  node a(quick("a", {entry_of("b", nobody_there), entry_of("c", unreachable)}));
  const auto begin = steady_clock::now();
  a.wire.reset();
  BOOST_TEST((steady_clock::now() - begin < std::chrono::seconds(1)));
}

BOOST_AUTO_TEST_CASE(stopping_takes_under_a_second_while_messages_wait_for_a_peer_that_does_not_read) {
  pair_of_nodes both;
  both.b->heard.hold_receiving(true);
  for (int i = 0; i < 100; ++i) both.a->wire->send("b", letter("a", "b", 1, domain::bytes(1U << 20)));
  const auto begin = steady_clock::now();
  both.a->wire.reset();
  BOOST_TEST((steady_clock::now() - begin < std::chrono::seconds(1)));
  both.b->heard.hold_receiving(false);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::transport
