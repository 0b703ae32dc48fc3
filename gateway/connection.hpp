#pragma once
// One client's connection: requests come out of it, answers go into it. Bytes after a request stay for the next one.

#include "domain/error.hpp"
#include "gateway/http_body.hpp"
#include "gateway/http_head.hpp"
#include "gateway/limits.hpp"
#include "gateway/tls.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace elsec::gateway {

class connection {
 public:
  connection(asio::ip::tcp::socket socket, const std::shared_ptr<SSL_CTX>& context, const limits& bounds)
      : stream_(std::move(socket), context), bounds_(bounds) {}

  [[nodiscard]] tls_stream& stream() noexcept { return stream_; }

  struct head_read {
    io_status status = io_status::ok;     // not `ok`: there is no request, close
    domain::result<request_head> head{};  // an error: answer it, then close
  };
  // Waits `idle` for the first byte, then `header` for the rest.
  [[nodiscard]] asio::awaitable<head_read> read_head();

  // Received bytes not yet used.
  [[nodiscard]] const std::string& buffered() const noexcept { return buffer_; }

 private:
  friend class body_reader;

  [[nodiscard]] asio::awaitable<io_status> fill(steady_time deadline);

  tls_stream stream_;
  const limits& bounds_;
  std::string buffer_;
};

// What a body means to the rest of the node: told, and asked, while it is read.
class body_host {
 public:
  virtual ~body_host() = default;
  // The client has been waited for longer than `body_prompt`. An error: no longer.
  [[nodiscard]] virtual asio::awaitable<domain::result<void>> wait_longer(bool is_upload) = 0;
  // The whole body is there, and what it asks for is done now. An error: not now.
  [[nodiscard]] virtual domain::result<void> begin_work() = 0;
};

// The body of one request, decoded, at the pace of its reader.
class body_reader {
 public:
  body_reader(connection& from, const framing& how, body_host& host);

  // Content-Length, if the body has one.
  [[nodiscard]] std::optional<std::uint64_t> size() const noexcept { return size_; }
  // Bytes of a body with Content-Length that are still to be read.
  [[nodiscard]] std::optional<std::uint64_t> left() const noexcept;
  // Everything was read; true at once when there is no body.
  [[nodiscard]] bool finished() const noexcept;

  // The next bytes; 0 at the end. `bad_request` when the body is malformed, breaks off or comes too slowly; the
  // connection is of no use then, nor when its host waits no longer. The first call lets a client go on that waits for
  // "100 Continue".
  [[nodiscard]] asio::awaitable<domain::result<std::size_t>> read(std::span<std::uint8_t> into);

  // The whole body; `too_large` beyond `bytes_max`, and what its host says when there is no time for it.
  [[nodiscard]] asio::awaitable<domain::result<std::string>> read_all(std::size_t bytes_max);

  // Reads and drops what is left, if that is little and the client is sending it anyway. False: close the connection.
  [[nodiscard]] asio::awaitable<bool> drain();

  // Whether drain() may be tried.
  [[nodiscard]] bool is_drainable() const noexcept;

 private:
  [[nodiscard]] asio::awaitable<domain::result<std::size_t>> receive(std::span<std::uint8_t> into);
  [[nodiscard]] asio::awaitable<domain::result<void>> get_permission();
  [[nodiscard]] domain::result<std::size_t> take(std::span<std::uint8_t> into);
  [[nodiscard]] std::chrono::steady_clock::duration prompt_until() const noexcept;

  connection& from_;
  body_host& host_;
  std::optional<std::uint64_t> size_;
  std::uint64_t left_ = 0;               // of a body with a length
  std::optional<chunk_decoder> chunks_;  // of a chunked one
  bool must_continue_ = false;
  bool broken_ = false;
  bool streams_ = true;                           // read piece by piece, as uploads are
  bool late_ = false;                             // and its host has said that it is waited for
  std::uint64_t received_ = 0;                    // bytes
  std::chrono::steady_clock::duration waited_{};  // for the client, not for our own work
};

}  // namespace elsec::gateway
