#include "domain/ids.hpp"

namespace elsec::domain {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace

std::string make_ulid(time_point now, const ulid_entropy& entropy) {
  std::array<std::uint8_t, 16> raw{};
  const auto ms = static_cast<std::uint64_t>(now.time_since_epoch().count());
  for (std::size_t i = 0; i < 6; ++i) raw[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  std::copy(entropy.begin(), entropy.end(), raw.begin() + 6);

  // 26 groups of 5 bits hold 130 bits: the first group carries only the top 3 of the 128.
  std::string text(ulid_length, '0');
  unsigned buffer = 0;
  int bits = 2;
  std::size_t out = 0;
  for (const std::uint8_t byte : raw) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text[out++] = alphabet[(buffer >> bits) & 31U];
    }
    buffer &= (1U << bits) - 1U;
  }
  return text;
}

bool is_ulid(std::string_view text) noexcept {
  return text.size() == ulid_length && text.front() <= '7' &&
         std::ranges::all_of(text, [](char c) { return alphabet.contains(c); });
}

}  // namespace elsec::domain
