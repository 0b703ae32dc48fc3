#pragma once
// What waits to be sent, per peer, bounded in messages and bytes: the one place where other threads meet the
// transport's. Thread-safe.
//
// Those that give way (large answers) wait apart: the others pass them, so that what is small and urgent does not wait
// for what is large. They hold at most half of the room, and are dropped with the connection they were meant for:
// whoever waits for them asks again.

#include "transport/roster.hpp"
#include "transport/transport.hpp"

#include <zmq.hpp>

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace elsec::transport {

// One envelope as its two frames.
struct parcel {
  zmq::message_t header;
  zmq::message_t body;
  std::string gives_way_as{};  // the id of one that gives way; none: it keeps its place

  [[nodiscard]] std::size_t size_bytes() const noexcept { return header.size() + body.size(); }
};

class outbox {
 public:
  outbox(std::size_t messages_max, std::size_t bytes_max) : messages_max_(messages_max), bytes_max_(bytes_max) {}

  // What `push` would say for this many bytes now; spares a copy that would be refused.
  [[nodiscard]] sent probe(std::string_view peer, std::size_t size_bytes, bool gives_way = false) const;
  // Whether one that gives way waits for this peer under this id; then another is not needed.
  [[nodiscard]] bool holds(std::string_view peer, std::string_view id) const;
  // One that gives way, and whose id waits already, is forgotten: `queued`.
  sent push(std::string_view peer, parcel message);
  // The oldest message for this peer, those that give way after the others; nothing while none waits.
  [[nodiscard]] std::optional<parcel> pop(std::string_view peer);
  [[nodiscard]] bool has_messages_for(std::string_view peer) const;

  // Drops what waits for peers that are gone; a new peer starts empty and not connected.
  void keep_only(const roster& list);
  void set_connected(std::string_view peer, bool connected);

 private:
  struct peer_queue {
    bool connected = false;
    std::size_t bytes = 0;  // of both
    std::deque<parcel> messages{};
    std::deque<parcel> giving_way{};
    std::size_t giving_way_bytes = 0;
    std::size_t passed = 0;  // in a row, while one gave way

    [[nodiscard]] bool empty() const noexcept { return messages.empty() && giving_way.empty(); }
    [[nodiscard]] bool holds(std::string_view id) const;
  };

  [[nodiscard]] sent probe_locked(std::string_view peer, std::size_t size_bytes, bool gives_way) const;

  const std::size_t messages_max_;
  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::map<std::string, peer_queue, std::less<>> queues_;
};

}  // namespace elsec::transport
