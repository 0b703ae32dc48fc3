// Whoever follows the feed knows where it stands before anything happens, and comes back to there (G7).

#include "tests/gateway/small_node.hpp"

using namespace elsec::gateway::testing;

namespace {

struct feed_reader {
  explicit feed_reader(const small_node& node, const std::string& fields = {}, const std::string& query = {})
      : stream(node.listener->port()) {
    stream.send(small_node::request_for("GET", "/events" + query, fields));
    stream.read_until("\r\n\r\n");  // from here on it misses nothing
  }
  // All that came up to and with `text`.
  std::string heard_to(std::string_view text) { return stream.read_until(text); }

  client stream;
};

std::string last_event_id(std::string_view id) { return "Last-Event-ID: " + std::string(id) + "\r\n"; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(event_streams, small_node)

BOOST_AUTO_TEST_CASE(G7_a_stream_of_an_empty_feed_tells_its_position_before_any_event) {
  feed_reader reader(*this);
  publish("document.received");
  const auto heard = reader.heard_to("document.received");
  BOOST_TEST(heard.contains("id: 0\n\n"));
  BOOST_TEST(heard.contains("id: 1\n"));
}

BOOST_AUTO_TEST_CASE(G7_a_stream_cut_off_before_any_event_is_taken_up_without_a_gap) {
  {
    const feed_reader cut(*this);
  }
  publish("document.received");
  BOOST_TEST(feed_reader(*this, last_event_id("0")).heard_to("document.received").ends_with("document.received"));
}

BOOST_AUTO_TEST_CASE(a_stream_without_an_id_begins_behind_what_there_is) {
  publish("document.received");
  feed_reader reader(*this);
  publish("letter.updated");
  const auto heard = reader.heard_to("letter.updated");
  BOOST_TEST(heard.contains("id: 1\n\n"));
  BOOST_TEST(heard.contains("id: 2\n"));
  BOOST_TEST(!heard.contains("document.received"));
}

BOOST_AUTO_TEST_CASE(an_empty_id_is_none) {
  publish("document.received");
  feed_reader reader(*this, last_event_id(""));
  publish("letter.updated");
  BOOST_TEST(reader.heard_to("letter.updated").contains("id: 1\n\n"));
  BOOST_TEST(
      feed_reader(*this, last_event_id(""), "?after=0").heard_to("document.received").ends_with("document.received"));
}

BOOST_AUTO_TEST_CASE(an_id_that_is_no_position_is_refused) {
  client browser(listener->port());
  BOOST_TEST(browser.ask(request_for("GET", "/events", last_event_id("x"))).status == 422U);
}

BOOST_AUTO_TEST_CASE(a_stream_ends_with_its_credential) {
  feed_reader reader(*this);
  reader.heard_to("id: 0\n\n");
  revoke();
  BOOST_TEST(reader.stream.is_closed());
}

// Before the stream watches it: nobody would tell it any more.
BOOST_AUTO_TEST_CASE(a_credential_that_is_revoked_between_its_check_and_the_stream_opens_none) {
  authenticated = [this] { revoke(); };
  client browser(listener->port());
  BOOST_TEST(browser.ask(request_for("GET", "/events", "Accept: text/event-stream\r\n")).status == 401U);
}

BOOST_AUTO_TEST_SUITE_END()
