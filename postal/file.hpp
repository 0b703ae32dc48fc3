#pragma once
// File descriptors as values, and the few operations on them this room needs.

#include "domain/error.hpp"
#include "domain/fields.hpp"

#include <span>
#include <utility>

namespace elsec::postal {

// Owns a file descriptor.
class unique_fd {
 public:
  unique_fd() = default;
  explicit unique_fd(int fd) : fd_(fd) {}
  unique_fd(unique_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  unique_fd& operator=(unique_fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~unique_fd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

// `storage_full` when there is no space, else `io`; the detail names the operation, never a path.
[[nodiscard]] std::unexpected<domain::error> fail_errno(int number, const char* operation);

[[nodiscard]] domain::result<void> write_all(int fd, std::span<const std::uint8_t> data);

// From the start, at most `bytes_max`; `too_large` when there is more.
[[nodiscard]] domain::result<domain::bytes> read_all(int fd, std::size_t bytes_max);

// Anonymous memory that can be handed to another process. Sealed: nobody can change it any more.
[[nodiscard]] domain::result<unique_fd> make_memory_file(const char* name);
[[nodiscard]] domain::result<void> seal(int memory_file);

}  // namespace elsec::postal
