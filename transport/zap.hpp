#pragma once
// The ZAP handler (ZeroMQ RFC 27): libzmq asks it about every CURVE handshake of its context before it lets one in.

#include "transport/transport.hpp"

#include <zmq.hpp>

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace elsec::transport {

// The domain our ROUTER names in its requests. Without a domain libzmq would not enforce the answer.
inline constexpr std::string_view zap_domain = "elsec";

struct zap_request {
  std::string domain;
  std::string address;
  std::string mechanism;
  domain::bytes credentials;  // CURVE: the client's public key, already proven
};

// The name of the peer to admit, which becomes the connection's User-Id, or why it is refused.
using zap_decision = std::function<std::expected<std::string, refusal>(const zap_request&)>;

// The decision of a node: our domain, CURVE, and a key `owner_of` finds an owner for.
[[nodiscard]] std::expected<std::string, refusal> decide_by_key(
    const zap_request& request, const std::function<std::optional<std::string>(const curve_key&)>& owner_of);

// Owns the socket libzmq looks for in the context; one per context, bound before any ROUTER. Belongs to one thread.
class zap_handler {
 public:
  // Throws zmq::error_t.
  zap_handler(zmq::context_t& context, zap_decision decide);

  [[nodiscard]] zmq::socket_ref socket() noexcept { return socket_; }
  // Answers the requests that wait, at most one batch. A malformed request is answered with a denial.
  void answer_batch();

 private:
  bool answer_one();
  zmq::socket_t socket_;
  zap_decision decide_;
};

}  // namespace elsec::transport
