#include "transport/dialer.hpp"

#include "transport/limits.hpp"

#include <algorithm>

namespace elsec::transport {

bool dialer::fits(const peer& target) const {
  return target.endpoint == target_.endpoint &&
         std::ranges::find(target.public_keys, target_.public_keys[key_]) != target.public_keys.end();
}

void dialer::update(peer target) {
  const auto used = std::ranges::find(target.public_keys, target_.public_keys[key_]);
  key_ = static_cast<std::size_t>(used - target.public_keys.begin());
  target_ = std::move(target);
}

std::optional<steady_time> dialer::dial(steady_time now) {
  if (line_) return std::nullopt;
  if (now < dial_at_) return dial_at_;
  try {
    line_.emplace(*net_, target_.public_keys[key_]);
    line_->dealer.connect(target_.endpoint);
    return std::nullopt;
  } catch (const zmq::error_t&) {  // no descriptor or socket left: later there may be
    hang_up(now, false);
    return dial_at_;
  }
}

void dialer::read_events(steady_time now) {
  while (line_) {
    const auto event = line_->monitor.next();
    if (!event) return;
    if (*event == monitor_event::handshake_succeeded) {
      connected_ = true;
      failures_ = 0;
    } else {
      hang_up(now, *event != monitor_event::disconnected);
    }
  }
}

void dialer::hang_up(steady_time now, bool next_key) {
  line_.reset();
  connected_ = false;
  if (next_key) key_ = (key_ + 1) % target_.public_keys.size();
  dial_at_ = now + pause();
  ++failures_;
}

std::chrono::milliseconds dialer::pause() const {
  constexpr unsigned doublings_max = 16;  // 100 ms << 16 is 109 minutes, beyond every sensible reconnect_max
  return std::min(reconnect_first * (1U << std::min(failures_, doublings_max)), net_->reconnect_max);
}

bool dialer::wants_to_send(const outbox& waiting) const {
  return connected_ && (unsent_ || waiting.has_messages_for(target_.name));
}

void dialer::flush(outbox& waiting) {
  for (int i = 0; i < batch_messages_max; ++i) {
    if (!unsent_) unsent_ = waiting.pop(target_.name);
    if (!unsent_) return;
    constexpr auto more = zmq::send_flags::sndmore | zmq::send_flags::dontwait;
    if (!line_->dealer.send(unsent_->header, more)) return;
    // A body that is refused here lost its connection between the two frames, and libzmq forgets the header as well.
    static_cast<void>(line_->dealer.send(unsent_->body, zmq::send_flags::dontwait));
    unsent_.reset();
  }
}

}  // namespace elsec::transport
