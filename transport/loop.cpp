#include "transport/loop.hpp"

#include "transport/inbox.hpp"
#include "transport/limits.hpp"
#include "transport/self_test.hpp"

#include <algorithm>

namespace elsec::transport {
namespace {

using domain::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds without_end{-1};

milliseconds sooner(milliseconds a, milliseconds b) {
  if (a < milliseconds::zero()) return b;
  if (b < milliseconds::zero()) return a;
  return std::min(a, b);
}

milliseconds until(steady_time then, steady_time now) {
  return std::max(milliseconds::zero(), std::chrono::ceil<milliseconds>(then - now));
}

}  // namespace

loop::loop(options opts, callbacks handlers, roster list)
    : options_(std::move(opts)),
      handlers_(std::move(handlers)),
      outbox_(options_.queue_messages_max, options_.queue_bytes_max),
      inflow_(options_.inbound_bytes_max, options_.inbound_total_max),
      list_(std::move(list)) {
  outbox_.keep_only(list_);
}

domain::result<std::string> loop::open() try {
  sockets_.emplace(options_, [this](const zap_request& request) { return decide(request); });
  if (auto proof = prove_wrong_key_refused(sockets_->net, sockets_->zap, sockets_->router); !proof)
    return std::unexpected(std::move(proof.error()));
  proven_ = true;
  return bind_router();
} catch (const zmq::error_t& failure) {
  return domain::fail(error_code::io, std::string("ZeroMQ cannot be set up: ") + failure.what());
}

domain::result<std::string> loop::bind_router() try {
  sockets_->failures.emplace(sockets_->net, sockets_->router, true);
  sockets_->router.bind(options_.endpoint);
  endpoint_ = sockets_->router.get(zmq::sockopt::last_endpoint);
  bound_ = true;
  return endpoint_;
} catch (const zmq::error_t& failure) {
  return domain::fail(error_code::io, options_.endpoint + " cannot be bound: " + failure.what());
}

void loop::run() {
  add_missing_dialers();
  while (!stopping_) {
    wait(prepare(steady_clock::now()));
    react(steady_clock::now());
  }
  sockets_.reset();
}

// Does what is due by time; returns how long nothing else is.
milliseconds loop::prepare(steady_time now) {
  auto timeout = without_end;
  if (!bound_) try_rebind();
  if (!bound_) timeout = rebind_pause;
  for (auto& line : sockets_->dialers) {
    if (const auto again = line.dial(now)) timeout = sooner(timeout, until(*again, now));
  }
  return timeout;
}

void loop::wait(milliseconds timeout) {
  poll_items_.clear();
  poll_items_.push_back({nullptr, bell_.descriptor(), ZMQ_POLLIN, 0});
  poll_items_.push_back({sockets_->zap.socket().handle(), 0, ZMQ_POLLIN, 0});
  if (bound_) poll_items_.push_back({sockets_->router.handle(), 0, ZMQ_POLLIN, 0});
  if (sockets_->failures) poll_items_.push_back({sockets_->failures->socket().handle(), 0, ZMQ_POLLIN, 0});
  for (auto& line : sockets_->dialers) {
    if (!line.open()) continue;
    poll_items_.push_back({line.monitor().handle(), 0, ZMQ_POLLIN, 0});
    if (line.wants_to_send(outbox_)) poll_items_.push_back({line.dealer().handle(), 0, ZMQ_POLLOUT, 0});
  }
  poll(poll_items_, timeout);
}

// Every source is asked whether or not it woke the thread: asking costs little, and no event can be missed. The bell
// is silenced first, so that what comes while the turn runs rings again.
void loop::react(steady_time now) {
  bell_.silence();
  apply_next_list();
  sockets_->zap.answer_batch();
  read_router();
  read_failures();
  for (auto& line : sockets_->dialers) {
    const bool was_connected = line.connected();
    line.read_events(now);
    tell_link(line, was_connected);
    if (line.wants_to_send(outbox_)) line.flush(outbox_);
  }
}

void loop::read_router() {
  for (int i = 0; bound_ && i < batch_messages_max; ++i) {
    const auto message = read_arrival(sockets_->router);
    if (!message) return;
    auto examined = examine(*message, list_, options_.name);
    if (!examined) {
      tell_refused(examined.error());
    } else {
      take_in(std::move(*examined), message->address);
    }
  }
}

void loop::take_in(envelope message, const std::string& address) {
  message.hold = inflow_.take(message.header.from, message.body.size());
  if (message.hold == nullptr) return tell_refused({refusal::flooding, message.header.from, address});
  if (handlers_.received) handlers_.received(std::move(message));
}

void loop::read_failures() {
  for (int i = 0; sockets_->failures && i < batch_messages_max; ++i) {
    if (!sockets_->failures->next()) return;
    tell_refused({refusal::handshake_failed, {}, {}});
  }
}

std::expected<std::string, refusal> loop::decide(const zap_request& request) {
  auto verdict = decide_by_key(request, [this](const curve_key& key) { return list_.owner_of(key); });
  if (!verdict) tell_refused({verdict.error(), {}, request.address});
  return verdict;
}

void loop::tell_refused(const refused& what) {
  if (proven_ && handlers_.refused_message) handlers_.refused_message(what);
}

void loop::tell_link(dialer& line, bool was_connected) {
  if (line.connected() == was_connected) return;
  // First the outbox: who is told of a connection may send at once.
  outbox_.set_connected(line.name(), line.connected());
  if (!handlers_.link_changed) return;
  handlers_.link_changed(line.name(), line.connected() ? link_event::connected : link_event::disconnected);
}

void loop::apply_next_list() {
  std::optional<roster> next;
  {
    const std::lock_guard lock(next_list_mutex_);
    next.swap(next_list_);
  }
  if (!next) return;
  const bool revoked = list_.loses_keys_in(*next);
  list_ = std::move(*next);
  if (revoked) renew_router();
  drop_unfit_dialers();
  add_missing_dialers();
  // A peer that left and came back between two turns has a fresh queue but still its old connection.
  for (const auto& line : sockets_->dialers) outbox_.set_connected(line.name(), line.connected());
}

// Closing the ROUTER is the only way to end a live connection of libzmq: a revoked key must not speak on.
void loop::renew_router() {
  sockets_->failures.reset();
  sockets_->router.close();
  bound_ = false;
}

void loop::try_rebind() try {
  auto& router = sockets_->router;
  if (!router) router = make_router(sockets_->net);
  if (!sockets_->failures) sockets_->failures.emplace(sockets_->net, router, true);
  router.bind(endpoint_);
  bound_ = true;
} catch (const zmq::error_t&) {
  // The old listener is closed by libzmq's own thread, within milliseconds: until then the address is in use.
}

void loop::drop_unfit_dialers() {
  auto& dialers = sockets_->dialers;
  for (auto line = dialers.begin(); line != dialers.end();) {
    const auto entry = list_.peers().find(line->name());
    if (entry != list_.peers().end() && line->fits(entry->second)) {
      line->update(entry->second);
      ++line;
      continue;
    }
    const auto name = line->name();
    const bool was_connected = line->connected();
    line = dialers.erase(line);
    if (!was_connected) continue;
    outbox_.set_connected(name, false);
    if (handlers_.link_changed) handlers_.link_changed(name, link_event::disconnected);
  }
}

void loop::add_missing_dialers() {
  auto& dialers = sockets_->dialers;
  for (const auto& [name, entry] : list_.peers()) {
    const bool known = std::ranges::any_of(dialers, [&](const dialer& line) { return line.name() == name; });
    if (!known) dialers.emplace_back(sockets_->net, entry);
  }
}

sent loop::send(const std::string& peer, const envelope& message) {
  auto header = encode_header(message.header);
  if (header.size() > header_bytes_max || message.body.size() > options_.message_bytes_max) return sent::too_large;
  const auto size_bytes = header.size() + message.body.size();
  const auto gives_way_as = message.gives_way ? message.header.id : std::string();
  if (message.gives_way && outbox_.holds(peer, gives_way_as)) return sent::queued;
  if (const auto verdict = outbox_.probe(peer, size_bytes, message.gives_way); verdict != sent::queued) return verdict;
  const auto verdict = outbox_.push(peer, {zmq::message_t(header), zmq::message_t(message.body), gives_way_as});
  if (verdict == sent::queued) bell_.ring();
  return verdict;
}

void loop::replace(roster list) {
  {
    const std::lock_guard lock(next_list_mutex_);
    outbox_.keep_only(list);
    next_list_ = std::move(list);
  }
  bell_.ring();
}

void loop::stop() {
  stopping_ = true;
  bell_.ring();
}

}  // namespace elsec::transport
