#pragma once
// A blocking TLS client that sends exactly the bytes it is given, and a certificate for the server it talks to.

#include "gateway/tls.hpp"

#include <openssl/ssl.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace elsec::gateway::testing {

// A temporary folder with a self-signed P-256 certificate.
class certificate {
 public:
  certificate();
  ~certificate();
  certificate(const certificate&) = delete;
  certificate& operator=(const certificate&) = delete;

  // Replaces it by a fresh one.
  void renew();
  [[nodiscard]] tls_files files(bool tls_1_2 = false) const;

 private:
  std::filesystem::path folder_;
};

struct answer {
  unsigned status = 0;
  std::string head;  // with its empty line
  std::string body;  // decoded

  // The value of a header field; nothing when it is absent.
  [[nodiscard]] std::optional<std::string> field(std::string_view name) const;
};

class client {
 public:
  // `from` is the address it comes from, one of 127.0.0.0/8.
  explicit client(std::uint16_t port, int tls_version_max = TLS1_3_VERSION, const char* alpn = nullptr,
                  const char* from = nullptr);
  client(std::uint16_t port, const char* from) : client(port, TLS1_3_VERSION, nullptr, from) {}
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  // Whether the handshake succeeded.
  [[nodiscard]] bool connected() const noexcept { return connected_; }
  [[nodiscard]] std::string cipher() const;
  // Serial number of the server's certificate.
  [[nodiscard]] std::string serial() const;

  bool send(std::string_view bytes);
  // Reads one answer; status 0 when the connection ended before one was complete.
  answer receive(bool to_head = false);
  answer ask(std::string_view bytes) {
    send(bytes);
    return receive();
  }
  // Decrypted bytes that arrive until `text` is among them or the connection ends.
  std::string read_until(std::string_view text);
  // Whether the server closed, in whatever way.
  bool is_closed();

 private:
  bool more();

  int socket_ = -1;
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  bool connected_ = false;
  std::string buffer_;
};

// A plain TCP connection to the port.
[[nodiscard]] int connect_plain(std::uint16_t port, const char* from = nullptr);

}  // namespace elsec::gateway::testing
