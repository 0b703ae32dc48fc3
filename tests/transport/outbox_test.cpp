#include "transport/outbox.hpp"

#include "tests/transport/support.hpp"
#include "transport/limits.hpp"

#include <boost/test/unit_test.hpp>

namespace elsec::transport {
namespace {

constexpr std::size_t messages_max = 3;
constexpr std::size_t bytes_max = 100;

roster peers(const std::vector<std::string>& names) {
  std::vector<peer> entries;
  for (const auto& name : names) entries.push_back(test::entry_of(name, "tcp://127.0.0.1:7000"));
  return roster::make(entries, "self", test::keys_of("self")).value();
}

parcel of_size(std::size_t bytes) { return {zmq::message_t(), zmq::message_t(bytes), {}}; }
parcel giving_way(const std::string& id, std::size_t bytes) { return {zmq::message_t(), zmq::message_t(bytes), id}; }

struct connected_outbox {
  connected_outbox() {
    queue.keep_only(peers({"a", "b"}));
    queue.set_connected("a", true);
    queue.set_connected("b", true);
  }
  outbox queue{messages_max, bytes_max};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(waiting_messages, connected_outbox)

BOOST_AUTO_TEST_CASE(messages_leave_in_the_order_they_came) {
  BOOST_TEST((queue.push("a", of_size(1)) == sent::queued));
  BOOST_TEST((queue.push("a", of_size(2)) == sent::queued));
  BOOST_TEST(queue.pop("a").value().body.size() == 1U);
  BOOST_TEST(queue.pop("a").value().body.size() == 2U);
  BOOST_TEST(!queue.pop("a").has_value());
}

BOOST_AUTO_TEST_CASE(the_number_of_messages_is_bounded_per_peer) {
  for (std::size_t i = 0; i < messages_max; ++i) BOOST_TEST((queue.push("a", of_size(1)) == sent::queued));
  BOOST_TEST((queue.push("a", of_size(1)) == sent::full));
  BOOST_TEST((queue.push("b", of_size(1)) == sent::queued));
  BOOST_REQUIRE(queue.pop("a").has_value());
  BOOST_TEST((queue.push("a", of_size(1)) == sent::queued));
}

BOOST_AUTO_TEST_CASE(the_bytes_are_bounded_per_peer_and_given_back) {
  BOOST_TEST((queue.push("a", of_size(bytes_max + 1)) == sent::full));
  BOOST_TEST((queue.push("a", of_size(60)) == sent::queued));
  BOOST_TEST((queue.push("a", of_size(41)) == sent::full));
  BOOST_TEST((queue.push("a", of_size(40)) == sent::queued));
  BOOST_REQUIRE(queue.pop("a").has_value());
  BOOST_TEST((queue.push("a", of_size(60)) == sent::queued));
}

BOOST_AUTO_TEST_CASE(a_disconnected_peer_takes_nothing_new_but_keeps_what_waits) {
  BOOST_TEST((queue.push("a", of_size(1)) == sent::queued));
  queue.set_connected("a", false);
  BOOST_TEST((queue.push("a", of_size(1)) == sent::not_connected));
  BOOST_TEST(queue.has_messages_for("a"));
}

BOOST_AUTO_TEST_CASE(a_new_list_keeps_the_queues_of_those_who_stay_and_drops_the_others) {
  BOOST_TEST((queue.push("a", of_size(1)) == sent::queued));
  BOOST_TEST((queue.push("b", of_size(1)) == sent::queued));
  queue.keep_only(peers({"b", "c"}));
  BOOST_TEST((queue.push("a", of_size(1)) == sent::unknown_peer));
  BOOST_TEST(!queue.has_messages_for("a"));
  BOOST_TEST(queue.has_messages_for("b"));
  BOOST_TEST((queue.push("b", of_size(1)) == sent::queued));
  BOOST_TEST((queue.push("c", of_size(1)) == sent::not_connected));
}

BOOST_AUTO_TEST_CASE(what_gives_way_is_passed_by_what_comes_later) {
  BOOST_TEST((queue.push("a", giving_way("1", 20)) == sent::queued));
  BOOST_TEST((queue.push("a", of_size(1)) == sent::queued));
  BOOST_TEST(queue.pop("a").value().body.size() == 1U);
  BOOST_TEST(queue.has_messages_for("a"));
  BOOST_TEST(queue.pop("a").value().body.size() == 20U);
  BOOST_TEST(!queue.has_messages_for("a"));
}

BOOST_AUTO_TEST_CASE(what_gives_way_goes_once_enough_have_passed) {
  BOOST_TEST((queue.push("a", giving_way("1", 20)) == sent::queued));
  for (std::size_t i = 0; i < passes_max; ++i) {
    BOOST_TEST((queue.push("a", of_size(1)) == sent::queued));
    BOOST_TEST(queue.pop("a").value().body.size() == 1U);
  }
  BOOST_TEST((queue.push("a", of_size(1)) == sent::queued));
  BOOST_TEST(queue.pop("a").value().body.size() == 20U);
}

BOOST_AUTO_TEST_CASE(what_gives_way_waits_once_under_its_id) {
  BOOST_TEST((queue.push("a", giving_way("1", 20)) == sent::queued));
  BOOST_TEST(queue.holds("a", "1"));
  BOOST_TEST(!queue.holds("a", "2"));
  BOOST_TEST(!queue.holds("b", "1"));
  BOOST_TEST((queue.push("a", giving_way("1", 20)) == sent::queued));
  BOOST_REQUIRE(queue.pop("a").has_value());
  BOOST_TEST(!queue.pop("a").has_value());
  BOOST_TEST((queue.push("a", giving_way("1", 20)) == sent::queued));
  BOOST_TEST(queue.has_messages_for("a"));
}

BOOST_AUTO_TEST_CASE(what_gives_way_leaves_half_of_the_room) {
  outbox roomy{10, bytes_max};
  roomy.keep_only(peers({"a"}));
  roomy.set_connected("a", true);
  BOOST_TEST((roomy.push("a", giving_way("1", 30)) == sent::queued));
  BOOST_TEST((roomy.push("a", giving_way("2", 30)) == sent::full));
  BOOST_TEST((roomy.push("a", giving_way("2", 20)) == sent::queued));
  BOOST_TEST((roomy.push("a", of_size(50)) == sent::queued));
  BOOST_TEST((roomy.push("a", of_size(1)) == sent::full));
}

BOOST_AUTO_TEST_CASE(a_lone_one_that_gives_way_may_be_larger_than_half) {
  BOOST_TEST((queue.push("a", giving_way("1", 90)) == sent::queued));
  BOOST_TEST((queue.push("a", giving_way("2", 101)) == sent::full));
}

BOOST_AUTO_TEST_CASE(what_gives_way_goes_with_its_connection_and_its_room_comes_back) {
  BOOST_TEST((queue.push("a", giving_way("1", 60)) == sent::queued));
  BOOST_TEST((queue.push("a", of_size(40)) == sent::queued));
  queue.set_connected("a", false);
  queue.set_connected("a", true);
  BOOST_TEST(!queue.holds("a", "1"));
  BOOST_TEST((queue.push("a", giving_way("1", 60)) == sent::queued));
  BOOST_TEST(queue.pop("a").value().body.size() == 40U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::transport
