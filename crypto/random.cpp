#include "crypto/random.hpp"

#include "crypto/hash.hpp"
#include "crypto/secret.hpp"

#include <sodium.h>

namespace elsec::crypto {

domain::result<void> start() {
  if (sodium_init() < 0) return domain::fail(domain::error_code::internal, "libsodium cannot start");
  if (!sha256_works())
    return domain::fail(domain::error_code::internal, "OpenSSL has no SHA-256: check its configuration");
  try {
    // The first slab: whether memory can be locked is learnt at the start, not with the first document.
    static_cast<void>(secret::random());
  } catch (const std::bad_alloc& none) {
    return domain::fail(domain::error_code::io, none.what());
  }
  return {};
}

void random_bytes(std::span<std::uint8_t> out) noexcept { randombytes_buf(out.data(), out.size()); }

domain::ulid_entropy random_entropy() noexcept {
  domain::ulid_entropy entropy;
  random_bytes(entropy);
  return entropy;
}

}  // namespace elsec::crypto
