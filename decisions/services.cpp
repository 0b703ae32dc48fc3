#include "decisions/services.hpp"

#include <algorithm>

namespace elsec::decisions {

bool activity::touch(const std::string& credential, domain::time_point now, std::chrono::milliseconds idle) {
  const std::scoped_lock lock(mutex_);
  const auto found = last_use_.find(credential);
  const auto last = found == last_use_.end() ? started_ : found->second;
  if (now - last > idle) return false;
  if (found != last_use_.end()) {
    found->second = std::max(last, now);  // a clock that was ahead and is put right ends nobody's session
  } else {
    make_room();
    last_use_.emplace(credential, now);
  }
  return true;
}

void activity::begin(const std::string& credential, domain::time_point now) {
  const std::scoped_lock lock(mutex_);
  make_room();
  last_use_[credential] = now;
}

void activity::forget(const std::string& credential) {
  const std::scoped_lock lock(mutex_);
  last_use_.erase(credential);
}

// Drops the longest unused half, so that the cost of looking for them is spread over as many insertions.
void activity::make_room() {
  if (last_use_.size() < active_credentials_max) return;
  std::vector<domain::time_point> uses;
  uses.reserve(last_use_.size());
  for (const auto& [credential, last] : last_use_) uses.push_back(last);
  const auto middle = uses.begin() + static_cast<std::ptrdiff_t>(uses.size() / 2);
  std::nth_element(uses.begin(), middle, uses.end());
  std::erase_if(last_use_, [limit = *middle](const auto& entry) { return entry.second <= limit; });
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
