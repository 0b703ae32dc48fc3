#include "storage/tables.hpp"

#include "crypto/seal.hpp"

namespace elsec::storage {
std::string big_endian(std::uint64_t number) {
  std::string text(number_bytes, '\0');
  for (std::size_t i = number_bytes; i-- > 0; number >>= 8) text[i] = static_cast<char>(number & 0xFF);
  return text;
}

std::uint64_t trailing_number(std::string_view key) noexcept {
  if (key.size() < number_bytes) return 0;
  std::uint64_t number = 0;
  for (const char c : key.substr(key.size() - number_bytes)) number = number << 8 | static_cast<std::uint8_t>(c);
  return number;
}

std::string printable_key(std::string_view key) {
  if (std::ranges::all_of(key, [](char c) { return c >= ' ' && c <= '~'; })) return std::string(key);
  return "0x" + crypto::to_hex({reinterpret_cast<const std::uint8_t*>(key.data()), key.size()});
}

char box_letter(domain::box which) noexcept {
  switch (which) {
    case domain::box::inbox:
      return 'i';
    case domain::box::outbox:
      return 'o';
    case domain::box::drafts:
      return 'd';
  }
  return '?';
}

}  // namespace elsec::storage
