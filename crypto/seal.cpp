#include "crypto/seal.hpp"

#include "crypto/aead.hpp"
#include "crypto/bytes.hpp"

#include <sodium.h>

#include <exception>

namespace elsec::crypto {

namespace {

using purpose = std::array<std::uint8_t, crypto_generichash_blake2b_PERSONALBYTES>;

// BLAKE2b's personalisation keeps the two functions (and keyed_hash, which has none) apart under one key.
constexpr purpose derive_purpose{'e', 'l', 'S', 'e', 'c', ' ', 'd', 'e', 'r', 'i', 'v', 'e'};
constexpr purpose combine_purpose{'e', 'l', 'S', 'e', 'c', ' ', 'c', 'o', 'm', 'b', 'i', 'n', 'e'};

// BLAKE2b keyed by `key` over first || second, straight into locked memory.
secret hash_to_secret(const secret& key, const purpose& what_for, std::span<const std::uint8_t> first,
                      std::span<const std::uint8_t> second) {
  return secret::filled_by([&](std::span<std::uint8_t, secret::size> out) {
    crypto_generichash_blake2b_state state;
    const auto by = key.view();
    const bool worked = crypto_generichash_blake2b_init_salt_personal(&state, by.data(), by.size(), out.size(), nullptr,
                                                                      what_for.data()) == 0 &&
                        crypto_generichash_blake2b_update(&state, first.data(), first.size()) == 0 &&
                        crypto_generichash_blake2b_update(&state, second.data(), second.size()) == 0 &&
                        crypto_generichash_blake2b_final(&state, out.data(), out.size()) == 0;
    sodium_memzero(&state, sizeof state);
    // Only wrong sizes fail, and they are constants: a guessable key must not come of a defect.
    if (!worked) std::terminate();
  });
}

domain::error damaged() {
  return {domain::error_code::integrity, "a sealed value is damaged, or its key or place is another", {}};
}

}  // namespace

domain::bytes seal(const secret& key, std::span<const std::uint8_t> plain, std::string_view context) {
  domain::bytes out(plain.size() + seal_overhead);
  seal_into(out, key, plain, bytes_of(context));
  return out;
}

domain::result<domain::bytes> open(const secret& key, std::span<const std::uint8_t> sealed, std::string_view context) {
  if (sealed.size() < seal_overhead) return std::unexpected(damaged());
  domain::bytes out(sealed.size() - seal_overhead);
  if (!open_into(out, key, sealed, bytes_of(context))) return std::unexpected(damaged());
  return out;
}

secret derive(const secret& key, std::string_view label) {
  return hash_to_secret(key, derive_purpose, {}, bytes_of(label));
}

secret combine(const secret& first, const secret& second, std::string_view label) {
  return hash_to_secret(first, combine_purpose, second.view(), bytes_of(label));
}

domain::bytes wrap(const secret& wrapping, const secret& key, std::string_view context) {
  return seal(wrapping, key.view(), context);
}

domain::result<secret> unwrap(const secret& wrapping, std::span<const std::uint8_t> wrapped, std::string_view context) {
  if (wrapped.size() != secret::size + seal_overhead) return std::unexpected(damaged());
  bool opened = false;
  auto key = secret::filled_by([&](std::span<std::uint8_t, secret::size> out) noexcept {
    opened = open_into(out, wrapping, wrapped, bytes_of(context));
  });
  if (!opened) return std::unexpected(damaged());
  return key;
}

}  // namespace elsec::crypto
