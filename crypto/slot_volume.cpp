#include "crypto/slot_volume.hpp"

#include "crypto/slots.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace elsec::crypto {

namespace {

// Magic numbers of linux/magic.h, where it has them, and of the file systems' own sources.
constexpr std::array<std::uint64_t, 6> keepers_of_old_blocks{
    0x9123683E,  // btrfs
    0x2FC12FC1,  // ZFS
    0x794C7630,  // overlayfs
    0xCA451A4E,  // bcachefs
    0xF2F52010,  // F2FS
    0x3434,      // NILFS2
};

constexpr std::uint64_t offset_of(std::uint64_t index) noexcept { return slot_header_size + index * slot_size; }

domain::result<bool> check_file_system(const file_handle& file, const std::string& path, bool any_file_system) {
  struct statfs about{};
  if (::fstatfs(file.get(), &about) != 0) return fail_errno("examine the file system of", path, errno);
  const bool unsuitable = keeps_old_blocks(static_cast<std::uint64_t>(about.f_type) & 0xFFFFFFFF);
  if (unsuitable && !any_file_system)
    return domain::fail(domain::error_code::invalid,
                        path +
                            " lies on a file system that keeps old blocks, so that closing would not be final: use "
                            "ext4 or XFS, or set slots.any_file_system for trying things out");
  return unsuitable;
}

// Two writers would give out the same slots.
domain::result<void> lock_alone(const file_handle& file, const std::string& path) {
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return {};
  if (errno == EWOULDBLOCK)
    return domain::fail(domain::error_code::conflict,
                        path + " is in use by another process, or stands for file and mirror");
  return fail_errno("lock", path, errno);
}

domain::result<void> allocate(const file_handle& file, const std::string& path, std::uint64_t from, std::uint64_t to) {
  const auto offset = static_cast<off_t>(offset_of(from));
  const auto length = static_cast<off_t>((to - from) * slot_size);
  int cause = EINTR;
  while (cause == EINTR) cause = ::posix_fallocate(file.get(), offset, length);
  if (cause != 0) return fail_errno("allocate space for", path, cause);
  return {};
}

// The slots a file of this size has room for.
domain::result<std::uint64_t> capacity_of(const file_handle& file, const std::string& path) {
  struct stat about{};
  if (::fstat(file.get(), &about) != 0) return fail_errno("examine", path, errno);
  if (!S_ISREG(about.st_mode)) return domain::fail(domain::error_code::invalid, path + " must be a regular file");
  const auto size = static_cast<std::uint64_t>(about.st_size);
  if (size < slot_header_size)
    return domain::fail(domain::error_code::integrity, path + " was cut off within its header");
  return (size - slot_header_size) / slot_size;
}

}  // namespace

bool keeps_old_blocks(std::uint64_t file_system_type) noexcept {
  return std::ranges::find(keepers_of_old_blocks, file_system_type) != keepers_of_old_blocks.end();
}

slot_volume::slot_volume(std::string path, file_handle file, bool unsuitable, std::uint64_t capacity)
    : path_(std::move(path)), file_(std::move(file)), unsuitable_(unsuitable), capacity_(capacity) {}

domain::result<slot_volume::handle> slot_volume::create(const std::string& path, const slot_header& header,
                                                        bool any_file_system) {
  bool unsuitable = false;
  auto file = create_whole(path, [&](const file_handle& draft) -> domain::result<void> {
    auto checked = check_file_system(draft, path, any_file_system);
    if (!checked) return std::unexpected(checked.error());
    unsuitable = *checked;
    if (auto locked = lock_alone(draft, path); !locked) return locked;
    if (auto written = write_at(draft, path, header, 0); !written) return written;
    return allocate(draft, path, 0, slots_per_growth);
  });
  if (!file) return std::unexpected(file.error());
  return handle(new slot_volume(path, std::move(*file), unsuitable, slots_per_growth));
}

domain::result<slot_volume::handle> slot_volume::open(const std::string& path, bool any_file_system) {
  file_handle file(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  if (!file.is_open()) return fail_errno("open", path, errno);
  const auto capacity = capacity_of(file, path);
  if (!capacity) return std::unexpected(capacity.error());
  const auto unsuitable = check_file_system(file, path, any_file_system);
  if (!unsuitable) return std::unexpected(unsuitable.error());
  if (auto locked = lock_alone(file, path); !locked) return std::unexpected(locked.error());
  return handle(new slot_volume(path, std::move(file), *unsuitable, *capacity));
}

domain::result<bool> slot_volume::exists(const std::string& path) {
  struct stat about{};
  if (::lstat(path.c_str(), &about) == 0) return true;
  if (errno == ENOENT) return false;
  return fail_errno("examine", path, errno);
}

domain::result<slot_header> slot_volume::header() const {
  slot_header header;
  if (auto read = read_at(file_, path_, header, 0); !read) return std::unexpected(read.error());
  return header;
}

domain::result<slot_block> slot_volume::read(std::uint64_t index) const {
  slot_block block{};
  if (index >= capacity()) return block;
  if (auto read = read_at(file_, path_, block, offset_of(index)); !read) return std::unexpected(read.error());
  return block;
}

domain::result<void> slot_volume::write(std::uint64_t index, const slot_block& block) {
  assert(index < capacity());
  auto written = write_at(file_, path_, block, offset_of(index));
  if (!written) written.error().code = domain::error_code::io;
  return written;
}

domain::result<void> slot_volume::grow(std::uint64_t slots) {
  if (slots <= capacity()) return {};
  if (auto allocated = allocate(file_, path_, capacity(), slots); !allocated) return allocated;
  if (auto synced = sync_all(file_, path_); !synced) return synced;
  if (auto synced = sync_folder_of(path_); !synced) return synced;
  capacity_.store(slots, std::memory_order_release);
  return {};
}

domain::result<void> slot_volume::sync() { return sync_data(file_, path_); }

domain::result<std::uint64_t> slot_volume::boundary() const {
  std::uint64_t low = 0;
  std::uint64_t high = capacity();
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    const auto block = read(middle);
    if (!block) return std::unexpected(block.error());
    if (is_unused(*block))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

domain::result<bool> slot_volume::any_used_beyond(std::uint64_t from, std::uint64_t step) const {
  for (std::uint64_t ahead = 0; from + ahead < capacity(); ahead = ahead == 0 ? step : ahead * 2) {
    const auto block = read(from + ahead);
    if (!block) return std::unexpected(block.error());
    if (!is_unused(*block)) return true;
  }
  return false;
}

domain::result<slot_extent> slot_volume::scan(std::uint64_t from, std::uint64_t to) const {
  slot_extent found{to, from};
  for (auto index = from; index < to; ++index) {
    const auto block = read(index);
    if (!block) return std::unexpected(block.error());
    if (is_unused(*block))
      found.first_unused = std::min(found.first_unused, index);
    else
      found.end = index + 1;
  }
  return found;
}

}  // namespace elsec::crypto
