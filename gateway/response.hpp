#pragma once
// What a handler answers. The session adds framing and the headers every answer carries.

#include "domain/error.hpp"
#include "gateway/wake_signal.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace elsec::gateway {

// Takes the pieces of a body that is made while it is sent.
class body_writer {
 public:
  virtual ~body_writer() = default;
  // False when the client is gone or takes nothing: make no more of it.
  [[nodiscard]] virtual asio::awaitable<bool> write(std::string_view piece) = 0;
  // After a write that the client did not take in time, and only then: one more piece, into room kept for it, so that a
  // client which reads on finds out why the stream ends.
  [[nodiscard]] virtual asio::awaitable<void> write_last(std::string_view piece) = 0;
  // The server stops: streams without end must end now. `wake` is raised when that happens.
  [[nodiscard]] virtual bool stopping() const = 0;
  virtual void wake_on_stop(std::shared_ptr<wake_signal> wake) = 0;
};

// Sends a body piece by piece. False: it could not be completed, and the connection is cut so that the client notices.
using body_producer = std::function<asio::awaitable<bool>(body_writer&)>;

struct response {
  unsigned status = 200;
  std::string content_type;  // empty: no body
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;

  body_producer producer;                   // instead of `body`
  std::optional<std::uint64_t> body_bytes;  // of what the producer sends; none: until it ends
  bool endless = false;                     // an event stream: does not count as a request in flight
};

using reply = domain::result<response>;

}  // namespace elsec::gateway
