#pragma once
// A blocking HTTPS client, as small as a load generator wants it: one connection, one request at a time. Failures are
// exceptions; whoever measures stops then.

#include <openssl/ssl.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace elsec::bench {

using clock = std::chrono::steady_clock;

[[nodiscard]] inline double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

struct answer {
  unsigned status = 0;
  std::string body;
};

// TLS 1.3 with the settings both sides of a comparison get; certificates are not verified (their signatures are, by the
// handshake itself).
[[nodiscard]] SSL_CTX* client_context();

class tls_client {
 public:
  // Connects to 127.0.0.1 and shakes hands in full, without a session to resume.
  explicit tls_client(std::uint16_t port);
  ~tls_client();
  tls_client(const tls_client&) = delete;
  tls_client& operator=(const tls_client&) = delete;

  // Sends a whole request and reads the answer, which must have a Content-Length or no body.
  [[nodiscard]] answer ask(std::string_view request);

  void send(std::string_view bytes);
  // The next line without its end; empty lines are answered, too.
  [[nodiscard]] std::string read_line();

 private:
  void fill();

  int socket_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  std::string buffer_;
  std::size_t used_ = 0;
};

// "POST /path HTTP/1.1 …" with a bearer token (if any) and a body.
[[nodiscard]] std::string request_text(std::string_view method, std::string_view path, std::string_view token,
                                       std::string_view fields = {}, std::string_view body = {});

// The string member `name` of a flat JSON text; throws when there is none.
[[nodiscard]] std::string member(std::string_view json, std::string_view name);

}  // namespace elsec::bench
