#pragma once
// Locked memory for many small secrets: inside this room only, behind `secret`.
//
// sodium_malloc costs four pages and several system calls each, far too much for a key per document. Here it gives
// slabs of 64 KiB between guard pages, locked into RAM and left out of core dumps (both checked), and each slab gives
// 32-byte cells. A cell that comes back is wiped at once. Slabs are kept: the locked memory is that of the busiest
// moment, 32 bytes a secret.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace elsec::crypto {

class locked_arena {
 public:
  static constexpr std::size_t cell_bytes = 32;
  // One cell less than 64 KiB holds, which leaves sodium_malloc its canary without taking another page.
  static constexpr std::size_t slab_bytes = 64 * 1024 - cell_bytes;
  static constexpr std::size_t cells_per_slab = slab_bytes / cell_bytes;

  locked_arena() = default;
  ~locked_arena();
  locked_arena(const locked_arena&) = delete;
  locked_arena& operator=(const locked_arena&) = delete;

  // A cell of 32 zero bytes. Throws no_locked_memory. Thread-safe, as all of these.
  [[nodiscard]] std::uint8_t* take();
  // Wipes the cell; it must come from take() of this arena.
  void give_back(std::uint8_t* cell) noexcept;

  [[nodiscard]] std::size_t slab_count() const;

 private:
  void add_slab();

  mutable std::mutex mutex_;
  std::vector<std::uint8_t*> slabs_;
  std::vector<std::uint8_t*> free_;  // outside the locked pages; always room for every cell, so giving back cannot fail
};

// The one arena of the process. It is never destroyed, because secrets in static objects may outlive any order.
[[nodiscard]] locked_arena& process_arena();

}  // namespace elsec::crypto
