#include "gateway/clients.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace elsec::gateway {
namespace {

using domain::error_code;

// IPv4 among the keys of IPv6: in the block of multicast, from which nobody can come.
constexpr std::uint64_t ipv4_block = 0xFF00'0000'0000'0000;
constexpr std::uint64_t slash_24 = ~0xFFULL;
constexpr std::uint64_t slash_48 = ~0xFFFFULL;

struct burden_text {
  std::string_view name;
  error_code code;
  std::string_view detail;
};

constexpr std::array burden_texts{
    burden_text{"none", error_code::internal, ""},
    burden_text{"bodies", error_code::overloaded, "Too many bodies are on their way; send it again, in one go."},
    burden_text{"bodies_of_network", error_code::too_many_requests,
                "Too many bodies from your network do not come; end those requests, and send this body in one go."},
    burden_text{"bodies_of_address", error_code::too_many_requests,
                "Too many bodies from your address do not come; end those requests, and send this body in one go."},
    burden_text{"uploads", error_code::overloaded, "Too many uploads are under way; repeat this one in a few seconds."},
    burden_text{"uploads_of_network", error_code::too_many_requests,
                "Too many slow uploads from your network are under way; repeat this one when some of them are done."},
    burden_text{"uploads_of_address", error_code::too_many_requests,
                "Too many slow uploads from your address are under way; repeat this one when some of them are done."},
    burden_text{"uploads_of_tenant", error_code::too_many_requests,
                "Your organisation has as many uploads under way as it may; repeat this one when one of them is done."},
    burden_text{"failures_of_network", error_code::too_many_requests,
                "Too many requests from your network fail; correct what they ask, and wait a minute."},
    burden_text{"failures_of_address", error_code::too_many_requests,
                "Too many requests from your address fail; correct what they ask, and wait a minute."},
};

double share_of(std::size_t held, std::size_t cap) {
  return static_cast<double>(held) / static_cast<double>(std::max<std::size_t>(cap, 1));
}

template <class Key>
std::size_t count_of(const std::map<Key, std::size_t>& counts, const Key& who) {
  const auto found = counts.find(who);
  return found == counts.end() ? 0 : found->second;
}

template <class Counts, class Key>
void take_off(Counts& counts, const Key& who) {
  const auto found = counts.find(who);
  if (found != counts.end() && --found->second == 0) counts.erase(found);
}

}  // namespace

origin origin_at(const asio::ip::address& where) noexcept {
  if (where.is_v4()) {
    const auto key = ipv4_block | where.to_v4().to_uint();
    return {key, key & slash_24};
  }
  const auto bytes = where.to_v6().to_bytes();
  if (where.to_v6().is_v4_mapped()) return origin_at(asio::ip::make_address_v4(asio::ip::v4_mapped, where.to_v6()));
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < sizeof key; ++i) key = key << 8U | bytes.at(i);
  return {key, key & slash_48};
}

std::string_view name_of(burden why) noexcept { return burden_texts[std::to_underlying(why)].name; }

domain::error error_of(burden why) {
  const auto& text = burden_texts.at(std::to_underlying(why));
  return {text.code, std::string(text.detail), {}};
}

double fading_counts::faded(const entry& one, time now) {
  const std::chrono::duration<double> age = now - one.at;
  return one.count * std::exp(-std::max(age.count(), 0.0) / std::chrono::duration<double>(failures_fade).count());
}

double fading_counts::count(std::uint64_t who, time now) const {
  const auto found = counts_.find(who);
  return found == counts_.end() ? 0 : faded(found->second, now);
}

double fading_counts::add(std::uint64_t who, time now) {
  if (counts_.size() >= entries_max_ && !counts_.contains(who)) make_room(now);
  auto& mine = counts_[who];
  mine = {std::min(faded(mine, now) + 1, count_max_), now};
  return mine.count;
}

// Half at once, so that a flood of newcomers does not look through all of them each time.
void fading_counts::make_room(time now) {
  std::vector<std::pair<double, std::uint64_t>> all;
  all.reserve(counts_.size());
  for (const auto& [who, one] : counts_) all.emplace_back(faded(one, now), who);
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>((all.size() + 1) / 2);
  if (middle != all.end()) std::ranges::nth_element(all, middle);
  std::for_each(all.begin(), middle, [&](const auto& one) { counts_.erase(one.second); });
}

clients::clients(const limits& bounds)
    : bounds_(bounds),
      late_caps_{caps{bounds.late_bodies_max, bounds.late_bodies_per_network_max, bounds.late_bodies_per_address_max,
                      burden::bodies, burden::bodies_of_network, burden::bodies_of_address},
                 caps{bounds.uploads_max, bounds.uploads_per_network_max, bounds.uploads_per_address_max,
                      burden::uploads, burden::uploads_of_network, burden::uploads_of_address}},
      failing_networks_(failing_clients_max, 2.0 * static_cast<double>(bounds.failures_per_network_max)),
      failing_addresses_(failing_clients_max, 2.0 * static_cast<double>(bounds.failures_per_address_max)) {}

// Nothing up to the free share, then in proportion, all of it where the cap is.
std::chrono::milliseconds clients::delay_at(double share, double free_share) const {
  const auto part = std::clamp((share - free_share) / (1 - free_share), 0.0, 1.0);
  return std::chrono::milliseconds(std::llround(part * static_cast<double>(bounds_.slowed_max.count())));
}

clients::claim clients::late_body(const origin& whose, body_use use) {
  const auto& most = late_caps_.at(std::to_underlying(use));
  const std::scoped_lock lock(mutex_);
  auto& held = late_.at(std::to_underlying(use));
  const auto of_address = count_of(held.addresses, whose.address);
  const auto of_network = count_of(held.networks, whose.network);
  if (of_address >= most.per_address) return {{most.of_address}};
  if (of_network >= most.per_network) return {{most.of_network}};
  if (held.total >= most.total) return {{most.of_all}};
  ++held.total;
  ++held.addresses[whose.address];
  ++held.networks[whose.network];
  const auto share = std::max(share_of(of_address, most.per_address), share_of(of_network, most.per_network));
  return {{burden::none, delay_at(share, late_bodies_free_share)},
          held_place([self = shared_from_this(), whose, use] { self->forget_late(whose, use); })};
}

void clients::forget_late(const origin& whose, body_use use) {
  const std::scoped_lock lock(mutex_);
  auto& held = late_.at(std::to_underlying(use));
  --held.total;
  take_off(held.addresses, whose.address);
  take_off(held.networks, whose.network);
}

clients::claim clients::upload(std::string_view tenant) {
  const std::scoped_lock lock(mutex_);
  const auto mine = tenants_.find(tenant);
  if (mine != tenants_.end() && mine->second >= bounds_.uploads_per_tenant_max) return {{burden::uploads_of_tenant}};
  if (uploads_ >= bounds_.uploads_max) return {{burden::uploads}};
  ++uploads_;
  std::string name(tenant);
  ++tenants_[name];
  return {{}, held_place([self = shared_from_this(), name = std::move(name)] { self->forget_upload(name); })};
}

void clients::forget_upload(const std::string& tenant) {
  const std::scoped_lock lock(mutex_);
  --uploads_;
  take_off(tenants_, tenant);
}

clients::verdict clients::failed(const origin& whose, fading_counts::time now) {
  const auto address_max = static_cast<double>(bounds_.failures_per_address_max);
  const auto network_max = static_cast<double>(bounds_.failures_per_network_max);
  const std::scoped_lock lock(mutex_);
  const auto of_address = failing_addresses_.add(whose.address, now);
  // What is refused anyway is not held against the neighbours.
  if (of_address > address_max) return {burden::failures_of_address};
  const auto of_network = failing_networks_.add(whose.network, now);
  if (of_network > network_max) return {burden::failures_of_network};
  return {burden::none, delay_at(std::max(of_address / address_max, of_network / network_max), failures_free_share)};
}

std::size_t clients::late_bodies(body_use use) const {
  const std::scoped_lock lock(mutex_);
  return late_.at(std::to_underlying(use)).total;
}

std::size_t clients::uploads() const {
  const std::scoped_lock lock(mutex_);
  return uploads_;
}

}  // namespace elsec::gateway
