#pragma once
// Files whose writes must be on disk when a call returns: inside this room only, under key files and slot files.

#include "domain/error.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace elsec::crypto {

// An open file descriptor, closed on destruction.
class file_handle {
 public:
  file_handle() = default;
  explicit file_handle(int descriptor) noexcept : descriptor_(descriptor) {}
  file_handle(file_handle&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  file_handle& operator=(file_handle&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~file_handle();

  [[nodiscard]] int get() const noexcept { return descriptor_; }
  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

// "cannot <doing> <path>: <why>"; `storage_full` for a full disk or quota, `io` for everything else.
[[nodiscard]] std::unexpected<domain::error> fail_errno(std::string_view doing, const std::string& path, int cause);

// All of the bytes or an error; a file that ends early is `io`.
[[nodiscard]] domain::result<void> read_at(const file_handle& file, const std::string& path,
                                           std::span<std::uint8_t> out, std::uint64_t offset);
[[nodiscard]] domain::result<void> write_at(const file_handle& file, const std::string& path,
                                            std::span<const std::uint8_t> data, std::uint64_t offset);

// fsync: the data and the file's size. A failed sync is always `io`, for a full disk, too: what was written may be
// lost.
[[nodiscard]] domain::result<void> sync_all(const file_handle& file, const std::string& path);
// fdatasync: the data and what is needed to find it.
[[nodiscard]] domain::result<void> sync_data(const file_handle& file, const std::string& path);
// fsync of the folder that holds `path`: the name itself.
[[nodiscard]] domain::result<void> sync_folder_of(const std::string& path);

// Creates `path` (mode 0600) with what `write` puts into it: under another name first, synced, then under its own, so
// that a power cut never leaves half a file. `conflict` if the name exists. The file comes back open for reading and
// writing.
[[nodiscard]] domain::result<file_handle> create_whole(
    const std::string& path, const std::function<domain::result<void>(const file_handle&)>& write);

}  // namespace elsec::crypto
