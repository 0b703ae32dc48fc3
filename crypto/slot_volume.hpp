#pragma once
// One file of slots on disk, the main one or the mirror: inside this room only. Knows where slots lie, not what they
// mean.

#include "crypto/posix_file.hpp"
#include "crypto/slot_format.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace elsec::crypto {

// True for the file systems (statfs's f_type) that write changed blocks to a new place and keep the old ones: btrfs,
// ZFS, overlayfs (which copies a file up), bcachefs, F2FS, NILFS2.
[[nodiscard]] bool keeps_old_blocks(std::uint64_t file_system_type) noexcept;

// Of a range of slots: all before `first_unused` are used, all from `end` on are not; between them lie gaps, if any.
struct slot_extent {
  std::uint64_t first_unused = 0;
  std::uint64_t end = 0;
};

class slot_volume {
 public:
  using handle = std::unique_ptr<slot_volume>;

  // Both hold the file with an exclusive lock until they go. See slot_file::open for the errors.
  [[nodiscard]] static domain::result<handle> create(const std::string& path, const slot_header& header,
                                                     bool any_file_system);
  [[nodiscard]] static domain::result<handle> open(const std::string& path, bool any_file_system);
  // Whether there is anything of that name.
  [[nodiscard]] static domain::result<bool> exists(const std::string& path);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] bool unsuitable() const noexcept { return unsuitable_; }
  // Slots the file has room for; grows only.
  [[nodiscard]] std::uint64_t capacity() const noexcept { return capacity_.load(std::memory_order_acquire); }

  [[nodiscard]] domain::result<slot_header> header() const;
  // Thread-safe alongside everything else; unused beyond the capacity.
  [[nodiscard]] domain::result<slot_block> read(std::uint64_t index) const;
  // Precondition: index < capacity(). Space is reserved, so every failure is `io`.
  [[nodiscard]] domain::result<void> write(std::uint64_t index, const slot_block& block);
  // Preallocates zeros up to `slots`, on disk (size and name) before it returns.
  [[nodiscard]] domain::result<void> grow(std::uint64_t slots);
  [[nodiscard]] domain::result<void> sync();

  // Where used slots end, by bisection, if no unused slot lies before a used one. Otherwise one of several such places:
  // slot 0 or right behind a used one, and unused or beyond the capacity.
  [[nodiscard]] domain::result<std::uint64_t> boundary() const;
  // What lies in [from, to): looks at every slot.
  [[nodiscard]] domain::result<slot_extent> scan(std::uint64_t from, std::uint64_t to) const;
  // Whether any of the slots at `from`, from + step, from + 2 step, from + 4 step… is used. Precondition: step > 0.
  [[nodiscard]] domain::result<bool> any_used_beyond(std::uint64_t from, std::uint64_t step) const;

 private:
  slot_volume(std::string path, file_handle file, bool unsuitable, std::uint64_t capacity);

  std::string path_;
  file_handle file_;
  bool unsuitable_;
  std::atomic<std::uint64_t> capacity_;
};

}  // namespace elsec::crypto
