// Sealing, key derivation, hashes and their texts (R13).
#include "crypto/seal.hpp"

#include "tests/crypto/support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

using namespace elsec;
using namespace elsec::crypto_test;
using crypto::secret;
using domain::error_code;

BOOST_AUTO_TEST_CASE(what_was_sealed_opens_with_key_and_context) {
  const auto key = secret::random();
  for (const std::size_t size : {0U, 1U, 63U, 64U, 65U, 1'000U, 100'000U}) {
    const domain::bytes plain(size, 0x5A);
    const auto sealed = crypto::seal(key, plain, "documents/doc_1");
    BOOST_TEST(sealed.size() == size + crypto::seal_overhead);
    const auto opened = crypto::open(key, sealed, "documents/doc_1");
    BOOST_TEST_REQUIRE(opened.has_value());
    BOOST_TEST((*opened == plain));
  }
}

BOOST_AUTO_TEST_CASE(sealing_twice_gives_different_bytes) {
  const auto key = secret::random();
  BOOST_TEST((crypto::seal(key, bytes_of("x"), "c") != crypto::seal(key, bytes_of("x"), "c")));
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_is_noticed) {
  const auto key = secret::random();
  const auto sealed = crypto::seal(key, bytes_of("Entlassbrief Station 4"), "documents/doc_1");
  for_every_flipped_bit(sealed, [&](const auto& other, std::size_t) {
    BOOST_TEST(failed_with(crypto::open(key, other, "documents/doc_1"), error_code::integrity));
  });
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_of_the_key_is_noticed) {
  const auto raw = counting();
  const auto sealed = crypto::seal(secret_of(raw), bytes_of("x"), "c");
  for_every_flipped_bit(raw, [&](const auto& other, std::size_t) {
    BOOST_TEST(failed_with(crypto::open(secret_of(other), sealed, "c"), error_code::integrity));
  });
}

BOOST_AUTO_TEST_CASE(a_value_in_another_place_does_not_open) {
  const auto key = secret::random();
  const auto sealed = crypto::seal(key, bytes_of("x"), "documents/doc_1");
  for (const auto* context : {"", "documents/doc_2", "documents/doc_", "documents/doc_11", "Documents/doc_1"})
    BOOST_TEST(failed_with(crypto::open(key, sealed, context), error_code::integrity));
}

BOOST_AUTO_TEST_CASE(a_shortened_or_lengthened_value_does_not_open) {
  const auto key = secret::random();
  auto sealed = crypto::seal(key, bytes_of("twelve bytes"), "c");
  for (std::size_t size = 0; size < sealed.size(); ++size)
    BOOST_TEST(failed_with(crypto::open(key, std::span(sealed).first(size), "c"), error_code::integrity));
  sealed.push_back(0);
  BOOST_TEST(failed_with(crypto::open(key, sealed, "c"), error_code::integrity));
}

BOOST_AUTO_TEST_CASE(a_wrapped_key_unwraps_to_itself) {
  const auto wrapping = secret::random();
  const auto key = secret::random();
  const auto wrapped = crypto::wrap(wrapping, key, "tenant/org_1");
  const auto unwrapped = crypto::unwrap(wrapping, wrapped, "tenant/org_1");
  BOOST_TEST_REQUIRE(unwrapped.has_value());
  BOOST_TEST((*unwrapped == key));
}

BOOST_AUTO_TEST_CASE(a_wrapped_key_opens_neither_changed_nor_elsewhere) {
  const auto wrapping = secret::random();
  const auto wrapped = crypto::wrap(wrapping, secret::random(), "tenant/org_1");
  for_every_flipped_bit(wrapped, [&](const auto& other, std::size_t) {
    BOOST_TEST(failed_with(crypto::unwrap(wrapping, other, "tenant/org_1"), error_code::integrity));
  });
  BOOST_TEST(failed_with(crypto::unwrap(wrapping, wrapped, "tenant/org_2"), error_code::integrity));
  BOOST_TEST(failed_with(crypto::unwrap(secret::random(), wrapped, "tenant/org_1"), error_code::integrity));
}

BOOST_AUTO_TEST_CASE(a_sealed_value_that_is_no_key_does_not_unwrap) {
  const auto wrapping = secret::random();
  for (const std::size_t size : {0U, 31U, 33U}) {
    const auto sealed = crypto::seal(wrapping, domain::bytes(size, 1), "c");
    BOOST_TEST(failed_with(crypto::unwrap(wrapping, sealed, "c"), error_code::integrity));
  }
}

// Stored rows depend on these values: they may never change. Computed with Python's hashlib.
BOOST_AUTO_TEST_CASE(derived_keys_and_keyed_hashes_are_what_they_always_were) {
  const auto first = secret_of(counting());
  const auto second = secret_of(counting(32));
  BOOST_TEST(crypto::to_hex(crypto::keyed_hash(first, "Dr. M\xc3\xbcller")) ==
             "feb38584e5a135f9c616c46a312d2fa9aa3037bcc1621043ab9f9bc1b5069977");
  BOOST_TEST(crypto::to_hex(crypto::derive(first, "records").view()) ==
             "8b0ac34820febab34b32b3da6aec63455a935d66386ce898a74ff17867823412");
  BOOST_TEST(crypto::to_hex(crypto::combine(first, second, "content").view()) ==
             "2a08148bb7a7bc371c73af4eb537bb542709b52cd24aabab4085f7e620f13ac2");
}

BOOST_AUTO_TEST_CASE(purposes_and_functions_give_unrelated_keys_R13) {
  const auto first = secret_of(counting());
  const auto second = secret_of(counting(32));
  auto label = text_of(second.view());
  label += 'a';  // what combine(first, second, "a") hashes
  std::set<std::string> seen;
  for (const auto& key :
       {crypto::derive(first, ""), crypto::derive(first, "a"), crypto::derive(first, "b"), crypto::derive(second, "a"),
        crypto::derive(first, label), crypto::combine(first, second, "a"), crypto::combine(second, first, "a"),
        crypto::combine(first, second, "b"), crypto::combine(first, first, "a")})
    seen.insert(crypto::to_hex(key.view()));
  seen.insert(crypto::to_hex(crypto::keyed_hash(first, "a")));
  seen.insert(crypto::to_hex(crypto::keyed_hash(first, label)));
  BOOST_TEST(seen.size() == 11U);
}

BOOST_AUTO_TEST_CASE(a_combined_key_depends_on_every_bit_of_both_secrets_G4) {
  const auto raw = counting();
  const auto fixed = secret_of(counting(100));
  const auto as_first = crypto::combine(secret_of(raw), fixed, "content");
  const auto as_second = crypto::combine(fixed, secret_of(raw), "content");
  for_every_flipped_bit(raw, [&](const auto& other, std::size_t) {
    BOOST_TEST(!(crypto::combine(secret_of(other), fixed, "content") == as_first));
    BOOST_TEST(!(crypto::combine(fixed, secret_of(other), "content") == as_second));
  });
}

// FIPS 180-4 examples.
BOOST_AUTO_TEST_CASE(sha256_gives_the_known_digests) {
  const std::array<std::pair<std::string, std::string>, 4> known{{
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  }};
  for (const auto& [text, digest] : known) BOOST_TEST(crypto::to_hex(crypto::sha256(text)) == digest);
}

BOOST_AUTO_TEST_CASE(a_digest_does_not_depend_on_the_pieces) {
  const std::string text(10'000, 'q');
  for (const std::size_t piece : {1U, 63U, 64U, 65U, 4'096U, 10'000U}) {
    crypto::sha256_stream stream;
    stream.add({});
    for (std::size_t at = 0; at < text.size(); at += piece)
      stream.add(bytes_of(text).subspan(at, std::min(piece, text.size() - at)));
    BOOST_TEST((stream.finish() == crypto::sha256(text)));
  }
}

BOOST_AUTO_TEST_CASE(a_moved_digest_goes_on_and_an_assigned_one_starts_again) {
  crypto::sha256_stream first;
  first.add(bytes_of("ab"));
  auto second = std::move(first);
  second.add(bytes_of("c"));
  BOOST_TEST((second.finish() == crypto::sha256("abc")));
  second = crypto::sha256_stream{};
  BOOST_TEST((second.finish() == crypto::sha256("")));
}
