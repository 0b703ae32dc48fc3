// R14: bodies that do not come take nothing away from those whose requests are there.

#include "tests/gateway/fair_listener.hpp"

#include <future>

using namespace elsec;
using namespace elsec::gateway;
using namespace elsec::gateway::testing;

namespace {

constexpr std::size_t slow_clients = 2'100;
constexpr std::size_t slow_addresses = 8;

// Each has sent a part of its body, so that it is waited for as long as a silence may last.
std::vector<std::unique_ptr<client>> crowd_of(const fair_listener& node, std::size_t number, std::size_t count) {
  const auto from = fmt::format("127.0.0.{}", 2 + number);
  const auto begin = "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n" + std::string(100, 'x');
  std::vector<std::unique_ptr<client>> all;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(std::make_unique<client>(node.port(), from.c_str()));
    all.back()->send(begin);
  }
  return all;
}

// Bodies that are not there with their head are late at once.
limits impatient() {
  limits bounds;
  bounds.body_prompt = 0ms;
  bounds.slowed_max = 0ms;
  return bounds;
}

// The client that asks is refused with this reason, whoever it was told to go on before.
void check_refused(fair_listener& node, const char* from, unsigned status, std::string_view reason) {
  const auto other = slow_client(node, from);
  const auto refusal = other->receive();
  BOOST_TEST(refusal.status == status);
  BOOST_TEST(refusal.field("Retry-After").has_value());
  BOOST_TEST(refusal.field("Connection").value() == "close");
  BOOST_TEST(refusal.body.contains("detail"));
  BOOST_TEST(node.seen->count(reason) == 1U);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(slow_bodies)

BOOST_AUTO_TEST_CASE(R14_beside_2100_slow_bodies_from_8_addresses_20_of_20_ordinary_requests_are_served) {
  limits bounds;
  bounds.body_prompt = 1h;  // the worst case: none of them is called late, nor refused
  bounds.body_bytes_per_second_min = 1;
  fair_listener node(bounds, {}, 2);
  std::vector<std::future<std::vector<std::unique_ptr<client>>>> crowds;
  for (std::size_t i = 0; i < slow_addresses; ++i) {
    const auto count = slow_clients / slow_addresses + (i < slow_clients % slow_addresses ? 1 : 0);
    crowds.push_back(std::async(std::launch::async, [&node, i, count] { return crowd_of(node, i, count); }));
  }
  std::vector<std::vector<std::unique_ptr<client>>> held;
  for (auto& crowd : crowds) held.push_back(crowd.get());
  node.seen->wait_for("/echo", slow_clients);
  for (int i = 0; i < 20; ++i) {
    client ordinary(node.port(), i < 10 ? "127.0.0.2" : "127.0.0.1");
    const auto answer = ordinary.ask(i % 2 == 0 ? get_request("/hello") : post_request("hello"));
    BOOST_TEST(answer.status == 200U);
    BOOST_TEST(answer.body == "hello");
  }
  BOOST_TEST(node.seen->count("requests_in_flight") == 0U);
}

BOOST_AUTO_TEST_CASE(a_request_has_its_place_from_when_its_body_is_there) {
  limits bounds;
  bounds.requests_in_flight_max = 1;
  fair_listener node(bounds);
  const auto slow = slow_client(node, "127.0.0.2");
  client other(node.port());
  BOOST_TEST(other.ask(get_request("/hello")).status == 200U);
  BOOST_TEST(other.ask(post_request("hello")).status == 200U);
  BOOST_TEST(slow->ask("0123456789").body == "0123456789");
}

BOOST_AUTO_TEST_CASE(when_its_body_is_there_and_no_place_is_free_a_request_is_503) {
  limits bounds;
  bounds.requests_in_flight_max = 0;
  fair_listener node(bounds);
  const auto slow = slow_client(node, "127.0.0.2");
  BOOST_TEST(node.seen->count("requests_in_flight") == 0U);
  const auto refusal = slow->ask("0123456789");
  BOOST_TEST(refusal.status == 503U);
  BOOST_TEST(refusal.field("Retry-After").has_value());
  BOOST_TEST(slow->ask(get_request("/hello")).status == 503U);  // the connection is of use, as the body was read
  BOOST_TEST(node.seen->count("requests_in_flight") == 2U);
}

BOOST_AUTO_TEST_CASE(late_bodies_have_a_cap_by_address_and_their_places_come_back) {
  auto bounds = impatient();
  bounds.late_bodies_per_address_max = 1;
  fair_listener node(bounds);
  const auto slow = slow_client(node, "127.0.0.2");
  check_refused(node, "127.0.0.2", 429, "bodies_of_address");
  BOOST_TEST(slow_client(node, "127.0.0.3")->ask("0123456789").status == 200U);
  BOOST_TEST(slow->ask("0123456789").status == 200U);
  BOOST_TEST(slow_client(node, "127.0.0.2")->ask("0123456789").status == 200U);
}

BOOST_AUTO_TEST_CASE(a_late_body_has_given_its_place_back_when_it_is_worked_on) {
  auto bounds = impatient();
  bounds.late_bodies_per_address_max = 1;
  fair_listener node(bounds);
  client working(node.port(), "127.0.0.2");
  BOOST_TEST(working.ask(slow_post("", "/work")).status == 100U);
  working.send("0123456789");
  node.seen->wait_for("at work", 1);
  BOOST_TEST(slow_client(node, "127.0.0.2")->ask("0123456789").status == 200U);
}

BOOST_AUTO_TEST_CASE(a_body_that_is_there_is_taken_whoever_else_is_late_from_its_address) {
  auto bounds = impatient();
  bounds.late_bodies_per_address_max = 1;
  bounds.late_bodies_per_network_max = 1;
  bounds.late_bodies_max = 1;
  fair_listener node(bounds);
  const auto slow = slow_client(node, "127.0.0.2");
  for (int i = 0; i < 20; ++i) BOOST_TEST(client(node.port(), "127.0.0.2").ask(post_request("hello")).status == 200U);
}

BOOST_AUTO_TEST_CASE(a_body_that_comes_promptly_is_not_late) {
  limits bounds;
  bounds.body_prompt = 1h;
  bounds.late_bodies_per_address_max = 0;
  fair_listener node(bounds);
  BOOST_TEST(slow_client(node, "127.0.0.2")->ask("0123456789").status == 200U);
}

BOOST_AUTO_TEST_CASE(a_body_becomes_late_while_it_is_waited_for) {
  limits bounds;
  bounds.body_prompt = 1ms;
  bounds.late_bodies_per_address_max = 0;
  fair_listener node(bounds);
  BOOST_TEST(slow_client(node, "127.0.0.2")->receive().status == 429U);
}

BOOST_AUTO_TEST_CASE(late_bodies_have_a_cap_by_network) {
  auto bounds = impatient();
  bounds.late_bodies_per_network_max = 1;
  fair_listener node(bounds);
  const auto slow = slow_client(node, "127.0.0.2");
  check_refused(node, "127.0.0.3", 429, "bodies_of_network");
  BOOST_TEST(slow_client(node, "127.0.1.2")->ask("0123456789").status == 200U);
}

BOOST_AUTO_TEST_CASE(late_bodies_have_a_cap_in_all) {
  auto bounds = impatient();
  bounds.late_bodies_max = 1;
  fair_listener node(bounds);
  const auto slow = slow_client(node, "127.0.0.2");
  check_refused(node, "127.1.0.2", 503, "bodies");
}

BOOST_AUTO_TEST_CASE(the_place_of_a_body_whose_client_vanished_comes_back) {
  auto bounds = impatient();
  bounds.late_bodies_per_address_max = 1;
  fair_listener node(bounds);
  (void)slow_client(node, "127.0.0.2");
  unsigned status = 0;
  for (int tries = 0; tries < 1'000 && status != 200; ++tries)
    status = slow_client(node, "127.0.0.2")->ask("0123456789").status;
  BOOST_TEST(status == 200U);
}

BOOST_AUTO_TEST_CASE(a_late_body_beyond_the_free_share_is_read_later_and_then_taken) {
  auto bounds = impatient();
  bounds.late_bodies_per_address_max = 4;
  bounds.slowed_max = 100ms;
  fair_listener node(bounds);
  std::vector<std::unique_ptr<client>> held;
  for (int i = 0; i < 3; ++i) held.push_back(slow_client(node, "127.0.0.2"));
  const auto before = std::chrono::steady_clock::now();
  BOOST_TEST(slow_client(node, "127.0.0.2")->ask("0123456789").status == 200U);
  BOOST_TEST((std::chrono::steady_clock::now() - before >= 50ms));  // three quarters of the cap: half of the delay
}

BOOST_AUTO_TEST_CASE(a_slowed_body_does_not_hold_up_a_stop) {
  auto bounds = impatient();
  bounds.late_bodies_per_address_max = 4;
  bounds.slowed_max = 1h;
  fair_listener node(bounds);
  std::vector<std::unique_ptr<client>> held;
  for (int i = 0; i < 4; ++i) held.push_back(slow_client(node, "127.0.0.2"));
  held.back()->send("0123456789");
  const auto before = std::chrono::steady_clock::now();
  node.listener->stop();
  BOOST_TEST((std::chrono::steady_clock::now() - before < stop_grace + stop_abort_grace + 2s));
  BOOST_TEST(held.back()->receive().status == 200U);
}

BOOST_AUTO_TEST_SUITE_END()
