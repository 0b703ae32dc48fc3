#pragma once
// How every socket of the transport is set up, in one place, and how its monitor is read.

#include "transport/transport.hpp"

#include <zmq.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace elsec::transport {

// What all sockets of a node share. Belongs to one thread.
struct wire {
  // A context with room for all peers.
  explicit wire(const options& opts);

  curve_pair keys;
  std::size_t message_bytes_max = 0;
  std::size_t queue_messages_max = 0;
  std::chrono::milliseconds handshake_timeout{};
  std::chrono::milliseconds heartbeat{};
  std::chrono::milliseconds reconnect_max{};
  std::uint64_t monitors_made = 0;  // numbers their inproc addresses
  zmq::context_t context;
};

// All functions below throw zmq::error_t.

// The CURVE server: domain and enforcement set, not bound yet.
[[nodiscard]] zmq::socket_t make_router(wire& net);

// A CURVE client that accepts only `server_key`, not connected yet. It queues nothing before a handshake.
[[nodiscard]] zmq::socket_t make_dealer(wire& net, const curve_key& server_key);

enum class monitor_event : std::uint8_t { handshake_succeeded, refused_by_peer, handshake_failed, disconnected };

// The receiving end of a socket's monitor; made before that socket connects, so that no event is missed, and gone
// before that socket is closed.
class socket_monitor {
 public:
  // `failures_only`: nothing but handshakes that fail before ZAP is asked.
  socket_monitor(wire& net, zmq::socket_t& watched, bool failures_only = false);
  ~socket_monitor();
  socket_monitor(const socket_monitor&) = delete;
  socket_monitor& operator=(const socket_monitor&) = delete;

  [[nodiscard]] zmq::socket_ref socket() noexcept { return pair_; }
  // The next event that waits, if any.
  [[nodiscard]] std::optional<monitor_event> next();

 private:
  zmq::socket_t& watched_;
  zmq::socket_t pair_;
};

// Waits for readiness at most `timeout` (negative: without end). A signal counts as a timeout.
void poll(std::span<zmq::pollitem_t> items, std::chrono::milliseconds timeout);

}  // namespace elsec::transport
