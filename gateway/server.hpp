#pragma once
// A listener: threads with an io_context and an acceptor each (SO_REUSEPORT), and the sessions they serve.

#include "gateway/exchange.hpp"
#include "gateway/forwarded.hpp"
#include "gateway/limits.hpp"
#include "gateway/tls.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::gateway {

struct listener_options {
  std::string host = "127.0.0.1";  // an IP address
  std::uint16_t port = 0;          // 0: any free one
  unsigned threads = 1;
  limits bounds;
  trusted_proxies proxies;
  std::function<void(unsigned)> responded = [](unsigned) {};  // any thread, quickly
  std::function<void(std::string_view)> refused = [](std::string_view) {};
};

class server {
 public:
  // Listens when it returns. `io` when the address cannot be listened on (or another process does already).
  [[nodiscard]] static domain::result<std::unique_ptr<server>> start(listener_options options,
                                                                     std::shared_ptr<tls_identity> identity,
                                                                     application serve);
  // Stops if that has not been done.
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  // Stops accepting, lets running requests finish for `stop_grace`, ends event streams, closes the rest. Blocks until
  // all threads are done; not to be called from one of them.
  void stop();

 private:
  class worker;

  server() = default;

  std::vector<std::shared_ptr<worker>> workers_;
  std::uint16_t port_ = 0;
};

// Raises the limit of open files to what the system allows; connections are bounded by `limits` instead.
void raise_descriptor_limit() noexcept;

}  // namespace elsec::gateway
