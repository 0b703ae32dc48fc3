// R12: who is not a node of this network cannot make a node do anything.

#include "tests/system/files.hpp"
#include "tests/system/tenant.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>
#include <zmq.h>

#include <array>
#include <memory>
#include <string>

namespace elsec::system_test {
namespace {

constexpr std::size_t z85_key_bytes = 40;
constexpr int monitor_patience_ms = 20'000;

// The value of the n-th `key = "value"` of node 1's configuration.
std::string setting(std::string_view key, unsigned which = 0) {
  const auto text = read_file(first().configuration_file);
  std::size_t at = 0;
  for (unsigned i = 0; i <= which; ++i) at = text.find(fmt::format("\n{} = \"", key), at + 1);
  BOOST_REQUIRE(at != std::string::npos);
  const auto begin = text.find('"', at) + 1;
  return text.substr(begin, text.find('"', begin) - begin);
}

// A bare ZeroMQ peer of node 1, which has the rights its socket's options give it.
class intruder {
 public:
  intruder() : context_(zmq_ctx_new(), &zmq_ctx_term), dealer_(make(ZMQ_DEALER)), monitor_(make(ZMQ_PAIR)) {}

  void use_keys(const std::string& public_key, const std::string& secret_key, const std::string& server_key) {
    BOOST_REQUIRE(zmq_setsockopt(dealer_.get(), ZMQ_CURVE_PUBLICKEY, public_key.c_str(), public_key.size() + 1) == 0);
    BOOST_REQUIRE(zmq_setsockopt(dealer_.get(), ZMQ_CURVE_SECRETKEY, secret_key.c_str(), secret_key.size() + 1) == 0);
    BOOST_REQUIRE(zmq_setsockopt(dealer_.get(), ZMQ_CURVE_SERVERKEY, server_key.c_str(), server_key.size() + 1) == 0);
  }
  // Connects, offers a message, and tells whether the node refused the handshake.
  bool is_refused() {
    BOOST_REQUIRE(zmq_socket_monitor(dealer_.get(), "inproc://monitor", ZMQ_EVENT_ALL) == 0);
    zmq_setsockopt(monitor_.get(), ZMQ_RCVTIMEO, &monitor_patience_ms, sizeof monitor_patience_ms);
    BOOST_REQUIRE(zmq_connect(monitor_.get(), "inproc://monitor") == 0);
    BOOST_REQUIRE(zmq_connect(dealer_.get(), setting("listen", 2).c_str()) == 0);
    zmq_send(dealer_.get(), "nonsense", 8, ZMQ_DONTWAIT);
    constexpr int verdicts = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                             ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                             ZMQ_EVENT_DISCONNECTED;
    const int verdict = next_event(verdicts);
    zmq_socket_monitor(dealer_.get(), nullptr, 0);
    return verdict != 0 && verdict != ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
  }

 private:
  using socket = std::unique_ptr<void, int (*)(void*)>;

  socket make(int type) {
    socket made(zmq_socket(context_.get(), type), &zmq_close);
    constexpr int at_once = 0;
    zmq_setsockopt(made.get(), ZMQ_LINGER, &at_once, sizeof at_once);
    return made;
  }
  int next_event(int wanted) {
    while (true) {
      std::array<unsigned char, 6> event{};
      if (zmq_recv(monitor_.get(), event.data(), event.size(), 0) < 0) return 0;
      std::array<char, 256> address{};
      zmq_recv(monitor_.get(), address.data(), address.size(), 0);
      const int number = event[0] | (event[1] << 8);
      if ((number & wanted) != 0) return number;
    }
  }

  std::unique_ptr<void, int (*)(void*)> context_;
  socket dealer_;
  socket monitor_;
};

struct key_pair {
  key_pair() : public_key(z85_key_bytes + 1, '\0'), secret_key(z85_key_bytes + 1, '\0') {
    BOOST_REQUIRE(zmq_curve_keypair(public_key.data(), secret_key.data()) == 0);
    public_key.resize(z85_key_bytes);
    secret_key.resize(z85_key_bytes);
  }
  std::string public_key;
  std::string secret_key;
};

void check_refused_and_counted(intruder& stranger) {
  const auto before = first().metric("elsec_node_refusals_total");
  const auto commits = first().metric("elsec_commits_total");
  BOOST_TEST(stranger.is_refused());
  eventually("the refusal to be counted", [&] { return first().metric("elsec_node_refusals_total") > before; });
  BOOST_TEST(first().metric("elsec_commits_total") == commits);
  BOOST_TEST(first().ask_operator("GET", "/ready").status == 200U);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(node_link)

BOOST_AUTO_TEST_CASE(r12_a_key_that_is_not_in_the_node_list_is_refused_and_counted) {
  const key_pair unknown;
  intruder stranger;
  stranger.use_keys(unknown.public_key, unknown.secret_key, setting("curve_key"));
  check_refused_and_counted(stranger);
}

BOOST_AUTO_TEST_CASE(r12_a_stranger_who_takes_the_node_for_another_is_refused_and_counted) {
  const key_pair unknown;
  intruder stranger;
  stranger.use_keys(unknown.public_key, unknown.secret_key, setting("curve_key", 1));
  check_refused_and_counted(stranger);
}

BOOST_AUTO_TEST_CASE(r12_a_peer_without_encryption_is_refused_and_counted) {
  intruder stranger;
  check_refused_and_counted(stranger);
}

BOOST_AUTO_TEST_CASE(r12_text_on_the_transport_port_is_no_handshake_and_gets_nothing_useful) {
  const auto listens = setting("listen", 2);
  const endpoint where{"127.0.0.1", static_cast<std::uint16_t>(std::stoul(listens.substr(listens.rfind(':') + 1))), {}};
  const auto heard = plain_exchange(where, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST((heard.find("HTTP/") == std::string::npos));
  BOOST_TEST(first().ask_operator("GET", "/ready").status == 200U);
}

BOOST_AUTO_TEST_CASE(r12_after_all_refusals_the_nodes_still_exchange_documents) {
  const tenant sender(first());
  const tenant receiver(second());
  receiver.grant_receive();
  receiver.wait_until_known_to(sender, true);
  const auto id = sender.dispatched(sender.uploaded(pdf("still here")), to(receiver));
  BOOST_TEST(receiver.content(receiver.copy_of(id)).body == pdf("still here"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::system_test
