// R14: who fails often is slowed, then refused; who asks for something valid never is. And whose failures they are.

#include "tests/gateway/fair_listener.hpp"

#include <future>
#include <sys/socket.h>
#include <unistd.h>

using namespace elsec;
using namespace elsec::gateway;
using namespace elsec::gateway::testing;

namespace {

constexpr std::size_t failures_allowed = 4;

limits strict(std::chrono::milliseconds slowed = 0ms) {
  limits bounds;
  bounds.failures_per_address_max = failures_allowed;
  bounds.slowed_max = slowed;
  return bounds;
}

// Statuses of so many refused requests of a client, one after the other.
std::vector<unsigned> statuses(const fair_listener& node, const char* from, std::size_t count,
                               std::string_view fields = "") {
  client asking(node.port(), from);
  std::vector<unsigned> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(asking.ask(get_request("/secret", fields)).status);
  return all;
}

const std::vector<unsigned> all_401(failures_allowed, 401U);

}  // namespace

BOOST_AUTO_TEST_SUITE(failures)

BOOST_AUTO_TEST_CASE(refused_credentials_are_slowed_before_they_are_429) {
  fair_listener node(strict(100ms));
  client guessing(node.port(), "127.0.0.2");
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < failures_allowed; ++i) BOOST_TEST(guessing.ask(get_request("/secret")).status == 401U);
  BOOST_TEST((std::chrono::steady_clock::now() - begin >= 150ms));  // a third, two thirds, and all of the delay
  const auto refusal = guessing.ask(get_request("/secret"));
  BOOST_TEST(refusal.status == 429U);
  BOOST_TEST(refusal.field("Retry-After").value() == "60");
  BOOST_TEST(refusal.body.contains("wait a minute"));
  BOOST_TEST(node.seen->count("failures_of_address") == 1U);
  BOOST_TEST(guessing.ask(get_request("/hello")).status == 200U);
}

BOOST_AUTO_TEST_CASE(a_valid_request_beside_failures_of_its_address_is_neither_slowed_nor_refused) {
  auto bounds = strict(1h);
  bounds.requests_in_flight_max = 1;  // nor does a slowed answer hold a place
  fair_listener node(bounds);
  std::vector<std::unique_ptr<client>> guessing;
  for (std::size_t i = 0; i < failures_allowed + 4; ++i) {
    guessing.push_back(std::make_unique<client>(node.port(), "127.0.0.2"));
    guessing.back()->send(get_request("/secret"));
    node.seen->wait_for("/secret", i + 1);
    client valid(node.port(), "127.0.0.2");
    for (int each = 0; each < 5; ++each) BOOST_TEST(valid.ask(get_request("/hello")).status == 200U);
    BOOST_TEST(valid.ask(post_request("hello")).status == 200U);
  }
  BOOST_TEST(node.seen->count("failures_of_address") == 4U);
}

BOOST_AUTO_TEST_CASE(a_stop_does_not_wait_for_a_slowed_answer_which_still_arrives) {
  fair_listener node(strict(1h));
  client guessing(node.port(), "127.0.0.2");
  BOOST_TEST(guessing.ask(get_request("/secret")).status == 401U);
  guessing.send(get_request("/secret"));
  node.seen->wait_for("/secret", 2);
  const auto before = std::chrono::steady_clock::now();
  node.listener->stop();
  BOOST_TEST((std::chrono::steady_clock::now() - before < stop_grace + stop_abort_grace + 2s));
  BOOST_TEST(guessing.receive().status == 401U);
}

BOOST_AUTO_TEST_CASE(unreadable_requests_are_slowed_and_then_429) {
  fair_listener node(strict());
  for (std::size_t i = 0; i < failures_allowed; ++i)
    BOOST_TEST(client(node.port(), "127.0.0.2").ask("nonsense\r\n\r\n").status == 400U);
  BOOST_TEST(client(node.port(), "127.0.0.2").ask("nonsense\r\n\r\n").status == 429U);
  BOOST_TEST(client(node.port(), "127.0.0.3").ask("nonsense\r\n\r\n").status == 400U);
}

BOOST_AUTO_TEST_CASE(broken_handshakes_count_as_failures_of_their_address) {
  fair_listener node(strict());
  for (std::size_t i = 0; i < failures_allowed; ++i) {
    const int socket = connect_plain(node.port(), "127.0.0.2");
    BOOST_TEST(::send(socket, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL) == 18);
    node.seen->wait_for("handshake", i + 1);
    ::close(socket);
  }
  BOOST_TEST(statuses(node, "127.0.0.2", 1) == std::vector<unsigned>{429});
  BOOST_TEST(statuses(node, "127.0.0.3", 1) == std::vector<unsigned>{401});
}

BOOST_AUTO_TEST_CASE(headers_that_are_cut_off_count_as_failures_of_their_address) {
  fair_listener node(strict());
  for (std::size_t i = 0; i < failures_allowed; ++i) {
    auto cut = std::make_unique<client>(node.port(), "127.0.0.2");
    cut->send("GET / HTTP/1.1\r\nHo");
    cut.reset();
    node.seen->wait_for("header_cut_off", i + 1);
  }
  BOOST_TEST(statuses(node, "127.0.0.2", 1) == std::vector<unsigned>{429});
}

BOOST_AUTO_TEST_CASE(failures_have_a_cap_by_network) {
  auto bounds = strict();
  bounds.failures_per_network_max = 2;
  fair_listener node(bounds);
  BOOST_TEST(statuses(node, "127.0.0.2", 1) == std::vector<unsigned>{401});
  BOOST_TEST(statuses(node, "127.0.0.3", 1) == std::vector<unsigned>{401});
  BOOST_TEST(statuses(node, "127.0.0.4", 1) == std::vector<unsigned>{429});
  BOOST_TEST(statuses(node, "127.0.1.4", 1) == std::vector<unsigned>{401});
}

BOOST_AUTO_TEST_CASE(behind_a_trusted_proxy_failures_are_of_the_client_it_names) {
  fair_listener node(strict(), {"127.0.0.2"});
  BOOST_TEST(statuses(node, "127.0.0.2", failures_allowed, "X-Forwarded-For: 203.0.113.7\r\n") == all_401);
  BOOST_TEST(statuses(node, "127.0.0.2", 1, "X-Forwarded-For: 203.0.113.7\r\n") == std::vector<unsigned>{429});
  BOOST_TEST(statuses(node, "127.0.0.2", 1, "Forwarded: for=203.0.113.7\r\n") == std::vector<unsigned>{429});
  BOOST_TEST(statuses(node, "127.0.0.2", 1, "X-Forwarded-For: 198.51.100.1\r\n") == std::vector<unsigned>{401});
  // A proxy that adds a line of its own instead of going on with the one that is there.
  BOOST_TEST(statuses(node, "127.0.0.2", 1, "X-Forwarded-For: 192.0.2.5\r\nX-Forwarded-For: 203.0.113.7\r\n") ==
             std::vector<unsigned>{429});
}

BOOST_AUTO_TEST_CASE(what_anybody_else_says_about_its_client_is_ignored) {
  fair_listener node(strict(), {"127.0.0.2"});
  for (std::size_t i = 0; i < failures_allowed; ++i)
    BOOST_TEST(statuses(node, "127.0.0.3", 1, fmt::format("X-Forwarded-For: 203.0.113.{}\r\n", i)) ==
               std::vector<unsigned>{401});
  BOOST_TEST(statuses(node, "127.0.0.3", 1, "X-Forwarded-For: 203.0.113.99\r\n") == std::vector<unsigned>{429});
  BOOST_TEST(statuses(node, "127.0.0.2", 1, "X-Forwarded-For: 203.0.113.1\r\n") == std::vector<unsigned>{401});
}

BOOST_AUTO_TEST_CASE(what_a_trusted_proxy_says_unreadably_counts_for_itself) {
  fair_listener node(strict(), {"127.0.0.2"});
  for (const auto* fields : {"Forwarded: nonsense\r\n", "X-Forwarded-For: unknown\r\n", "Forwarded: for=\"\r\n", ""})
    BOOST_TEST(statuses(node, "127.0.0.2", 1, fields) == std::vector<unsigned>{401});
  BOOST_TEST(statuses(node, "127.0.0.2", 1) == std::vector<unsigned>{429});
  BOOST_TEST(statuses(node, "127.0.0.2", 1, "Forwarded: for=203.0.113.7\r\n") == std::vector<unsigned>{401});
}

BOOST_AUTO_TEST_CASE(behind_a_trusted_proxy_late_bodies_are_of_the_client_it_names) {
  limits bounds;
  bounds.body_prompt = 0ms;
  bounds.slowed_max = 0ms;
  bounds.late_bodies_per_address_max = 1;
  fair_listener node(bounds, {"127.0.0.2"});
  const auto slow = slow_client(node, "127.0.0.2", "Forwarded: for=203.0.113.7\r\n");
  BOOST_TEST(slow_client(node, "127.0.0.2", "Forwarded: for=203.0.113.7\r\n")->receive().status == 429U);
  BOOST_TEST(slow_client(node, "127.0.0.2", "Forwarded: for=198.51.100.1\r\n")->ask("0123456789").status == 200U);
}

BOOST_AUTO_TEST_CASE(the_cap_on_connections_of_an_address_is_not_for_trusted_proxies_but_the_one_on_all_is) {
  limits bounds;
  bounds.connections_per_address_max = 1;
  bounds.connections_max = 4;
  fair_listener node(bounds, {"127.0.0.2"});
  std::vector<std::unique_ptr<client>> held;
  for (int i = 0; i < 3; ++i) {
    held.push_back(std::make_unique<client>(node.port(), "127.0.0.2"));
    BOOST_TEST(held.back()->connected());
  }
  const client other(node.port(), "127.0.0.3");
  BOOST_TEST(other.connected());
  BOOST_TEST(!client(node.port(), "127.0.0.2").connected());
  held.pop_back();
  BOOST_TEST(!client(node.port(), "127.0.0.3").connected());
}

BOOST_AUTO_TEST_SUITE_END()
