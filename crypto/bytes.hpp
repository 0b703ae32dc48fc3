#pragma once
// Text as the bytes that libsodium and OpenSSL take.

#include <cstdint>
#include <span>
#include <string_view>

namespace elsec::crypto {

[[nodiscard]] inline std::span<const std::uint8_t> bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace elsec::crypto
