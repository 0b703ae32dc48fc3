// Signatures as compact JWS and sealing to one receiver (G1).
#include "crypto/sign.hpp"

#include "crypto/seal.hpp"
#include "tests/crypto/support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace elsec;
using namespace elsec::crypto_test;
using crypto::secret;
using crypto::signing_key;
using domain::error_code;

namespace {

// RFC 8037, A.1: "d" and "x"; RFC 8032, 7.1, TEST 1 has the same.
constexpr std::string_view rfc_seed = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
constexpr std::string_view rfc_public = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
constexpr std::string_view rfc_payload = "Example of Ed25519 signing";
// RFC 8037, A.4.
constexpr std::string_view rfc_signed_text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
constexpr std::string_view rfc_signature =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

signing_key key_of(std::string_view seed) {
  return signing_key::from_seed(secret_of(crypto::from_base64url(seed).value()));
}

// The example's header and payload with a signature.
std::string rfc_jws(std::string_view signature = rfc_signature) {
  std::string jws(rfc_signed_text);
  jws += '.';
  jws += signature;
  return jws;
}

domain::bytes from_hex(std::string_view hex) {
  domain::bytes out;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return out;
}

}  // namespace

// RFC 8032, 7.1: TEST 1, 2, 3, 1024 and SHA(abc).
BOOST_AUTO_TEST_CASE(seeds_give_the_public_keys_of_rfc_8032) {
  const std::array<std::array<std::string_view, 2>, 5> known{{
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"},
      {"f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
       "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e"},
      {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
       "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf"},
  }};
  for (const auto& [seed, verify_key] : known)
    BOOST_TEST(crypto::to_hex(signing_key::from_seed(secret_of(from_hex(seed))).verify_key()) == verify_key);
}

BOOST_AUTO_TEST_CASE(the_example_of_rfc_8037_verifies) {
  const auto key = key_of(rfc_seed);
  BOOST_TEST(crypto::to_base64url(key.verify_key()) == rfc_public);
  BOOST_TEST(crypto::verify_jws(rfc_jws(), key.verify_key()).value() == rfc_payload);
}

// The expected text was made with Python's cryptography.
BOOST_AUTO_TEST_CASE(a_signature_is_the_same_as_other_programs_make) {
  BOOST_TEST(key_of(rfc_seed).sign_jws(rfc_payload) ==
             "eyJhbGciOiJFZERTQSIsImtpZCI6IklmNHgzNkZVb21GaWFfaFUifQ.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
             "DHADH9VOas-G9KO7o9KQaNXlV75Wsz3UrRGjqBPoy7PVMkMbUnHjTRXdxf7DfTtql8cSuSxtiJcBmH13vm7ADw");
}

BOOST_AUTO_TEST_CASE(the_key_id_is_the_beginning_of_the_hashed_key) {
  const auto key = key_of(rfc_seed);
  BOOST_TEST(key.id() == "If4x36FUomFia_hU");
  BOOST_TEST(key.id() == crypto::to_base64url(crypto::sha256(key.verify_key())).substr(0, 16));
  BOOST_TEST(crypto::key_id_of(key.verify_key()) == key.id());
  BOOST_TEST(crypto::jws_key_id(key.sign_jws("x")).value() == key.id());
}

BOOST_AUTO_TEST_CASE(payloads_of_any_bytes_come_back) {
  const auto key = signing_key::from_seed(secret::random());
  for (const auto& payload :
       {std::string(), std::string(1, '\0'), std::string("{\"a\":1}"), std::string(100'000, '\xFF')})
    BOOST_TEST(crypto::verify_jws(key.sign_jws(payload), key.verify_key()).value() == payload);
}

BOOST_AUTO_TEST_CASE(another_key_does_not_verify) {
  const auto jws = signing_key::from_seed(secret::random()).sign_jws("x");
  const auto other = signing_key::from_seed(secret::random());
  BOOST_TEST(failed_with(crypto::verify_jws(jws, other.verify_key()), error_code::integrity));
}

BOOST_AUTO_TEST_CASE(no_flipped_bit_verifies) {
  const auto key = signing_key::from_seed(secret::random());
  const auto jws = key.sign_jws("{\"kind\":\"delivered\"}");
  for_every_flipped_bit(jws, [&](const std::string& other, std::size_t) {
    const auto verified = crypto::verify_jws(other, key.verify_key());
    BOOST_TEST(!verified.has_value());
    BOOST_TEST((verified.error().code == error_code::integrity || verified.error().code == error_code::invalid));
  });
}

// Each of these is signed correctly by the key of RFC 8037.
BOOST_AUTO_TEST_CASE(other_headers_are_refused_however_well_signed) {
  const auto key = key_of(rfc_seed).verify_key();
  const std::array<std::string_view, 5> headers{
      // {"alg":"none"}
      "eyJhbGciOiJub25lIn0.eA.1dAnkrWjis8DFnhuoCJRfpsX0h_FPq3pFhTtJdZXm7RVnKMv3QqVn7A0BBX-iH3CuWOvMRm9Yc8lu4dwwlZBCw",
      // {"alg":"EdDSA","crit":["b64"],"b64":false}
      "eyJhbGciOiJFZERTQSIsImNyaXQiOlsiYjY0Il0sImI2NCI6ZmFsc2V9.eA."
      "fyuxnAMmR4cDEN4oKHniwUkGS8N4ujBZVFPxJ48ZGEhsUeTJlVDi3euZxMORZ07lKc7ln-F04i4hv7c2keD5Bg",
      // {"alg":"HS256"}
      "eyJhbGciOiJIUzI1NiJ9.eA.57lt8NCbq4T5gEJA0nI_qm_iY8ZZCzLhRHjXDN3v-ZqYh2bakvzpimasdYJKonzsu79FNdXJKsCKoUuO696dCA",
      // {"alg": "EdDSA"}
      "eyJhbGciOiAiRWREU0EifQ.eA.AUjv8h1qEf1f4bG9s8hws0xCjJCuB98JAPhMzyRa5GTjAp4MtnNc5h4CjsdDhcnfvvPWZU1u0LKbRPS2Qc_"
      "PCA",
      // {"alg":"EdDSA","kid":"If4x36FUomFia_hU","kid":"If4x36FUomFia_hU"}
      "eyJhbGciOiJFZERTQSIsImtpZCI6IklmNHgzNkZVb21GaWFfaFUiLCJraWQiOiJJZjR4MzZGVW9tRmlhX2hVIn0.eA."
      "8ZW0asLwRLU2ZHTpogSykvSm6Uu8-oXAlxqFU5w9gWIwrpK0vUM1VPcq7SkQ8eYnPOnUKYktRuOZo6onwoI7AQ"};
  for (const auto jws : headers) {
    BOOST_TEST(failed_with(crypto::verify_jws(jws, key), error_code::invalid), jws);
    BOOST_TEST(failed_with(crypto::jws_key_id(jws), error_code::invalid), jws);
  }
}

BOOST_AUTO_TEST_CASE(a_key_id_with_other_characters_is_refused) {
  for (const auto* id : {"short", "If4x36FUomFia_h\"", "If4x36FUomFia_hUU", "If4x36FUomFia hU", ""}) {
    std::string header(R"({"alg":"EdDSA","kid":")");
    header.append(id).append("\"}");
    BOOST_TEST(failed_with(crypto::jws_key_id(crypto::to_base64url(bytes_of(header)) + ".eA.eA"), error_code::invalid),
               id);
  }
}

BOOST_AUTO_TEST_CASE(texts_that_are_no_jws_are_refused) {
  const auto key = key_of(rfc_seed);
  const auto good = key.sign_jws("x");
  for (const auto& text :
       {std::string(), std::string("."), std::string(".."), std::string("..."), good + ".", "." + good, good + "=",
        good.substr(0, good.rfind('.')), good.substr(0, good.size() - 2), good + "AA", good + "\n"}) {
    BOOST_TEST(failed_with(crypto::verify_jws(text, key.verify_key()), error_code::invalid), text);
  }
}

BOOST_AUTO_TEST_CASE(a_jws_without_key_id_names_no_key) {
  BOOST_TEST(failed_with(crypto::jws_key_id(rfc_jws()), error_code::invalid));
}

// The signature of RFC 8037 with the group's order added to its second half: the same equation, another text.
BOOST_AUTO_TEST_CASE(a_malleated_signature_does_not_verify) {
  const auto jws = rfc_jws("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6KLa6_pyZkOh9Vg8wkiO1VhVsPt9g7sVvpAr_MuM0KEg");
  BOOST_TEST(failed_with(crypto::verify_jws(jws, key_of(rfc_seed).verify_key()), error_code::integrity));
}

BOOST_AUTO_TEST_CASE(a_key_of_small_order_verifies_nothing) {
  crypto::public_key neutral{};
  neutral[0] = 1;
  // R = the neutral element, S = 0: satisfies the bare equation for every message.
  crypto::digest r{};
  r[0] = 1;
  domain::bytes signature(r.begin(), r.end());
  signature.resize(64);
  const auto jws = rfc_jws(crypto::to_base64url(signature));
  BOOST_TEST(failed_with(crypto::verify_jws(jws, neutral), error_code::integrity));
}

BOOST_AUTO_TEST_CASE(what_is_sealed_to_an_ephemeral_key_opens_there_only) {
  const auto receiver = crypto::ephemeral_key::make();
  const auto sealed = crypto::seal_to(receiver.seal_key(), counting());
  BOOST_TEST_REQUIRE(sealed.has_value());
  BOOST_TEST(std::ranges::equal(receiver.open(*sealed).value(), counting()));
  BOOST_TEST(failed_with(crypto::ephemeral_key::make().open(*sealed), error_code::integrity));
  BOOST_TEST(failed_with(crypto::ephemeral_key().open(*sealed), error_code::integrity));
}

// X25519 ignores the highest bit of the sender's point (RFC 7748, 5), yet the box's nonce is a hash over it, too.
BOOST_AUTO_TEST_CASE(every_flipped_bit_of_a_sealed_box_is_noticed) {
  const auto receiver = crypto::ephemeral_key::make();
  const auto sealed = crypto::seal_to(receiver.seal_key(), bytes_of("key")).value();
  for_every_flipped_bit(sealed, [&](const auto& other, std::size_t bit) {
    BOOST_TEST_CONTEXT("bit " << bit) { BOOST_TEST(failed_with(receiver.open(other), error_code::integrity)); }
  });
  for (std::size_t size = 0; size < sealed.size(); ++size)
    BOOST_TEST(failed_with(receiver.open(std::span(sealed).first(size)), error_code::integrity));
}

BOOST_AUTO_TEST_CASE(a_receivers_key_that_would_leak_the_secret_is_refused) {
  BOOST_TEST(failed_with(crypto::seal_to(crypto::public_key{}, bytes_of("key")), error_code::invalid));
  crypto::public_key one{};
  one[0] = 1;
  BOOST_TEST(failed_with(crypto::seal_to(one, bytes_of("key")), error_code::invalid));
}
