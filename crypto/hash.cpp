// SHA-256 and keyed hashes of seal.hpp.
#include "crypto/hash.hpp"

#include "crypto/bytes.hpp"
#include "crypto/seal.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <cassert>
#include <exception>

namespace elsec::crypto {

namespace {

// Looked up once: OpenSSL 3 searches its providers at every use of EVP_sha256(). Never freed, so that a thread may hash
// while the process ends.
const EVP_MD* sha256_algorithm() noexcept {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

// Hashing fails only without memory or without an algorithm (which start() has excluded): nothing a caller could do.
void must(bool worked) noexcept {
  if (!worked) std::terminate();
}

}  // namespace

bool sha256_works() noexcept { return sha256_algorithm() != nullptr; }

digest sha256(std::span<const std::uint8_t> data) noexcept {
  digest out;
  must(EVP_Digest(data.data(), data.size(), out.data(), nullptr, sha256_algorithm(), nullptr) == 1);
  return out;
}

digest sha256(std::string_view data) noexcept { return sha256(bytes_of(data)); }

void sha256_stream::context_deleter::operator()(evp_md_ctx_st* context) const noexcept { EVP_MD_CTX_free(context); }

sha256_stream::sha256_stream() noexcept : context_(EVP_MD_CTX_new()) {
  must(context_ != nullptr && EVP_DigestInit_ex2(context_.get(), sha256_algorithm(), nullptr) == 1);
}

void sha256_stream::add(std::span<const std::uint8_t> data) noexcept {
  assert(context_ != nullptr);
  must(EVP_DigestUpdate(context_.get(), data.data(), data.size()) == 1);
}

digest sha256_stream::finish() noexcept {
  assert(context_ != nullptr);
  digest out;
  must(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1);
  context_.reset();
  return out;
}

digest keyed_hash(const secret& key, std::string_view data) noexcept {
  const auto in = bytes_of(data);
  const auto by = key.view();
  digest out;
  must(crypto_generichash_blake2b(out.data(), out.size(), in.data(), in.size(), by.data(), by.size()) == 0);
  return out;
}

}  // namespace elsec::crypto
