// Bytes as text: hexadecimal and base64 of seal.hpp, in constant time, because keys and tokens pass through here.
#include "crypto/random.hpp"
#include "crypto/seal.hpp"

#include <sodium.h>

#include <algorithm>

namespace elsec::crypto {

namespace {

constexpr std::size_t token_bytes = 32;

std::string encode(std::span<const std::uint8_t> data, int variant) {
  std::string out(sodium_base64_encoded_len(data.size(), variant), '\0');
  sodium_bin2base64(out.data(), out.size(), data.data(), data.size(), variant);
  out.pop_back();  // libsodium's terminating zero
  return out;
}

bool is_ascii(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// libsodium refuses other characters, wrong padding and trailing bits that are not zero; but bytes beyond ASCII 1.0.18
// takes for letters now and then, where `char` is signed.
domain::result<domain::bytes> decode(std::string_view text, int variant, const char* refusal) {
  domain::bytes out(text.size() / 4 * 3 + 3);
  std::size_t size = 0;
  if (!is_ascii(text) ||
      sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, nullptr, variant) != 0)
    return domain::fail(domain::error_code::invalid, refusal);
  out.resize(size);
  return out;
}

}  // namespace

std::string to_hex(std::span<const std::uint8_t> data) {
  std::string out(data.size() * 2 + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), data.data(), data.size());
  out.pop_back();
  return out;
}

std::string to_base64url(std::span<const std::uint8_t> data) {
  return encode(data, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

domain::result<domain::bytes> from_base64url(std::string_view text) {
  return decode(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING, "must be base64url without padding (RFC 4648, 5)");
}

std::string to_base64(std::span<const std::uint8_t> data) { return encode(data, sodium_base64_VARIANT_ORIGINAL); }

domain::result<domain::bytes> from_base64(std::string_view text) {
  return decode(text, sodium_base64_VARIANT_ORIGINAL, "must be base64 with padding (RFC 4648, 4)");
}

std::string new_token() {
  std::array<std::uint8_t, token_bytes> raw;
  random_bytes(raw);
  auto token = to_base64url(raw);
  sodium_memzero(raw.data(), raw.size());
  return token;
}

}  // namespace elsec::crypto
