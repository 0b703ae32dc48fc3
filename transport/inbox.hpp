#pragma once
// What arrives on the ROUTER: framing, and the checks every message passes before anyone sees it.

#include "transport/roster.hpp"
#include "transport/transport.hpp"

#include <zmq.hpp>

#include <array>
#include <optional>
#include <string>
#include <variant>

namespace elsec::transport {

// One multipart message without its routing id. Never holds more than two frames, whatever was sent.
struct arrival {
  std::string user;     // who ZAP admitted on this connection; empty when libzmq does not say
  std::string address;  // numeric address of the other end
  std::array<zmq::message_t, 2> frames;
  std::size_t frame_count = 0;  // of the message as it was sent
};

// The next message that waits; nothing when none does. Throws zmq::error_t.
[[nodiscard]] std::optional<arrival> read_arrival(zmq::socket_t& router);

// The sender is proven and on the list, says so itself, and means this node.
[[nodiscard]] std::expected<envelope, refused> examine(const arrival& message, const roster& list,
                                                       const std::string& own_name);

}  // namespace elsec::transport
