#include "actors/room.hpp"

#include "actors/tenant_decisions.hpp"

#include <algorithm>

namespace elsec::actors {

domain::result<void> room_ledger::claim(const services& with, const domain::organisation_id& of, std::uint64_t bytes) {
  const std::scoped_lock lock(mutex_);
  const auto entry = claimed_.find(of);
  const auto of_tenant = entry == claimed_.end() ? 0 : entry->second;
  if (auto room = check_room(with, of, bytes, {.of_tenant = of_tenant, .on_disk = unwritten_}); !room) return room;
  claimed_[of] += bytes;
  unwritten_ += bytes;
  return {};
}

void room_ledger::written(std::uint64_t bytes) {
  const std::scoped_lock lock(mutex_);
  unwritten_ -= std::min(unwritten_, bytes);
}

void room_ledger::release(const domain::organisation_id& of, std::uint64_t bytes, std::uint64_t unwritten) {
  const std::scoped_lock lock(mutex_);
  unwritten_ -= std::min(unwritten_, unwritten);
  const auto entry = claimed_.find(of);
  if (entry == claimed_.end()) return;
  entry->second -= std::min(entry->second, bytes);
  if (entry->second == 0) claimed_.erase(entry);
}

domain::result<void> room_claim::cover(std::uint64_t bytes) {
  if (bytes <= claimed_) return {};
  if (auto ok = ledger_.claim(with_, of_, bytes - claimed_); !ok) return ok;
  claimed_ = bytes;
  return {};
}

void room_claim::written(std::uint64_t bytes) {
  const auto reached = std::min(bytes, claimed_);
  if (reached <= written_) return;
  ledger_.written(reached - written_);
  written_ = reached;
}

}  // namespace elsec::actors
