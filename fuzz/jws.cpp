// Signed texts: receipts and cards. A signature covers every byte, and a text is taken in one form only.
#include "codec/json.hpp"
#include "crypto/random.hpp"
#include "crypto/seal.hpp"
#include "crypto/sign.hpp"
#include "domain/organisation.hpp"
#include "domain/receipt.hpp"
#include "fuzz/targets.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace elsec::fuzz {
namespace {

using domain::error_code;

crypto::secret known_secret(std::uint8_t byte) {
  static const bool started = crypto::start().has_value();
  must(started, "the room of keys starts");
  std::array<std::uint8_t, crypto::secret::size> bytes{};
  bytes.fill(byte);
  return *crypto::secret::from(bytes);
}

const crypto::signing_key& key() {
  // Known to the corpus: it holds texts signed with it.
  static const auto made = crypto::signing_key::from_seed(known_secret(0x5A));
  return made;
}

bool is_key_id(std::string_view id) {
  return id.size() == 16 && std::ranges::all_of(id, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

// What a receipt or a card says, once it is known to be signed.
void is_read(const std::string& payload) {
  if (const auto receipt = codec::from_json<domain::receipt_statement>(payload))
    must(codec::from_json<domain::receipt_statement>(codec::to_json(*receipt)).has_value(), "a receipt is a receipt");
  if (const auto card = codec::from_json<domain::card_statement>(payload))
    must(codec::from_json<domain::card_statement>(codec::to_json(*card)).has_value(), "a card is a card");
}

void foreign_text(std::string_view jws) {
  const auto id = crypto::jws_key_id(jws);
  if (id) must(is_key_id(*id), "a key id is 16 characters of base64url");
  if (!id) must(id.error().code == error_code::invalid, "what names no key is `invalid`");
  const auto payload = crypto::verify_jws(jws, key().verify_key());
  if (!payload) {
    must(payload.error().code == error_code::invalid || payload.error().code == error_code::integrity,
         "a text is no JWS, or not by this key");
    if (id) must(std::ranges::count(jws, '.') == 2, "a JWS has three parts");
    return;
  }
  is_read(*payload);
  // Ed25519 of one key over one text is one signature; a header of ours names the key that signed.
  if (id && *id == key().id()) must(jws == key().sign_jws(*payload), "what verifies is what was signed");
}

void own_text(std::string_view payload, std::size_t place, std::uint8_t change) {
  auto jws = key().sign_jws(payload);
  const auto verified = crypto::verify_jws(jws, key().verify_key());
  must(verified && *verified == payload, "what was signed verifies");
  const auto id = crypto::jws_key_id(jws);
  must(id && *id == key().id(), "what was signed names its key");
  if (change == 0) return;
  auto& byte = jws[place % jws.size()];
  byte = static_cast<char>(byte ^ static_cast<char>(change));
  must(!crypto::verify_jws(jws, key().verify_key()), "no changed byte verifies");
}

// A box for the print room, or for a peer's one-time key.
void sealed_box(bytes_view plain, std::size_t place, std::uint8_t change) {
  static const auto receiver = known_secret(0x3C);
  must(!crypto::open_sealed(receiver, plain), "nobody seals by chance");
  auto sealed = crypto::seal_to(crypto::seal_key_of(receiver), plain);
  must(sealed.has_value(), "anything can be sealed");
  const auto opened = crypto::open_sealed(receiver, *sealed);
  must(opened && std::ranges::equal(*opened, plain), "what was sealed opens");
  if (change == 0) return;
  (*sealed)[place % sealed->size()] ^= change;
  must(!crypto::open_sealed(receiver, *sealed), "no changed box opens");
}

}  // namespace

void jws(bytes_view input) {
  foreign_text(text_of(input));
  reader in(input);
  const std::size_t place = in.byte() * 256U + in.byte();
  const auto change = in.byte();
  own_text(in.rest_text(), place, change);
  if (place % 8 == 0) sealed_box(in.rest(), place, change);
}

}  // namespace elsec::fuzz
