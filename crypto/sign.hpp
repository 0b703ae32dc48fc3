#pragma once
// Ed25519 signatures as compact JWS (RFC 7515, RFC 8037), and sealing to a public key for one receiver.

#include "crypto/secret.hpp"
#include "domain/fields.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace elsec::crypto {

using public_key = std::array<std::uint8_t, 32>;

// An Ed25519 key pair made from a 32-byte seed.
class signing_key {
 public:
  [[nodiscard]] static signing_key from_seed(const secret& seed);

  [[nodiscard]] const public_key& verify_key() const noexcept { return public_; }
  // Key id: the first 16 characters of base64url(SHA-256(public key)); stands in the JWS header as "kid".
  [[nodiscard]] const std::string& id() const noexcept { return id_; }

  // BASE64URL({"alg":"EdDSA","kid":"…"}) . BASE64URL(payload) . BASE64URL(signature)
  [[nodiscard]] std::string sign_jws(std::string_view payload) const;

 private:
  secret seed_;
  public_key public_{};
  std::string id_;
};

[[nodiscard]] std::string key_id_of(const public_key& key);

// A JWS is taken with exactly one of two headers, byte by byte: {"alg":"EdDSA","kid":"<16 characters>"} or (RFC 8037,
// A.4) {"alg":"EdDSA"}. Anything else, "crit" or another order included, is `invalid`: what is signed has one reading.

// "kid" of a compact JWS without verifying it; `invalid` if it is not one with alg EdDSA or has none.
[[nodiscard]] domain::result<std::string> jws_key_id(std::string_view jws);
// The payload, if the signature is by `key`; `integrity` otherwise, `invalid` when it is no EdDSA JWS.
[[nodiscard]] domain::result<std::string> verify_jws(std::string_view jws, const public_key& key);

// A one-time X25519 key pair: the receiver of a content key makes one per transfer and keeps it in memory only.
class ephemeral_key {
 public:
  [[nodiscard]] static ephemeral_key make();
  [[nodiscard]] const public_key& seal_key() const noexcept { return public_; }
  // `integrity` when it was sealed to another key or changed on its way. The result is the caller's to wipe.
  [[nodiscard]] domain::result<domain::bytes> open(std::span<const std::uint8_t> sealed) const;

 private:
  secret secret_;
  public_key public_{};
};

// A receiver with a lasting key, like the print room: its X25519 public key, and what was sealed to it.
[[nodiscard]] public_key seal_key_of(const secret& private_key);
// `integrity` when it was sealed to another key, or changed.
[[nodiscard]] domain::result<domain::bytes> open_sealed(const secret& private_key,
                                                        std::span<const std::uint8_t> sealed);

// libsodium's sealed box: only the holder of the private key reads it, the sender stays anonymous. `invalid` when the
// receiver's key is one of the few points that would make the secret everybody's (the receiver is to blame for it).
[[nodiscard]] domain::result<domain::bytes> seal_to(const public_key& receiver, std::span<const std::uint8_t> plain);

}  // namespace elsec::crypto
