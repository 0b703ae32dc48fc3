#include "transport/zap.hpp"

#include "tests/transport/support.hpp"

#include <boost/test/unit_test.hpp>

namespace elsec::transport {
namespace {

const curve_key& known_key() {
  static const curve_key key = test::keys_of("a").public_key;
  return key;
}

std::optional<std::string> owner_of(const curve_key& key) {
  if (key == known_key()) return "a";
  return std::nullopt;
}

zap_request request(const std::string& domain, const std::string& mechanism, const curve_key& key) {
  return {domain, "127.0.0.1", mechanism, domain::bytes(key.begin(), key.end())};
}

// What libzmq would read back for a request of these frames.
std::vector<std::string> answer_to(const std::vector<std::string>& frames) {
  zmq::context_t context;
  zap_handler handler(context, [](const zap_request& asked) { return decide_by_key(asked, owner_of); });
  zmq::socket_t client(context, zmq::socket_type::req);
  client.set(zmq::sockopt::linger, 0);
  client.set(zmq::sockopt::rcvtimeo, static_cast<int>(std::chrono::milliseconds(test::patience).count()));
  client.connect("inproc://zeromq.zap.01");
  std::vector<zmq::const_buffer> parts;
  for (const auto& frame : frames) parts.push_back(zmq::buffer(frame));
  BOOST_REQUIRE(zmq::send_multipart(client, parts).has_value());
  handler.answer_batch();
  std::vector<zmq::message_t> reply;
  BOOST_REQUIRE(zmq::recv_multipart(client, std::back_inserter(reply)).has_value());
  std::vector<std::string> texts;
  for (const auto& frame : reply) texts.push_back(frame.to_string());
  return texts;
}

std::string known_key_text() { return {known_key().begin(), known_key().end()}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(zap)

BOOST_AUTO_TEST_CASE(R12_a_listed_key_is_admitted_under_its_peers_name) {
  BOOST_TEST(decide_by_key(request("elsec", "CURVE", known_key()), owner_of).value() == "a");
}

BOOST_AUTO_TEST_CASE(R12_other_keys_mechanisms_and_domains_are_refused) {
  BOOST_TEST((decide_by_key(request("elsec", "CURVE", {}), owner_of).error() == refusal::unknown_key));
  BOOST_TEST((decide_by_key(request("elsec", "NULL", known_key()), owner_of).error() == refusal::unknown_key));
  BOOST_TEST((decide_by_key(request("elsec", "PLAIN", known_key()), owner_of).error() == refusal::unknown_key));
  BOOST_TEST((decide_by_key(request("", "CURVE", known_key()), owner_of).error() == refusal::wrong_domain));
  BOOST_TEST((decide_by_key(request("other", "CURVE", known_key()), owner_of).error() == refusal::wrong_domain));
  auto short_key = request("elsec", "CURVE", known_key());
  short_key.credentials.pop_back();
  BOOST_TEST((decide_by_key(short_key, owner_of).error() == refusal::unknown_key));
}

BOOST_AUTO_TEST_CASE(the_reply_has_the_frames_of_RFC_27) {
  const auto reply = answer_to({"1.0", "7", "elsec", "127.0.0.1", "", "CURVE", known_key_text()});
  BOOST_TEST(reply == (std::vector<std::string>{"1.0", "7", "200", "OK", "a", ""}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(malformed_requests_are_denied) {
  const auto status = [](const std::vector<std::string>& frames) { return answer_to(frames).at(2); };
  BOOST_TEST(status({"1.0"}) == "400");
  BOOST_TEST(status({"2.0", "7", "elsec", "127.0.0.1", "", "CURVE", known_key_text()}) == "400");
  BOOST_TEST(status({"1.0", "7", "elsec", "127.0.0.1", "", "CURVE"}) == "400");
  BOOST_TEST(status({"1.0", "7", "elsec", "127.0.0.1", "", "CURVE", known_key_text(), ""}) == "400");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::transport
