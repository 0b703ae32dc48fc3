#pragma once
// The front desk: the public listener and the operator's, over TLS, in front of the actors.

#include "actors/interfaces.hpp"
#include "actors/queries.hpp"
#include "decisions/services.hpp"
#include "gateway/limits.hpp"
#include "gateway/node_profile.hpp"
#include "gateway/tls.hpp"

#include <caf/actor_system.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::gateway {

struct listen_address {
  std::string host = "127.0.0.1";  // an IP address
  std::uint16_t port = 0;          // 0: any free one
};

struct gateway_options {
  listen_address https;
  listen_address operator_api;
  tls_files tls;               // of both listeners
  std::string operator_token;  // 32 to 256 visible ASCII characters
  unsigned threads = 0;        // of the public listener; 0: one per core
  limits bounds;
  std::vector<std::string> trusted_proxies;  // IP addresses; of the public listener
  node_profile node;
};

// The description of the public API (OpenAPI 3.1, JSON) as such a node serves it.
[[nodiscard]] std::string api_description(const node_profile& node);

class server;

class gateway {
 public:
  // Both listeners accept when it returns. `invalid` for unusable certificates, an unusable token or a proxy that
  // is no IP address, `io` when an address cannot be listened on.
  [[nodiscard]] static domain::result<std::unique_ptr<gateway>> start(gateway_options options,
                                                                      decisions::shared_services with,
                                                                      caf::actor_system& system,
                                                                      actors::node_actor node);
  ~gateway();
  gateway(const gateway&) = delete;
  gateway& operator=(const gateway&) = delete;

  [[nodiscard]] std::uint16_t https_port() const noexcept;
  [[nodiscard]] std::uint16_t operator_port() const noexcept;

  // Looks at the certificate files now; they are also looked at on their own, every now and then.
  void reload_certificates();

  // Blocks until every connection is gone, at most a little longer than `stop_grace`. The operator's listener, with
  // /health, goes last.
  void stop();

 private:
  gateway();

  std::shared_ptr<tls_identity> identity_;
  std::unique_ptr<server> public_;
  std::unique_ptr<server> operator_;
};

}  // namespace elsec::gateway
