// What clients may try that are no nodes of ours, or nodes gone bad.

#include "tests/transport/support.hpp"

#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <optional>
#include <random>
#include <sys/socket.h>
#include <unistd.h>

namespace elsec::transport {
namespace {

using test::entry_of;
using test::keys_of;
using test::letter;
using test::node;
using test::quick;
using test::raw_client;

constexpr auto nowhere = "tcp://127.0.0.1:1";

// Node "a", and a raw client that holds the key of its peer "b".
struct besieged {
  besieged() {
    auto opts = quick("a", {entry_of("b", nowhere)});
    opts.message_bytes_max = 64U << 10;
    opts.handshake_timeout = std::chrono::milliseconds(300);
    a = std::make_unique<node>(std::move(opts));
  }

  [[nodiscard]] raw_client insider() const { return {keys_of("b"), keys_of("a").public_key, a->endpoint()}; }

  // Waits until a good message came, and checks that nothing else did.
  void only_a_good_message_arrives(raw_client& client) const {
    const auto good = letter("b", "a", 99);
    client.send({encode_header(good.header), good.body});
    BOOST_REQUIRE(a->wait([](const auto& all) { return !all.received.empty(); }));
    BOOST_TEST(a->heard.now().received.size() == 1U);
    BOOST_TEST(a->heard.now().received[0].header.sequence == 99U);
  }

  void refused_as_malformed(const std::vector<domain::bytes>& frames) const {
    auto client = insider();
    client.send(frames);
    only_a_good_message_arrives(client);
    const auto heard = a->heard.now();
    BOOST_REQUIRE(heard.refusals.size() == 1U);
    BOOST_TEST((heard.refusals[0].reason == refusal::malformed_envelope));
    BOOST_TEST(heard.refusals[0].peer == "b");
    BOOST_TEST(heard.refusals[0].address == "127.0.0.1");
  }

  std::unique_ptr<node> a;
};

// A TCP connection to a node, closed at the end.
class tcp_client {
 public:
  explicit tcp_client(const std::string& endpoint) : descriptor_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    BOOST_REQUIRE(connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const timeval limit{test::patience.count(), 0};
    BOOST_REQUIRE(setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);
  }
  ~tcp_client() { close(descriptor_); }
  tcp_client(const tcp_client&) = delete;
  tcp_client& operator=(const tcp_client&) = delete;

  void send(const domain::bytes& data) { ::send(descriptor_, data.data(), data.size(), MSG_NOSIGNAL); }

  // Reads until the node hangs up; how many bytes it said, or nothing if it never did.
  std::optional<std::size_t> read_to_end() {
    std::array<char, 4'096> buffer{};
    std::size_t total = 0;
    while (true) {
      const auto count = recv(descriptor_, buffer.data(), buffer.size(), 0);
      if (count == 0 || (count < 0 && errno == ECONNRESET)) return total;
      if (count < 0) return std::nullopt;
      total += static_cast<std::size_t>(count);
    }
  }

 private:
  int descriptor_;
};

constexpr std::size_t greeting_bytes = 64;  // ZMTP 3.1: all a stranger may learn

}  // namespace

BOOST_FIXTURE_TEST_SUITE(hostile, besieged)

BOOST_AUTO_TEST_CASE(one_frame_is_malformed) { refused_as_malformed({encode_header(letter("b", "a", 1).header)}); }

BOOST_AUTO_TEST_CASE(three_frames_are_malformed) {
  refused_as_malformed({encode_header(letter("b", "a", 1).header), {1}, {2}});
}

BOOST_AUTO_TEST_CASE(an_empty_first_frame_is_malformed) {
  refused_as_malformed({{}, encode_header(letter("b", "a", 1).header), {1}});
}

BOOST_AUTO_TEST_CASE(thousands_of_frames_are_one_malformed_message) {
  refused_as_malformed(std::vector<domain::bytes>(5'000, domain::bytes(100)));
}

BOOST_AUTO_TEST_CASE(a_garbage_header_is_malformed) {
  std::mt19937 random(12);
  domain::bytes garbage(200);
  for (auto& byte : garbage) byte = static_cast<std::uint8_t>(random());
  refused_as_malformed({garbage, {1}});
}

BOOST_AUTO_TEST_CASE(a_header_frame_over_its_limit_is_malformed) {
  refused_as_malformed({domain::bytes(header_bytes_max + 1), {1}});
}

BOOST_AUTO_TEST_CASE(a_frame_of_exactly_the_limit_arrives) {
  auto client = insider();
  const auto good = letter("b", "a", 1, domain::bytes(64U << 10, 5));
  client.send({encode_header(good.header), good.body});
  BOOST_REQUIRE(a->wait([](const auto& all) { return !all.received.empty(); }));
  BOOST_TEST((a->heard.now().received[0].body == good.body));
}

BOOST_AUTO_TEST_CASE(a_frame_one_byte_over_the_limit_costs_its_sender_the_connection) {
  auto client = insider();
  BOOST_REQUIRE(client.wait_event(ZMQ_EVENT_HANDSHAKE_SUCCEEDED));
  client.send({encode_header(letter("b", "a", 1).header), domain::bytes((64U << 10) + 1)});
  BOOST_REQUIRE(client.wait_event(ZMQ_EVENT_DISCONNECTED));
  auto another = insider();
  only_a_good_message_arrives(another);
}

BOOST_AUTO_TEST_CASE(R12_an_unencrypted_client_gets_nothing) {
  raw_client null([](zmq::socket_t&) {}, a->endpoint());
  null.send({encode_header(letter("b", "a", 1).header), {1}});
  BOOST_TEST(null.wait_event(ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL));
  auto client = insider();
  only_a_good_message_arrives(client);
}

BOOST_AUTO_TEST_CASE(R12_a_client_with_a_password_but_no_encryption_gets_nothing) {
  raw_client plain(
      [](zmq::socket_t& socket) {
        socket.set(zmq::sockopt::plain_username, "b");
        socket.set(zmq::sockopt::plain_password, "b");
      },
      a->endpoint());
  plain.send({encode_header(letter("b", "a", 1).header), {1}});
  BOOST_TEST(plain.wait_event(ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL));
  auto client = insider();
  only_a_good_message_arrives(client);
}

BOOST_AUTO_TEST_CASE(R12_a_client_that_takes_another_node_for_this_one_gets_nothing) {
  raw_client mistaken(keys_of("b"), keys_of("c").public_key, a->endpoint());
  mistaken.send({encode_header(letter("b", "a", 1).header), {1}});
  BOOST_TEST(mistaken.wait_event(ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL));
  auto client = insider();
  only_a_good_message_arrives(client);
}

BOOST_AUTO_TEST_CASE(R12_a_client_with_an_unlisted_key_gets_nothing) {
  raw_client stranger(keys_of("stranger"), keys_of("a").public_key, a->endpoint());
  stranger.send({encode_header(letter("b", "a", 1).header), {1}});
  BOOST_TEST(stranger.wait_event(ZMQ_EVENT_HANDSHAKE_FAILED_AUTH));
  auto client = insider();
  only_a_good_message_arrives(client);
  BOOST_TEST(a->heard.now().count(refusal::unknown_key) == 1U);
}

BOOST_AUTO_TEST_CASE(a_chosen_routing_id_lends_no_name) {
  raw_client liar(
      [](zmq::socket_t& socket) {
        const auto keys = keys_of("b");
        const auto server = keys_of("a").public_key;
        const auto secret_key = keys.secret_key.view();
        socket.set(zmq::sockopt::routing_id, "c");
        socket.set(zmq::sockopt::curve_publickey, zmq::buffer(keys.public_key));
        socket.set(zmq::sockopt::curve_secretkey, zmq::buffer(secret_key.data(), secret_key.size()));
        socket.set(zmq::sockopt::curve_serverkey, zmq::buffer(server));
      },
      a->endpoint());
  a->restart_peers({entry_of("b", nowhere), entry_of("c", nowhere)});
  liar.send({encode_header(letter("c", "a", 1).header), {1}});
  only_a_good_message_arrives(liar);
  BOOST_TEST(a->heard.now().count(refusal::sender_mismatch) == 1U);
}

BOOST_AUTO_TEST_CASE(R12_tcp_garbage_is_cut_off_with_nothing_but_a_greeting) {
  std::mt19937 random(12);
  for (int round = 0; round < 50; ++round) {
    tcp_client garbage(a->endpoint());
    domain::bytes data(1 + random() % 5'000);
    for (auto& byte : data) byte = static_cast<std::uint8_t>(random());
    garbage.send(data);
    const auto said = garbage.read_to_end();
    BOOST_REQUIRE(said.has_value());
    BOOST_TEST(*said <= greeting_bytes);
  }
  auto client = insider();
  only_a_good_message_arrives(client);
}

BOOST_AUTO_TEST_CASE(R12_a_silent_connection_is_cut_off) {
  tcp_client silent(a->endpoint());
  const auto said = silent.read_to_end();
  BOOST_REQUIRE(said.has_value());
  BOOST_TEST(*said <= greeting_bytes);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::transport
