#pragma once
// Document content as it is stored: chunks of at most 65,480 bytes of plaintext, each sealed by itself, so that any
// range can be read alone. 24-byte nonce + ciphertext + 16-byte tag = at most 65,520 bytes, which fills 16 LMDB pages
// exactly. The associated data is the content id and the chunk's index: chunks cannot be swapped or moved. Count and
// size stand sealed in the document's record, so a missing last chunk is noticed, too.

#include "crypto/seal.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace elsec::crypto {

inline constexpr std::size_t chunk_plain_max = 65'480;
inline constexpr std::size_t chunk_sealed_max = chunk_plain_max + seal_overhead;

using content_id = std::array<std::uint8_t, 16>;

[[nodiscard]] content_id new_content_id() noexcept;

// Number of chunks of a content of `size` bytes; an empty content has none.
[[nodiscard]] constexpr std::uint32_t chunk_count(std::uint64_t size) noexcept {
  return static_cast<std::uint32_t>((size + chunk_plain_max - 1) / chunk_plain_max);
}

// Precondition: 1 to chunk_plain_max bytes.
[[nodiscard]] domain::bytes seal_chunk(const secret& content_key, const content_id& id, std::uint32_t index,
                                       std::span<const std::uint8_t> plain);
// `integrity` when anything differs.
[[nodiscard]] domain::result<domain::bytes> open_chunk(const secret& content_key, const content_id& id,
                                                       std::uint32_t index, std::span<const std::uint8_t> sealed);

}  // namespace elsec::crypto
