#pragma once
// Authenticated encryption and keyed hashes. XChaCha20-Poly1305 with a random 24-byte nonce in front of the ciphertext.

#include "crypto/secret.hpp"
#include "domain/fields.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace elsec::crypto {

inline constexpr std::size_t nonce_size = 24;
inline constexpr std::size_t tag_size = 16;
inline constexpr std::size_t seal_overhead = nonce_size + tag_size;

// nonce || ciphertext || tag. `context` is authenticated, not stored: table name and row key, so that a value moved to
// another row is as invalid as a flipped bit.
[[nodiscard]] domain::bytes seal(const secret& key, std::span<const std::uint8_t> plain, std::string_view context);
// `integrity` when the bytes, the key or the context differ in a single bit.
[[nodiscard]] domain::result<domain::bytes> open(const secret& key, std::span<const std::uint8_t> sealed,
                                                 std::string_view context);

// A key for one purpose derived from another (BLAKE2b keyed by `key` over the label). Deterministic.
[[nodiscard]] secret derive(const secret& key, std::string_view label);
// A key that needs both secrets: neither alone gives it.
[[nodiscard]] secret combine(const secret& first, const secret& second, std::string_view label);

// A key wrapped by another: seal() of its 32 bytes.
[[nodiscard]] domain::bytes wrap(const secret& wrapping, const secret& key, std::string_view context);
[[nodiscard]] domain::result<secret> unwrap(const secret& wrapping, std::span<const std::uint8_t> wrapped,
                                            std::string_view context);

using digest = std::array<std::uint8_t, 32>;

// SHA-256 is OpenSSL's, which uses the processor's SHA instructions; libsodium's does not, and every upload is hashed.
[[nodiscard]] digest sha256(std::span<const std::uint8_t> data) noexcept;
[[nodiscard]] digest sha256(std::string_view data) noexcept;
// BLAKE2b-256 with a key: index keys of personal data.
[[nodiscard]] digest keyed_hash(const secret& key, std::string_view data) noexcept;

// SHA-256 of what comes in pieces. Movable; a moved-from or finished one only takes an assignment.
class sha256_stream {
 public:
  sha256_stream() noexcept;
  void add(std::span<const std::uint8_t> data) noexcept;
  [[nodiscard]] digest finish() noexcept;  // once

 private:
  struct context_deleter {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, context_deleter> context_;
};

[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> data);
// Without padding (RFC 4648, 5).
[[nodiscard]] std::string to_base64url(std::span<const std::uint8_t> data);
// `invalid` for anything but unpadded base64url with zero trailing bits: every value has exactly one text.
[[nodiscard]] domain::result<domain::bytes> from_base64url(std::string_view text);
// Standard alphabet with padding (RFC 4648, 4); as strict.
[[nodiscard]] std::string to_base64(std::span<const std::uint8_t> data);
[[nodiscard]] domain::result<domain::bytes> from_base64(std::string_view text);

// A bearer token: 256 random bits as base64url. Only its SHA-256 is ever stored.
[[nodiscard]] std::string new_token();

}  // namespace elsec::crypto
