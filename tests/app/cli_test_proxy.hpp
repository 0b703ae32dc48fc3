#pragma once
// A proxy that takes CONNECT and remembers every byte that went by. Whatever node is asked for, it is looked for on
// this computer, so that names need no name server.

#include "tests/app/cli_test_tls.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace elsec::cli::test {

struct proxy_manner {
  const certificate_files* files = nullptr;  // it is spoken to in TLS
  tls_kind kind = tls_kind::usual;
  const certificate_files* opens_tunnels_with = nullptr;  // it plays the node itself
};

class connect_proxy {
 public:
  // What it answers to a CONNECT with this header; after "HTTP/1.1 200" it passes on what comes. Nothing, and anything
  // in HTTP/1.0: it hangs up.
  using rule = std::function<std::string(const std::string& head)>;
  static std::string let_through(const std::string& head);

  explicit connect_proxy(rule answer = let_through, proxy_manner how = {});
  ~connect_proxy();
  connect_proxy(const connect_proxy&) = delete;
  connect_proxy& operator=(const connect_proxy&) = delete;

  [[nodiscard]] std::string port() const;
  // Ends its work; then tells the headers it got, and the bytes of the client that it passed on, or read itself in a
  // tunnel it opened.
  struct record {
    std::vector<std::string> heads;
    std::string passed_on;
  };
  [[nodiscard]] record finish();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace elsec::cli::test
