#pragma once
// Secret bytes: in locked memory that is never dumped, wiped on destruction, compared in constant time, never printed.

#include "domain/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <utility>

namespace elsec::crypto {

// No locked memory for another secret. what() names the limit in the way (RLIMIT_MEMLOCK) and how to raise it; the
// process must not go on, since the alternative is keys in swap space.
class no_locked_memory : public std::bad_alloc {
 public:
  explicit no_locked_memory(std::string what);
  [[nodiscard]] const char* what() const noexcept override { return what_->c_str(); }

 private:
  std::shared_ptr<const std::string> what_;  // an exception's copy must not throw
};

// 32 secret bytes. Copies share the same 32 bytes of a locked arena (crypto/locked_arena.hpp), which are wiped with the
// last of them; a moved-from or default secret is empty. Cheap enough for one per request: no system call.
class secret {
 public:
  static constexpr std::size_t size = 32;

  secret() = default;
  // Everything that makes a secret throws no_locked_memory when there is none.

  // Fresh random bytes.
  [[nodiscard]] static secret random();
  // Copies exactly 32 bytes; `invalid` for any other length. The source is the caller's to wipe.
  [[nodiscard]] static domain::result<secret> from(std::span<const std::uint8_t> bytes);
  // Whatever `fill(std::span<std::uint8_t, 32>)` writes: for results that must never stand anywhere but in locked
  // memory. The span is all zero at first and valid only during the call.
  template <class Fill>
  [[nodiscard]] static secret filled_by(Fill&& fill) {
    secret made = zeroed();
    std::forward<Fill>(fill)(std::span<std::uint8_t, size>(made.data_.get(), size));
    return made;
  }

  [[nodiscard]] std::span<const std::uint8_t, size> view() const noexcept;  // precondition: !empty()
  [[nodiscard]] bool empty() const noexcept { return data_ == nullptr; }
  // Constant time. Two empty ones are equal.
  [[nodiscard]] bool operator==(const secret& other) const noexcept;

 private:
  [[nodiscard]] static secret zeroed();

  std::shared_ptr<std::uint8_t> data_;
};

// Reads the master key: 32 raw bytes in a file of mode 0600 (or stricter) owned by this user. `invalid` says what to do
// (a missing file, too); `io` when the operating system refuses to read it.
[[nodiscard]] domain::result<secret> read_key_file(const char* path);
// Creates such a file with a fresh key, on disk (file and folder synced) before it returns; `conflict` if it exists.
// The name appears only with the whole key behind it, whenever the power fails.
[[nodiscard]] domain::result<secret> create_key_file(const char* path);

}  // namespace elsec::crypto
