#pragma once
// A TLS server that says exactly the bytes a test wants, right or hostile. Made with OpenSSL alone, so that nothing
// corrects what is sent.

#include "tests/app/cli_test_tls.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::cli::test {

// The server's end of one connection.
class peer {
 public:
  virtual ~peer() = default;
  // The request's header with its empty line.
  virtual std::string read_head() = 0;
  virtual std::string read(std::size_t count) = 0;
  // False when the client has gone.
  virtual bool write(std::string_view bytes) = 0;
  // The end of TLS as it should be; without it the connection is cut.
  virtual void say_farewell() = 0;
};

class tls_server {
 public:
  using script = std::function<void(peer&)>;
  // Serves one connection per script, one after the other.
  tls_server(const certificate_files& files, std::vector<script> scripts, tls_kind kind = tls_kind::usual);
  ~tls_server();
  tls_server(const tls_server&) = delete;
  tls_server& operator=(const tls_server&) = delete;
  [[nodiscard]] std::string port() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace elsec::cli::test
