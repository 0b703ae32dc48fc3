#pragma once
// The bytes of a slot file (slots.hpp): inside this room only. No file is touched here.

#include "crypto/seal.hpp"

#include <array>
#include <cstdint>

namespace elsec::crypto {

inline constexpr std::size_t slot_size = 128;
inline constexpr std::size_t slot_header_size = 4'096;

using slot_block = std::array<std::uint8_t, slot_size>;
using slot_header = std::array<std::uint8_t, slot_header_size>;
// Random; keeps the slots of two files apart even under one key. File and mirror share it.
using slot_file_id = std::array<std::uint8_t, 16>;

// magic (8) || version (4) || slot size (4) || file id (16) || AEAD(zeros), the first 32 bytes being its associated
// data: the whole block is authenticated.
[[nodiscard]] slot_header make_slot_header(const secret& key, const slot_file_id& file);
// `integrity` for a foreign or damaged block, another version, or another key.
[[nodiscard]] domain::result<slot_file_id> check_slot_header(const secret& key, const slot_header& header);

// Skipped: an authenticated marker for a slot that a power cut kept from being written. It never held a key that
// anybody relied on; yet it is not "closed", because a lost sector looks the same, and loss must not pass for closing.
enum class slot_state : std::uint8_t { unused, live, closed, skipped, damaged };

struct opened_slot {
  slot_state state = slot_state::unused;
  secret key;  // of a live one
};

[[nodiscard]] slot_block live_slot(const secret& key, const slot_file_id& file, std::uint64_t index,
                                   const secret& content);
[[nodiscard]] slot_block closed_slot(const secret& key, const slot_file_id& file, std::uint64_t index);
[[nodiscard]] slot_block skipped_slot(const secret& key, const slot_file_id& file, std::uint64_t index);
[[nodiscard]] opened_slot open_slot(const secret& key, const slot_file_id& file, std::uint64_t index,
                                    const slot_block& block);

// All zero: never written.
[[nodiscard]] bool is_unused(const slot_block& block) noexcept;

}  // namespace elsec::crypto
