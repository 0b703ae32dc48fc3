#include "transport/sockets.hpp"

#include "transport/limits.hpp"
#include "transport/zap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace elsec::transport {
namespace {

namespace sockopt = zmq::sockopt;

// ZMQ_ZAP_ENFORCE_DOMAIN: in every libzmq 4.3, but zmq.h shows its number only to programs that ask for drafts.
constexpr sockopt::integral_option<93, int, true> zap_enforce_domain{};

template <class Duration>
int whole_ms(Duration duration) {
  const auto count = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return static_cast<int>(std::clamp<std::int64_t>(count, 0, std::numeric_limits<int>::max()));
}

zmq::const_buffer key_buffer(std::span<const std::uint8_t, 32> key) { return zmq::buffer(key.data(), key.size()); }

void set_common(zmq::socket_t& socket, const wire& net) {
  const auto queued = static_cast<int>(std::min(net.queue_messages_max, socket_messages_max));
  socket.set(sockopt::linger, 0);
  socket.set(sockopt::ipv6, false);
  socket.set(sockopt::sndhwm, queued);
  socket.set(sockopt::rcvhwm, queued);
  socket.set(sockopt::maxmsgsize, static_cast<std::int64_t>(net.message_bytes_max + curve_frame_overhead_bytes));
  socket.set(sockopt::handshake_ivl, whole_ms(net.handshake_timeout));
  socket.set(sockopt::heartbeat_ivl, whole_ms(net.heartbeat));
  socket.set(sockopt::heartbeat_timeout, whole_ms(net.heartbeat * heartbeat_timeout_factor));
  socket.set(sockopt::heartbeat_ttl, whole_ms(net.heartbeat * heartbeat_timeout_factor));
  socket.set(sockopt::tcp_keepalive, 1);
  socket.set(sockopt::tcp_keepalive_idle, static_cast<int>(keepalive_idle.count()));
  socket.set(sockopt::tcp_keepalive_intvl, static_cast<int>(keepalive_interval.count()));
  socket.set(sockopt::tcp_keepalive_cnt, keepalive_probes);
  socket.set(sockopt::curve_secretkey, key_buffer(net.keys.secret_key.view()));
}

// An event's first frame: 16 bits of event, 32 bits of value, both in this machine's byte order.
struct raw_event {
  std::uint16_t event = 0;
  std::uint32_t value = 0;
};

std::optional<raw_event> parse_event(const zmq::message_t& frame) {
  raw_event event;
  if (frame.size() != sizeof event.event + sizeof event.value) return std::nullopt;
  const auto* data = static_cast<const std::uint8_t*>(frame.data());
  std::memcpy(&event.event, data, sizeof event.event);
  std::memcpy(&event.value, data + sizeof event.event, sizeof event.value);
  return event;
}

constexpr int watched_events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                               ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                               ZMQ_EVENT_DISCONNECTED;
constexpr int failed_events = ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
constexpr std::uint32_t zap_denied = 400;

monitor_event to_monitor_event(const raw_event& event) {
  if (event.event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) return monitor_event::handshake_succeeded;
  if (event.event == ZMQ_EVENT_DISCONNECTED) return monitor_event::disconnected;
  if (event.event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH && event.value == zap_denied)
    return monitor_event::refused_by_peer;
  return monitor_event::handshake_failed;
}

}  // namespace

wire::wire(const options& opts)
    : keys(opts.keys),
      message_bytes_max(opts.message_bytes_max),
      queue_messages_max(opts.queue_messages_max),
      handshake_timeout(opts.handshake_timeout),
      heartbeat(opts.heartbeat),
      reconnect_max(opts.reconnect_max) {
  context.set(zmq::ctxopt::max_sockets, sockets_max);
  context.set(zmq::ctxopt::blocky, 0);
}

zmq::socket_t make_router(wire& net) {
  zmq::socket_t router(net.context, zmq::socket_type::router);
  set_common(router, net);
  router.set(sockopt::backlog, listen_backlog);
  router.set(sockopt::curve_server, true);
  router.set(sockopt::zap_domain, zap_domain);
  router.set(zap_enforce_domain, true);
  return router;
}

zmq::socket_t make_dealer(wire& net, const curve_key& server_key) {
  zmq::socket_t dealer(net.context, zmq::socket_type::dealer);
  set_common(dealer, net);
  dealer.set(sockopt::sndhwm, static_cast<int>(std::min(net.queue_messages_max, dealer_messages_max)));
  dealer.set(sockopt::rcvhwm, 1);  // a peer never answers on this connection; what it sends anyway stays with it
  dealer.set(sockopt::immediate, true);
  dealer.set(sockopt::connect_timeout, whole_ms(net.handshake_timeout));
  dealer.set(sockopt::reconnect_ivl, whole_ms(reconnect_first));
  dealer.set(sockopt::reconnect_ivl_max, whole_ms(net.reconnect_max));
  dealer.set(sockopt::curve_publickey, key_buffer(net.keys.public_key));
  dealer.set(sockopt::curve_serverkey, key_buffer(server_key));
  return dealer;
}

socket_monitor::socket_monitor(wire& net, zmq::socket_t& watched, bool failures_only)
    : watched_(watched), pair_(net.context, zmq::socket_type::pair) {
  const auto address = fmt::format("inproc://monitor-{}", ++net.monitors_made);
  const int events = failures_only ? failed_events : watched_events;
  if (zmq_socket_monitor(watched.handle(), address.c_str(), events) != 0) throw zmq::error_t();
  pair_.set(sockopt::linger, 0);
  pair_.connect(address);
}

// libzmq's I/O thread sends events with a blocking call: an event without a receiver would stop all its connections for
// good. So the sending end goes first.
socket_monitor::~socket_monitor() { zmq_socket_monitor(watched_.handle(), nullptr, 0); }

std::optional<monitor_event> socket_monitor::next() {
  zmq::message_t frame;
  if (!pair_.recv(frame, zmq::recv_flags::dontwait)) return std::nullopt;
  const auto event = parse_event(frame);
  while (frame.more() && pair_.recv(frame, zmq::recv_flags::dontwait)) {
  }
  if (!event) return monitor_event::handshake_failed;
  return to_monitor_event(*event);
}

void poll(std::span<zmq::pollitem_t> items, std::chrono::milliseconds timeout) {
  const auto rc = zmq_poll(items.data(), static_cast<int>(items.size()), static_cast<long>(timeout.count()));
  if (rc < 0 && zmq_errno() != EINTR) throw zmq::error_t();
  // After a signal libzmq leaves the results untouched; nothing may look ready that is not.
  if (rc <= 0) {
    for (auto& item : items) item.revents = 0;
  }
}

}  // namespace elsec::transport
