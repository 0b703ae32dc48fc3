#include "actors/room.hpp"

#include "decisions/services.hpp"

#include <algorithm>

namespace elsec::actors {

using domain::error_code;
namespace tables = storage::tables;

namespace {

// Bytes that others are about to store.
struct claimed_room {
  std::uint64_t of_tenant = 0;
  std::uint64_t on_disk = 0;
};

// Whether `bytes` more may be stored: within the tenant's quota, and not into the reserve of the disk.
domain::result<void> check_room(const decisions::services& with, const domain::organisation_id& of, std::uint64_t bytes,
                                const claimed_room& claimed) {
  const auto free = with.content->free_bytes();
  if (!free) return std::unexpected(free.error());
  if (*free < with.policy.free_reserve_bytes + claimed.on_disk + bytes)
    return domain::fail(error_code::storage_full, "the node's disk is full; repeat later");
  auto snapshot = with.store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  const auto used = snapshot->count(tables::usage, of.str());
  if (!used) return std::unexpected(used.error());
  if (*used + claimed.of_tenant + bytes > with.policy.tenant_quota_bytes)
    return domain::fail(error_code::storage_full, "the organisation's storage is full; close documents first");
  return {};
}

}  // namespace

domain::result<void> room_ledger::claim(const decisions::services& with, const domain::organisation_id& of,
                                        std::uint64_t bytes) {
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
