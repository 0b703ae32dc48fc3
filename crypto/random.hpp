#pragma once
// Randomness comes in from outside, so that a simulation can replay a seed. Keys and nonces always come from the
// system.

#include "domain/ids.hpp"

#include <cstdint>
#include <span>

namespace elsec::crypto {

// Must be called once before anything else in this room (again does no harm); fails with `internal` when libsodium or
// OpenSSL cannot start, and with `io` when no memory can be locked for keys (the detail says which limit is in the
// way).
[[nodiscard]] domain::result<void> start();

// Fills the span with unpredictable bytes of the operating system. Thread-safe.
void random_bytes(std::span<std::uint8_t> out) noexcept;

// 80 random bits for a ULID.
[[nodiscard]] domain::ulid_entropy random_entropy() noexcept;

// A fresh identifier: `crypto::new_id<domain::document_id>(now)`.
template <class Id>
[[nodiscard]] Id new_id(domain::time_point now) {
  return Id::make(now, random_entropy());
}

}  // namespace elsec::crypto
