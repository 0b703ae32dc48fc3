#pragma once
// The way to one peer: a DEALER that lives for one connection. Whatever ends it, a failed handshake included, a fresh
// one is made after a pause that doubles, because libzmq itself never reconnects after a refused handshake. Only a peer
// that does not answer on TCP at all is left to libzmq's own reconnecting. Belongs to the transport's thread.
//
// Of two keys the current one is tried first; every failed handshake (ZMQ_HANDSHAKE_IVL makes silence one) moves on to
// the other, and the one that worked is kept.

#include "transport/outbox.hpp"
#include "transport/sockets.hpp"
#include "transport/transport.hpp"

#include <zmq.hpp>

#include <chrono>
#include <optional>

namespace elsec::transport {

using steady_time = std::chrono::steady_clock::time_point;

class dialer {
 public:
  dialer(wire& net, peer target) : net_(&net), target_(std::move(target)) {}

  [[nodiscard]] const std::string& name() const noexcept { return target_.name; }
  [[nodiscard]] bool connected() const noexcept { return connected_; }
  // True when this connection fits the peer's new entry: same endpoint, and the key it uses is still listed.
  [[nodiscard]] bool fits(const peer& target) const;
  // Takes over the keys of an entry that fits.
  void update(peer target);

  // Dials when no socket is open and the pause is over. Returns when to call again, if that is known.
  std::optional<steady_time> dial(steady_time now);
  // Reads what happened. A connection that was lost and one that was made are told by `connected()`.
  void read_events(steady_time now);
  // Gives waiting messages to the socket until it takes no more, at most one batch.
  void flush(outbox& waiting);

  // The sockets to poll; only while one is open.
  [[nodiscard]] bool open() const noexcept { return line_.has_value(); }
  [[nodiscard]] zmq::socket_ref dealer() noexcept { return line_->dealer; }
  [[nodiscard]] zmq::socket_ref monitor() noexcept { return line_->monitor.socket(); }
  // True when there is something to send and a connection to send it over.
  [[nodiscard]] bool wants_to_send(const outbox& waiting) const;

 private:
  struct line {
    line(wire& net, const curve_key& key) : dealer(make_dealer(net, key)), monitor(net, dealer) {}
    zmq::socket_t dealer;
    socket_monitor monitor;
  };

  void hang_up(steady_time now, bool next_key);
  [[nodiscard]] std::chrono::milliseconds pause() const;

  wire* net_;
  peer target_;
  std::size_t key_ = 0;  // index into target_.public_keys
  std::optional<line> line_;
  bool connected_ = false;
  unsigned failures_ = 0;  // since the last success
  steady_time dial_at_{};
  std::optional<parcel> unsent_;  // taken from the outbox, not yet by the socket
};

}  // namespace elsec::transport
