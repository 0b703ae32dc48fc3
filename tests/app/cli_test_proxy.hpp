#pragma once
// A proxy that takes CONNECT and remembers every byte that went by. Whatever node is asked for, it is looked for on
// this computer, so that names need no name server.

#include "tests/app/cli_test_tls.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace elsec::cli::test {

class connect_proxy {
 public:
  // What it answers to a CONNECT with this header; after "HTTP/1.1 200" it passes on what comes. Nothing: it hangs up.
  using rule = std::function<std::string(const std::string& head)>;
  static std::string let_through(const std::string& head);

  // Spoken to in plain, or in TLS where it has a certificate.
  explicit connect_proxy(rule answer = let_through, const certificate_files* files = nullptr);
  ~connect_proxy();
  connect_proxy(const connect_proxy&) = delete;
  connect_proxy& operator=(const connect_proxy&) = delete;

  [[nodiscard]] std::string port() const;
  // Ends its work; then tells the headers it got, and the bytes of the client that it passed on.
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
