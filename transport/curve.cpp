#include "transport/transport.hpp"

#include <sodium.h>

namespace elsec::transport {

// crypto_box's key pair from a seed: the secret key is the first half of SHA-512(seed), the public key its Curve25519
// point. libzmq built with libsodium uses crypto_box itself, so the pair fits as it is.
curve_pair curve_pair_from_seed(const crypto::secret& seed) {
  static_assert(crypto_box_SEEDBYTES == crypto::secret::size && crypto_box_SECRETKEYBYTES == crypto::secret::size);
  curve_pair pair;
  std::array<std::uint8_t, crypto_box_SECRETKEYBYTES> secret_key{};
  crypto_box_seed_keypair(pair.public_key.data(), secret_key.data(), seed.view().data());
  pair.secret_key = crypto::secret::from(secret_key).value();
  sodium_memzero(secret_key.data(), secret_key.size());
  return pair;
}

}  // namespace elsec::transport
