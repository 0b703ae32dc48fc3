#include "crypto/locked_arena.hpp"

#include "crypto/secret.hpp"

#include <sodium.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

namespace elsec::crypto {

namespace {

constexpr std::size_t kib = 1024;

std::string limit_text() {
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return "unknown";
  return limit.rlim_cur == RLIM_INFINITY ? "unlimited" : std::to_string(limit.rlim_cur / kib) + " KiB";
}

// Called with the errno of what failed still in place.
no_locked_memory refusal(std::size_t slabs) {
  const int cause = errno;
  return no_locked_memory("cannot lock another 64 KiB of memory for keys (" + std::string(std::strerror(cause)) +
                          "): RLIMIT_MEMLOCK is " + limit_text() + ", " + std::to_string(slabs * 64) +
                          " KiB hold keys already; raise it (systemd: LimitMEMLOCK=, shell: ulimit -l)");
}

// libsodium 1.0.18 locks the slab but ignores whether that worked, so both are done again to learn it. Locking a locked
// page is not counted twice.
bool lock_and_hide(std::uint8_t* slab) noexcept {
  if (sodium_mlock(slab, locked_arena::slab_bytes) != 0) return false;
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto address = reinterpret_cast<std::uintptr_t>(slab);
  const auto first = address - address % page;
  return madvise(reinterpret_cast<void*>(first), address + locked_arena::slab_bytes - first, MADV_DONTDUMP) == 0;
}

}  // namespace

locked_arena::~locked_arena() {
  for (auto* slab : slabs_) sodium_free(slab);
}

std::uint8_t* locked_arena::take() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) add_slab();
  auto* cell = free_.back();
  free_.pop_back();
  return cell;
}

void locked_arena::give_back(std::uint8_t* cell) noexcept {
  sodium_memzero(cell, cell_bytes);
  const std::lock_guard lock(mutex_);
  free_.push_back(cell);
}

std::size_t locked_arena::slab_count() const {
  const std::lock_guard lock(mutex_);
  return slabs_.size();
}

void locked_arena::add_slab() {
  slabs_.reserve(slabs_.size() + 1);
  free_.reserve((slabs_.size() + 1) * cells_per_slab);
  auto* slab = static_cast<std::uint8_t*>(sodium_malloc(slab_bytes));
  if (slab == nullptr) throw refusal(slabs_.size());
  if (!lock_and_hide(slab)) {
    auto why = refusal(slabs_.size());
    sodium_free(slab);
    throw why;
  }
  sodium_memzero(slab, slab_bytes);
  slabs_.push_back(slab);
  for (std::size_t i = cells_per_slab; i-- > 0;) free_.push_back(slab + i * cell_bytes);
}

locked_arena& process_arena() {
  static auto* const arena = new locked_arena;
  return *arena;
}

}  // namespace elsec::crypto
