#include "crypto/sign.hpp"

#include "crypto/bytes.hpp"
#include "crypto/seal.hpp"

#include <sodium.h>

#include <algorithm>
#include <optional>

namespace elsec::crypto {

namespace {

static_assert(crypto_sign_SEEDBYTES == secret::size && crypto_box_SECRETKEYBYTES == secret::size);
static_assert(crypto_sign_PUBLICKEYBYTES == sizeof(public_key) && crypto_box_PUBLICKEYBYTES == sizeof(public_key));

using signature = std::array<std::uint8_t, crypto_sign_BYTES>;
// libsodium's form of a private key: seed || public key.
using expanded_key = std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES>;

constexpr std::size_t key_id_length = 16;
constexpr std::string_view header_without_id = R"({"alg":"EdDSA"})";
constexpr std::string_view header_before_id = R"({"alg":"EdDSA","kid":")";
constexpr std::string_view header_after_id = R"("})";

std::string_view text_of(std::span<const std::uint8_t> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::unexpected<domain::error> no_jws() {
  return domain::fail(domain::error_code::invalid, "must be a compact JWS with alg EdDSA (RFC 8037)");
}

struct jws_parts {
  std::string_view header, payload, signature;  // each in base64url
};

std::optional<jws_parts> split(std::string_view jws) noexcept {
  const auto first = jws.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = jws.find('.', first + 1);
  if (second == std::string_view::npos || jws.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return jws_parts{jws.substr(0, first), jws.substr(first + 1, second - first - 1), jws.substr(second + 1)};
}

bool is_key_id(std::string_view text) noexcept {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return text.size() == key_id_length && std::ranges::all_of(text, allowed);
}

// The key id in a header we take; empty in the one without it.
domain::result<std::string> key_id_in(std::string_view encoded_header) {
  const auto decoded = from_base64url(encoded_header);
  if (!decoded) return no_jws();
  auto text = text_of(*decoded);
  if (text == header_without_id) return std::string();
  if (!text.starts_with(header_before_id) || !text.ends_with(header_after_id) ||
      text.size() != header_before_id.size() + key_id_length + header_after_id.size())
    return no_jws();
  const auto id = text.substr(header_before_id.size(), key_id_length);
  if (!is_key_id(id)) return no_jws();
  return std::string(id);
}

}  // namespace

signing_key signing_key::from_seed(const secret& seed) {
  signing_key made;
  made.seed_ = seed;
  expanded_key expanded;
  crypto_sign_seed_keypair(made.public_.data(), expanded.data(), seed.view().data());
  sodium_memzero(expanded.data(), expanded.size());
  made.id_ = key_id_of(made.public_);
  return made;
}

std::string signing_key::sign_jws(std::string_view payload) const {
  const auto header = std::string(header_before_id) + id_ + std::string(header_after_id);
  auto jws = to_base64url(bytes_of(header)) + '.' + to_base64url(bytes_of(payload));
  expanded_key expanded;
  const auto seed = seed_.view();
  std::ranges::copy(public_, std::ranges::copy(seed, expanded.begin()).out);
  signature by;
  crypto_sign_detached(by.data(), nullptr, bytes_of(jws).data(), jws.size(), expanded.data());
  sodium_memzero(expanded.data(), expanded.size());
  return jws + '.' + to_base64url(by);
}

std::string key_id_of(const public_key& key) { return to_base64url(sha256(key)).substr(0, key_id_length); }

domain::result<std::string> jws_key_id(std::string_view jws) {
  const auto parts = split(jws);
  if (!parts) return no_jws();
  auto id = key_id_in(parts->header);
  if (id && id->empty()) return no_jws();
  return id;
}

domain::result<std::string> verify_jws(std::string_view jws, const public_key& key) {
  const auto parts = split(jws);
  if (!parts || !key_id_in(parts->header)) return no_jws();
  const auto payload = from_base64url(parts->payload);
  const auto by = from_base64url(parts->signature);
  if (!payload || !by || by->size() != crypto_sign_BYTES) return no_jws();
  const auto signed_text = bytes_of(jws.substr(0, parts->header.size() + 1 + parts->payload.size()));
  if (crypto_sign_verify_detached(by->data(), signed_text.data(), signed_text.size(), key.data()) != 0)
    return domain::fail(domain::error_code::integrity,
                        "the signature is not by this key, or what it signs was changed");
  return std::string(text_of(*payload));
}

namespace {

domain::result<domain::bytes> open_box(const secret& own, const public_key& own_public,
                                       std::span<const std::uint8_t> sealed) {
  const auto foreign = [] {
    return domain::fail(domain::error_code::integrity, "sealed to another key, or changed on its way");
  };
  if (own.empty() || sealed.size() < crypto_box_SEALBYTES) return foreign();
  domain::bytes plain(sealed.size() - crypto_box_SEALBYTES);
  if (crypto_box_seal_open(plain.data(), sealed.data(), sealed.size(), own_public.data(), own.view().data()) != 0)
    return foreign();
  return plain;
}

}  // namespace

ephemeral_key ephemeral_key::make() {
  ephemeral_key made;
  made.secret_ = secret::filled_by(
      [&](std::span<std::uint8_t, secret::size> out) noexcept { crypto_box_keypair(made.public_.data(), out.data()); });
  return made;
}

domain::result<domain::bytes> ephemeral_key::open(std::span<const std::uint8_t> sealed) const {
  return open_box(secret_, public_, sealed);
}

public_key seal_key_of(const secret& private_key) {
  public_key made{};
  crypto_scalarmult_base(made.data(), private_key.view().data());
  return made;
}

domain::result<domain::bytes> open_sealed(const secret& private_key, std::span<const std::uint8_t> sealed) {
  return open_box(private_key, seal_key_of(private_key), sealed);
}

domain::result<domain::bytes> seal_to(const public_key& receiver, std::span<const std::uint8_t> plain) {
  domain::bytes out(plain.size() + crypto_box_SEALBYTES);
  if (crypto_box_seal(out.data(), plain.data(), plain.size(), receiver.data()) != 0)
    return domain::fail(domain::error_code::invalid, "the receiver's key is no usable X25519 key");
  return out;
}

}  // namespace elsec::crypto
