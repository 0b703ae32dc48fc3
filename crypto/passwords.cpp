#include "crypto/passwords.hpp"

#include "crypto/random.hpp"

#include <sodium.h>

#include <array>
#include <new>
#include <optional>
#include <span>

namespace elsec::crypto {

namespace {

static_assert(crypto_pwhash_OPSLIMIT_INTERACTIVE == 2 && crypto_pwhash_MEMLIMIT_INTERACTIVE == 64 * 1024 * 1024);

constexpr std::string_view parameters = "$argon2id$v=19$m=65536,t=2,p=1$";
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t result_bytes = 32;
constexpr int variant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
// Of 16 and of 32 bytes in base64 without padding.
constexpr std::size_t salt_length = 22;
constexpr std::size_t result_length = 43;
constexpr std::size_t encoded_length = parameters.size() + salt_length + 1 + result_length;
static_assert(encoded_length < crypto_pwhash_STRBYTES);

template <std::size_t Size>
std::string random_text() {
  std::array<std::uint8_t, Size> raw;
  random_bytes(raw);
  std::string text(sodium_base64_ENCODED_LEN(Size, variant), '\0');
  sodium_bin2base64(text.data(), text.size(), raw.data(), raw.size(), variant);
  text.pop_back();
  return text;
}

// Nothing for a text that is not the one text of so many bytes.
template <std::size_t Size>
std::optional<std::array<std::uint8_t, Size>> decode(std::string_view text) {
  std::array<std::uint8_t, Size> raw{};
  std::size_t decoded = 0;
  if (sodium_base642bin(raw.data(), raw.size(), text.data(), text.size(), nullptr, &decoded, nullptr, variant) != 0 ||
      decoded != Size)
    return std::nullopt;
  return raw;
}

}  // namespace

std::string hash_password(std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> encoded{};
  if (crypto_pwhash_str(encoded.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
    throw std::bad_alloc();
  return encoded.data();
}

// Not crypto_pwhash_str_verify, which calls a password wrong when there is no memory.
bool verify_password(const std::string& encoded_hash, std::string_view password) {
  if (encoded_hash.size() != encoded_length || !encoded_hash.starts_with(parameters)) return false;
  const auto text = std::string_view(encoded_hash).substr(parameters.size());
  const auto salt = decode<salt_bytes>(text.substr(0, salt_length));
  const auto expected = decode<result_bytes>(text.substr(salt_length + 1));
  if (!salt || !expected || text[salt_length] != '$') return false;
  std::array<std::uint8_t, result_bytes> result{};
  if (crypto_pwhash(result.data(), result.size(), password.data(), password.size(), salt->data(),
                    crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
                    crypto_pwhash_ALG_ARGON2ID13) != 0)
    throw std::bad_alloc();
  return sodium_memcmp(result.data(), expected->data(), result.size()) == 0;
}

const std::string& decoy_hash() {
  static const std::string decoy =
      std::string(parameters) + random_text<salt_bytes>() + '$' + random_text<result_bytes>();
  return decoy;
}

}  // namespace elsec::crypto
