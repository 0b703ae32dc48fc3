#pragma once
// A blocking HTTPS client that can also send what no client should, and shows answers as they are.

#include <boost/json/value.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;

namespace elsec::system_test {

using header_list = std::vector<std::pair<std::string, std::string>>;

struct answer {
  unsigned status = 0;  // 0: the connection ended without an answer
  header_list headers{};
  std::string body{};

  // The first header of that name, without regard to case; nothing when there is none.
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
  [[nodiscard]] boost::json::value json() const;
  // What stands at a JSON pointer of the body, a string without its quotes; empty when there is nothing.
  [[nodiscard]] std::string at(std::string_view pointer) const;
  // The problem document's code and the pointers it names, as one text: "invalid /organisation/ik".
  [[nodiscard]] std::string problem() const;
};

struct request {
  std::string method = "GET";
  std::string target{};
  header_list headers{};
  std::string body{};
};

struct endpoint {
  std::string address{};
  std::uint16_t port = 0;
  std::string ca_file{};
};

// One TLS connection whose server is verified. Every wait ends after `patience`.
class connection {
 public:
  enum class tls { newest, only_1_2 };

  explicit connection(const endpoint& where, tls version = tls::newest);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  // Whether the handshake succeeded.
  [[nodiscard]] bool is_open() const noexcept { return open_; }
  // False when the other side has closed.
  bool send(std::string_view bytes);
  // Reads one answer to a request with this method; status 0 when the connection ended first.
  answer receive(std::string_view method = "GET");
  // Decrypted bytes up to and with `text`; what there was when the connection ends or falls silent before it.
  std::string read_until(std::string_view text);
  // Whether the server closes within `patience`, and says nothing more before.
  [[nodiscard]] bool ends_without_another_byte();
  // Ends our side abruptly, as a client does that dies.
  void cut();

 private:
  bool more();
  std::string read_body(const answer& head);
  std::string read_chunks();

  int socket_ = -1;
  std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  bool open_ = false;
  std::string buffer_;
};

// The request as bytes, with Host and, unless it has one, Content-Length.
[[nodiscard]] std::string bytes_of(const request& what);

// One request on a connection of its own.
[[nodiscard]] answer exchange(const endpoint& where, const request& what);

// What a plain TCP client gets that sends `bytes` to the port.
[[nodiscard]] std::string plain_exchange(const endpoint& where, std::string_view bytes);

}  // namespace elsec::system_test
