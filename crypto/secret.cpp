#include "crypto/secret.hpp"

#include "crypto/locked_arena.hpp"
#include "crypto/random.hpp"

#include <sodium.h>

#include <algorithm>
#include <cassert>

namespace elsec::crypto {

static_assert(locked_arena::cell_bytes == secret::size);

no_locked_memory::no_locked_memory(std::string what) : what_(std::make_shared<const std::string>(std::move(what))) {}

secret secret::zeroed() {
  secret made;
  made.data_ = {process_arena().take(), [](std::uint8_t* cell) noexcept { process_arena().give_back(cell); }};
  return made;
}

secret secret::random() {
  return filled_by([](std::span<std::uint8_t, size> out) noexcept { random_bytes(out); });
}

domain::result<secret> secret::from(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != size) return domain::fail(domain::error_code::invalid, "a key must be exactly 32 bytes");
  return filled_by([&](std::span<std::uint8_t, size> out) noexcept { std::ranges::copy(bytes, out.begin()); });
}

std::span<const std::uint8_t, secret::size> secret::view() const noexcept {
  assert(!empty());
  return std::span<const std::uint8_t, size>(data_.get(), size);
}

bool secret::operator==(const secret& other) const noexcept {
  if (empty() || other.empty()) return empty() == other.empty();
  return sodium_memcmp(data_.get(), other.data_.get(), size) == 0;
}

}  // namespace elsec::crypto
