#pragma once
// The proof, at every start, that a wrong key stays outside: CURVE without a working ZAP handler admits anyone.

#include "transport/sockets.hpp"
#include "transport/zap.hpp"

namespace elsec::transport {

// Binds `router` to a passing port on 127.0.0.1, connects with a throw-away key, and answers ZAP meanwhile. Succeeds
// only when the handshake was denied (ZAP 400) and nothing arrived; the router is unbound again then. `internal`
// otherwise, `io` when the port cannot be had. `router` must not be bound to anything else yet.
[[nodiscard]] domain::result<void> prove_wrong_key_refused(wire& net, zap_handler& zap, zmq::socket_t& router);

}  // namespace elsec::transport
