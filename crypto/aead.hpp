#pragma once
// XChaCha20-Poly1305 on spans, without a copy: inside this room only, under seal.hpp, content.hpp and slot_format.hpp.

#include "crypto/secret.hpp"

#include <cstdint>
#include <span>

namespace elsec::crypto {

// Writes nonce || ciphertext || tag under a fresh random nonce. Precondition: `out` is seal_overhead longer than
// `plain`.
void seal_into(std::span<std::uint8_t> out, const secret& key, std::span<const std::uint8_t> plain,
               std::span<const std::uint8_t> associated) noexcept;

// False, with `out` zeroed, when key, associated data or a bit of `sealed` differ. Precondition: `sealed` is
// seal_overhead longer than `out`.
[[nodiscard]] bool open_into(std::span<std::uint8_t> out, const secret& key, std::span<const std::uint8_t> sealed,
                             std::span<const std::uint8_t> associated) noexcept;

}  // namespace elsec::crypto
