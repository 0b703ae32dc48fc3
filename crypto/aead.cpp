#include "crypto/aead.hpp"

#include "crypto/random.hpp"
#include "crypto/seal.hpp"

#include <sodium.h>

#include <cassert>

namespace elsec::crypto {

static_assert(nonce_size == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(tag_size == crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(secret::size == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

void seal_into(std::span<std::uint8_t> out, const secret& key, std::span<const std::uint8_t> plain,
               std::span<const std::uint8_t> associated) noexcept {
  assert(out.size() == plain.size() + seal_overhead);
  const auto nonce = out.first(nonce_size);
  random_bytes(nonce);
  crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + nonce_size, nullptr, plain.data(), plain.size(),
                                             associated.data(), associated.size(), nullptr, nonce.data(),
                                             key.view().data());
}

bool open_into(std::span<std::uint8_t> out, const secret& key, std::span<const std::uint8_t> sealed,
               std::span<const std::uint8_t> associated) noexcept {
  assert(sealed.size() == out.size() + seal_overhead);
  const auto body = sealed.subspan(nonce_size);
  return crypto_aead_xchacha20poly1305_ietf_decrypt(out.data(), nullptr, nullptr, body.data(), body.size(),
                                                    associated.data(), associated.size(), sealed.data(),
                                                    key.view().data()) == 0;
}

}  // namespace elsec::crypto
