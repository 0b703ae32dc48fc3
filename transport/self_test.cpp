#include "transport/self_test.hpp"

#include "transport/limits.hpp"

#include <sodium.h>

#include <array>

namespace elsec::transport {
namespace {

using domain::error_code;
using domain::fail;
using std::chrono::steady_clock;

constexpr auto passing_endpoint = "tcp://127.0.0.1:*";

// A client with a key nobody listed, which sends as soon as it is let in.
struct intruder {
  intruder(wire& net, const std::string& endpoint)
      : dealer(make_dealer(net, net.keys.public_key)), monitor(net, dealer) {
    curve_key public_key{};
    curve_key secret_key{};
    crypto_box_keypair(public_key.data(), secret_key.data());
    dealer.set(zmq::sockopt::curve_publickey, zmq::buffer(public_key));
    dealer.set(zmq::sockopt::curve_secretkey, zmq::buffer(secret_key));
    dealer.set(zmq::sockopt::immediate, false);  // the message waits in the socket for the handshake
    dealer.connect(endpoint);
    dealer.send(zmq::str_buffer("self-test"), zmq::send_flags::dontwait);
  }
  zmq::socket_t dealer;
  socket_monitor monitor;
};

bool is_readable(zmq::socket_t& socket) { return (socket.get(zmq::sockopt::events) & ZMQ_POLLIN) != 0; }

domain::result<void> await_denial(zap_handler& zap, zmq::socket_t& router, intruder& probe) {
  const auto deadline = steady_clock::now() + self_test_timeout;
  std::array<zmq::pollitem_t, 3> items{{{zap.socket().handle(), 0, ZMQ_POLLIN, 0},
                                        {router.handle(), 0, ZMQ_POLLIN, 0},
                                        {probe.monitor.socket().handle(), 0, ZMQ_POLLIN, 0}}};
  for (auto left = self_test_timeout; left.count() > 0;
       left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now())) {
    poll(items, left);
    zap.answer_batch();
    if (is_readable(router)) return fail(error_code::internal, "self-test: a message with an unknown key arrived");
    const auto event = probe.monitor.next();
    if (!event) continue;
    if (*event == monitor_event::refused_by_peer) return {};
    return fail(error_code::internal, *event == monitor_event::handshake_succeeded
                                          ? "self-test: an unknown key was let in"
                                          : "self-test: an unknown key was not refused by the key list");
  }
  return fail(error_code::internal, "self-test: the refusal of an unknown key took too long");
}

}  // namespace

domain::result<void> prove_wrong_key_refused(wire& net, zap_handler& zap, zmq::socket_t& router) try {
  router.bind(passing_endpoint);
  const auto endpoint = router.get(zmq::sockopt::last_endpoint);
  intruder probe(net, endpoint);
  if (auto denied = await_denial(zap, router, probe); !denied) return denied;
  if (is_readable(router)) return fail(error_code::internal, "self-test: a message with an unknown key arrived");
  router.unbind(endpoint);
  return {};
} catch (const zmq::error_t& failure) {
  return fail(error_code::io, std::string("self-test: 127.0.0.1 cannot be used: ") + failure.what());
}

}  // namespace elsec::transport
