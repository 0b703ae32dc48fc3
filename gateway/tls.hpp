#pragma once
// TLS for the listeners, directly on the socket: an idle connection holds no buffers of its own
// (SSL_MODE_RELEASE_BUFFERS), where asio::ssl::stream would keep some 70 KiB for each.

#include "domain/error.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <openssl/ssl.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

namespace elsec::gateway {

namespace asio = boost::asio;
using steady_time = std::chrono::steady_clock::time_point;

// Files in PEM; the certificate file holds the chain, leaf first.
struct tls_files {
  std::string certificate;
  std::string private_key;
  bool tls_1_2 = false;  // also TLS 1.2 (ECDHE and AEAD only), for old vendor platforms
};

// The server's side of TLS, with certificates that can change while it runs. Thread-safe.
class tls_identity {
 public:
  // `invalid` with the file's name when a file cannot be read, or key and certificate do not fit.
  [[nodiscard]] static domain::result<std::shared_ptr<tls_identity>> load(tls_files files);

  // What new connections use. Now and then (certificate_check_interval) it looks whether the files have changed.
  [[nodiscard]] std::shared_ptr<SSL_CTX> current();

  // Loads the files again if they have changed since; true when it did. When that fails the old certificate stays, and
  // the log says why.
  bool reload();

 private:
  explicit tls_identity(tls_files files);
  bool reload_locked();

  tls_files files_;
  std::mutex mutex_;
  std::shared_ptr<SSL_CTX> context_;
  std::string stamp_;  // size and time of the files when they were loaded
  steady_time next_check_{};
};

enum class io_status : std::uint8_t {
  ok,
  end,        // the peer closed in an orderly way
  timed_out,  // the deadline passed
  failed      // broken connection, TLS violation, or close() was called
};

struct io_result {
  io_status status = io_status::ok;
  std::size_t bytes = 0;
};

// One connection. Used by one coroutine at a time, on the socket's executor; close() may interrupt it from the same
// executor.
class tls_stream {
 public:
  tls_stream(asio::ip::tcp::socket socket, const std::shared_ptr<SSL_CTX>& context);
  ~tls_stream();
  tls_stream(const tls_stream&) = delete;
  tls_stream& operator=(const tls_stream&) = delete;

  [[nodiscard]] asio::awaitable<io_status> handshake(steady_time deadline);
  // Waits, without any buffer, until there may be something to read.
  [[nodiscard]] asio::awaitable<io_status> readable(steady_time deadline);
  // At least one byte, unless the status is not `ok`.
  [[nodiscard]] asio::awaitable<io_result> read_some(std::span<char> into, steady_time deadline);
  // All of it; each record must be taken within `stall`.
  [[nodiscard]] asio::awaitable<io_status> write(std::string_view bytes, std::chrono::milliseconds stall);
  // Tells the peer that nothing more comes, drops what it still sends until it closes, too, or the deadline passes.
  [[nodiscard]] asio::awaitable<void> shutdown(steady_time deadline);
  // Of the last write() that timed out: how many bytes it was still to send, from the end of what it was given.
  [[nodiscard]] std::size_t unwritten() const noexcept { return unwritten_; }
  // How much the kernel holds of what the peer has not taken.
  void set_send_buffer(std::size_t bytes);
  // At once; whatever waits ends with `failed`.
  void close();

 private:
  class alarm;
  struct ssl_free {
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
  };

  // What a TLS call that could not go on waits for; `ok` when it may be tried again.
  [[nodiscard]] asio::awaitable<io_status> wait_for(int ssl_error, steady_time deadline);
  [[nodiscard]] asio::awaitable<io_status> wait_socket(asio::ip::tcp::socket::wait_type what, steady_time deadline);
  // Whether this connection has had its turn: one whose client is always ready would keep the thread to itself.
  [[nodiscard]] bool had_its_turn(std::size_t moved) noexcept;
  [[nodiscard]] asio::awaitable<void> give_way();

  asio::ip::tcp::socket socket_;
  std::shared_ptr<SSL_CTX> context_;
  std::unique_ptr<SSL, ssl_free> ssl_;
  std::shared_ptr<alarm> alarm_;
  std::size_t moved_ = 0;      // bytes since it last waited
  std::size_t unwritten_ = 0;  // bytes
  bool broken_ = false;        // after a fatal TLS error nothing may be sent any more, not even a farewell
};

}  // namespace elsec::gateway
