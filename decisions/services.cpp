#include "decisions/services.hpp"

#include <algorithm>

namespace elsec::decisions {

activity::short_key activity::short_of(const std::string& credential) {
  short_key key{};
  std::copy_n(credential.begin(), std::min(credential.size(), key.size()), key.begin());
  return key;
}

bool activity::touch(const std::string& credential, domain::time_point now, std::chrono::milliseconds idle) {
  const std::scoped_lock lock(mutex_);
  const auto key = short_of(credential);
  const auto found = last_use_.find(key);
  const auto last = found == last_use_.end() ? started_ : found->second;
  if (now - last > idle) return false;
  if (found != last_use_.end()) {
    found->second = std::max(last, now);  // a clock that was ahead and is put right ends nobody's session
  } else {
    forget_idle(now, idle);
    if (last_use_.size() < most_) last_use_.emplace(key, now);
  }
  return true;
}

bool activity::has_room(domain::time_point now, std::chrono::milliseconds idle) {
  const std::scoped_lock lock(mutex_);
  forget_idle(now, idle);
  return last_use_.size() < most_;
}

void activity::begin(const std::string& credential, domain::time_point now) {
  const std::scoped_lock lock(mutex_);
  last_use_[short_of(credential)] = now;
}

void activity::forget(const std::string& credential) {
  const std::scoped_lock lock(mutex_);
  last_use_.erase(short_of(credential));
}

std::size_t activity::remembered() const {
  const std::scoped_lock lock(mutex_);
  return last_use_.size();
}

// Whoever is idle for too long has ended already. Looked for when they may have doubled, so that this costs each
// insertion little.
void activity::forget_idle(domain::time_point now, std::chrono::milliseconds idle) {
  if (last_use_.size() < std::min(forget_at_, most_) || (last_use_.size() < forget_at_ && now < forget_next_)) return;
  forget_next_ = now + idle_forgotten_apart;
  // Unknown ones count as used at the start.
  if (now - started_ > idle) std::erase_if(last_use_, [=](const auto& entry) { return now - entry.second > idle; });
  forget_at_ = std::max<std::size_t>(2 * last_use_.size(), 10'000);
}

domain::time_point log_in_delays::until(const domain::user_id& user) const {
  const std::scoped_lock lock(mutex_);
  const auto found = of_.find(user);
  return found == of_.end() ? domain::time_point{} : found->second.until;
}

void log_in_delays::failed(const domain::user_id& user, domain::time_point now, unsigned free) {
  const std::scoped_lock lock(mutex_);
  // Whoever has not failed for a while begins anew; only accounts that exist stand here.
  if (of_.size() >= delayed_log_ins_max)
    std::erase_if(of_, [now](const auto& entry) { return now > entry.second.until + log_in_failures_kept; });
  auto& those = of_[user];
  ++those.count;
  those.until = now;
  if (those.count < free) return;
  const auto doublings = std::min(those.count - free, 6U);
  those.until += std::min<std::chrono::seconds>(log_in_delay_first * (1U << doublings), log_in_delay_max);
}

void log_in_delays::succeeded(const domain::user_id& user) {
  const std::scoped_lock lock(mutex_);
  of_.erase(user);
}

void link_board::set(const std::string& node, bool up) {
  const std::scoped_lock lock(mutex_);
  up_[node] = up;
}

std::map<std::string, bool> link_board::all() const {
  const std::scoped_lock lock(mutex_);
  return up_;
}

const known_node* services::find_node(std::string_view name) const {
  const auto found = std::ranges::find(nodes, name, &known_node::name);
  return found == nodes.end() ? nullptr : &*found;
}

bool services::irrevocable_work_waits() const { return clock->look({now, since_boot}, *metrics); }

}  // namespace elsec::decisions
