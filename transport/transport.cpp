#include "transport/transport.hpp"

#include "transport/limits.hpp"
#include "transport/loop.hpp"
#include "transport/names.hpp"
#include "transport/roster.hpp"

#include <future>
#include <system_error>
#include <thread>

namespace elsec::transport {
namespace {

using domain::error_code;
using domain::fail;

domain::result<void> check(const options& opts) {
  if (!is_node_name(opts.name)) return fail(error_code::invalid, "the node's name must be 1 to 40 of a-z, 0-9 and -");
  if (!is_own_endpoint(opts.endpoint))
    return fail(error_code::invalid, "the endpoint must look like tcp://address:port");
  if (opts.message_bytes_max == 0 || opts.queue_messages_max == 0)
    return fail(error_code::invalid, "messages and queues need room for something");
  if (opts.queue_bytes_max < opts.message_bytes_max + header_bytes_max)
    return fail(error_code::invalid, "a queue must have room for the largest message");
  if (opts.handshake_timeout.count() <= 0 || opts.heartbeat.count() <= 0 || opts.reconnect_max < reconnect_first)
    return fail(error_code::invalid, "handshake timeout, heartbeat and reconnect pause must be positive");
  return check_own_keys(opts.keys);
}

}  // namespace

struct transport::state {
  state(options opts, callbacks handlers, roster list)
      : name(opts.name), keys(opts.keys), poller(std::move(opts), std::move(handlers), std::move(list)) {}

  std::string name;
  curve_pair keys;
  loop poller;
  std::string endpoint;
  std::jthread thread;
};

domain::result<std::unique_ptr<transport>> transport::start(options opts, callbacks handlers) try {
  if (zmq_has("curve") == 0) return fail(error_code::internal, "this libzmq has no CURVE");
  if (auto sound = check(opts); !sound) return std::unexpected(std::move(sound.error()));
  auto list = roster::make(opts.peers, opts.name, opts.keys);
  if (!list) return std::unexpected(std::move(list.error()));

  auto fresh = std::make_unique<state>(std::move(opts), std::move(handlers), std::move(*list));
  std::promise<domain::result<std::string>> opened;
  auto outcome = opened.get_future();
  fresh->thread = std::jthread([&poller = fresh->poller, opened = std::move(opened)]() mutable {
    auto endpoint = poller.open();
    const bool ready = endpoint.has_value();
    opened.set_value(std::move(endpoint));
    if (ready) poller.run();
  });
  auto endpoint = outcome.get();
  if (!endpoint) return std::unexpected(std::move(endpoint.error()));
  fresh->endpoint = std::move(*endpoint);
  return std::unique_ptr<transport>(new transport(std::move(fresh)));
} catch (const std::system_error& failure) {
  return fail(error_code::io, std::string("no thread or descriptor is left: ") + failure.what());
}

transport::transport(std::unique_ptr<state> s) noexcept : state_(std::move(s)) {}

transport::~transport() {
  state_->poller.stop();
  state_->thread.join();
}

sent transport::send(const std::string& peer, const envelope& message) { return state_->poller.send(peer, message); }

domain::result<void> transport::set_peers(std::vector<peer> peers) {
  auto list = roster::make(std::move(peers), state_->name, state_->keys);
  if (!list) return std::unexpected(std::move(list.error()));
  state_->poller.replace(std::move(*list));
  return {};
}

const std::string& transport::bound_endpoint() const noexcept { return state_->endpoint; }

}  // namespace elsec::transport
