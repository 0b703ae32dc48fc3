#pragma once
// Room promised before it is used. Uploads at the same time know nothing of each other: without claims all of them
// would find the same bytes free, and together go past the quota and into the reserve of the disk.

#include "domain/error.hpp"
#include "domain/ids.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace elsec::decisions {
struct services;
}

namespace elsec::actors {

// What all uploads under way will need. Thread-safe.
class room_ledger {
 public:
  // `storage_full` when `bytes` do not fit beside what is stored and what others have claimed.
  [[nodiscard]] domain::result<void> claim(const decisions::services& with, const domain::organisation_id& of,
                                           std::uint64_t bytes);
  // So many claimed bytes lie on the disk now and are missing from its free space there.
  void written(std::uint64_t bytes);
  void release(const domain::organisation_id& of, std::uint64_t bytes, std::uint64_t unwritten);

 private:
  std::mutex mutex_;
  std::unordered_map<domain::organisation_id, std::uint64_t> claimed_;  // bytes
  std::uint64_t unwritten_ = 0;                                         // bytes of all organisations
};

// One upload's share; given back when it is destroyed, which is after its record has counted or when it came to
// nothing. The ledger and the services must outlive it.
class room_claim {
 public:
  room_claim(const decisions::services& with, room_ledger& ledger, domain::organisation_id of)
      : with_(with), ledger_(ledger), of_(std::move(of)) {}
  ~room_claim() { ledger_.release(of_, claimed_, claimed_ - written_); }
  room_claim(const room_claim&) = delete;
  room_claim& operator=(const room_claim&) = delete;

  // Makes it at least so many bytes in all; `storage_full` leaves it as it was.
  [[nodiscard]] domain::result<void> cover(std::uint64_t bytes);
  // So many bytes in all are on the disk.
  void written(std::uint64_t bytes);

 private:
  const decisions::services& with_;
  room_ledger& ledger_;
  domain::organisation_id of_;
  std::uint64_t claimed_ = 0;
  std::uint64_t written_ = 0;
};

}  // namespace elsec::actors
