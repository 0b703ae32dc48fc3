#pragma once
// The wire between nodes: ROUTER and DEALER sockets over TCP with CURVE, one thread that polls them all. No actor type
// appears here: what arrives is handed to a callback on the transport's thread, which must return quickly.
//
// Every node binds one ROUTER and connects one DEALER to each peer's ROUTER. All traffic from A to B travels over A's
// DEALER; B never answers on its ROUTER but over its own DEALER to A. So each direction is proven by its own CURVE
// handshake: the receiver learns the sender from ZAP's User-Id (never from the routing id or the envelope alone), the
// sender knows the receiver by its server key.

#include "crypto/secret.hpp"
#include "domain/error.hpp"
#include "transport/envelope.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace elsec::transport {

using curve_key = std::array<std::uint8_t, 32>;

struct curve_pair {
  curve_key public_key{};
  crypto::secret secret_key;
};

// The CURVE key pair made from a 32-byte seed (Curve25519). Like all keys it needs crypto::start() before.
[[nodiscard]] curve_pair curve_pair_from_seed(const crypto::secret& seed);

// At most 1,000 peers; no name twice, no key twice. The own node may be listed and is ignored.
struct peer {
  std::string name;                    // [a-z0-9-]{1,40}
  std::string endpoint;                // tcp://host:port of its ROUTER; a host name must resolve quickly (/etc/hosts)
  std::vector<curve_key> public_keys;  // current key first, then the next one; both are admitted
};

struct options {
  std::string name;      // this node
  std::string endpoint;  // tcp://address:port to bind
  curve_pair keys;
  std::vector<peer> peers;
  std::size_t message_bytes_max = 2U << 20;            // body of one envelope; a longer frame costs its sender the link
  std::size_t queue_messages_max = 1'000;              // waiting per peer, before the socket's own 4
  std::size_t queue_bytes_max = 16U << 20;             // waiting per peer
  std::size_t inbound_bytes_max = 16U << 20;           // arrived from a peer and not done with; beyond it: dropped
  std::size_t inbound_total_max = 256U << 20;          // the same of all peers
  std::chrono::milliseconds handshake_timeout{5'000};  // ZMQ_HANDSHAKE_IVL
  std::chrono::milliseconds heartbeat{2'000};          // ZMQ_HEARTBEAT_IVL; timeout is three times that
  std::chrono::milliseconds reconnect_max{2'000};
};

enum class link_event : std::uint8_t { connected, disconnected };

// Why something was refused; counted and logged by the caller. `peer` is empty when nobody was proven.
enum class refusal : std::uint8_t {
  handshake_failed,  // no CURVE, or another server key than ours: refused before any key was looked at
  unknown_key,
  wrong_domain,
  malformed_envelope,
  sender_mismatch,
  wrong_receiver,
  version,
  flooding  // more arrives than is worked on; what was dropped is sent again
};
struct refused {
  refusal reason;
  std::string peer;
  std::string address;
};

// All are called on the transport's thread, must return quickly, and must not throw. Each may be empty.
struct callbacks {
  std::function<void(envelope)> received;  // sender proven, addressed to this node
  std::function<void(const std::string& peer, link_event)> link_changed;
  std::function<void(const refused&)> refused_message;
};

// `too_large`: a body over message_bytes_max or a header over header_bytes_max; repeating it is useless.
enum class sent : std::uint8_t { queued, not_connected, full, unknown_peer, too_large };

class transport {
 public:
  // Binds the ZAP handler first, then the ROUTER with domain and enforce set to a passing port on 127.0.0.1, proves
  // there with a wrong key that it is refused, and only then binds it to its real endpoint and reads: before the proof
  // no other node can reach it. Fails with `invalid` (options), `io` (address in use) or `internal` (the self-test let
  // a wrong key in).
  [[nodiscard]] static domain::result<std::unique_ptr<transport>> start(options opts, callbacks handlers);
  ~transport();  // stops the thread, drops what is queued, returns in under a second
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;

  // Thread-safe, never blocks. `queued` promises nothing about arrival: what waited in a socket is lost with its
  // connection, what waited before it is sent over the next one.
  sent send(const std::string& peer, const envelope& message);

  // Replaces the node list: new peers are connected, changed keys reconnect, and peers that are gone (or lost a key)
  // lose their live connections at once (the ROUTER is rebound; the others reconnect). `invalid` leaves the list as it
  // was. Thread-safe; the transport's thread applies it in its next turn.
  [[nodiscard]] domain::result<void> set_peers(std::vector<peer> peers);

  // The endpoint actually bound (with the port, when 0 was asked for).
  [[nodiscard]] const std::string& bound_endpoint() const noexcept;

 private:
  struct state;
  explicit transport(std::unique_ptr<state> s) noexcept;
  std::unique_ptr<state> state_;
};

}  // namespace elsec::transport
