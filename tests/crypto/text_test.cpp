// Hexadecimal, base64 and tokens: exactly one text for every value.
#include "crypto/seal.hpp"
#include "tests/crypto/support.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <set>

using namespace elsec;
using namespace elsec::crypto_test;
using domain::error_code;

namespace {

// The decoder takes exactly what the encoder gives.
void check_strict(std::string_view text) {
  if (const auto url = crypto::from_base64url(text); url && crypto::to_base64url(*url) != text)
    BOOST_ERROR("base64url took " << text);
  if (const auto standard = crypto::from_base64(text); standard && crypto::to_base64(*standard) != text)
    BOOST_ERROR("base64 took " << text);
}

}  // namespace

BOOST_AUTO_TEST_CASE(hex_is_lower_case) {
  BOOST_TEST(crypto::to_hex(bytes_of("")) == "");
  BOOST_TEST(crypto::to_hex(domain::bytes{0x00, 0x9F, 0xFF}) == "009fff");
}

// RFC 4648, 10.
BOOST_AUTO_TEST_CASE(base64_gives_the_known_texts) {
  const std::array<std::array<std::string_view, 3>, 7> known{{
      {"", "", ""},
      {"f", "Zg==", "Zg"},
      {"fo", "Zm8=", "Zm8"},
      {"foo", "Zm9v", "Zm9v"},
      {"foob", "Zm9vYg==", "Zm9vYg"},
      {"fooba", "Zm9vYmE=", "Zm9vYmE"},
      {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
  }};
  for (const auto& [plain, standard, url] : known) {
    BOOST_TEST(crypto::to_base64(bytes_of(plain)) == standard);
    BOOST_TEST(crypto::to_base64url(bytes_of(plain)) == url);
    BOOST_TEST(text_of(crypto::from_base64(standard).value()) == plain);
    BOOST_TEST(text_of(crypto::from_base64url(url).value()) == plain);
  }
  BOOST_TEST(crypto::to_base64url(domain::bytes{0xFB, 0xEF, 0xFF}) == "--__");
  BOOST_TEST(crypto::to_base64(domain::bytes{0xFB, 0xEF, 0xFF}) == "++//");
}

BOOST_AUTO_TEST_CASE(every_length_comes_back) {
  domain::bytes data;
  for (int size = 0; size < 300; ++size) {
    BOOST_TEST((crypto::from_base64url(crypto::to_base64url(data)).value() == data));
    BOOST_TEST((crypto::from_base64(crypto::to_base64(data)).value() == data));
    data.push_back(static_cast<std::uint8_t>(size * 37));
  }
}

BOOST_AUTO_TEST_CASE(base64url_refuses_padding_foreign_characters_and_stray_bits) {
  for (const std::string_view text : {"Zg==", "Zg=", "Zm8=", "=", "Z", "Zm9vY", "Zh", "Zm9", "+/+/", "Zm 9v", "Zm9v\n",
                                      " Zm9v", "Zm9v.", "Zm\xC3\xBC", "Zm9v====", "Zg==Zg"})
    BOOST_TEST(failed_with(crypto::from_base64url(text), error_code::invalid), text);
  BOOST_TEST(failed_with(crypto::from_base64url(std::string_view("Zm9v\0", 5)), error_code::invalid));
  BOOST_TEST(failed_with(crypto::from_base64url(std::string_view("Z\0\0v", 4)), error_code::invalid));
}

BOOST_AUTO_TEST_CASE(base64_refuses_missing_padding_foreign_characters_and_stray_bits) {
  for (const std::string_view text :
       {"Zg", "Zg=", "Zm8", "Zh==", "Zm9=", "====", "=", "--__", "Zm9v\n", "Zg==Zg==", "Zg===", "Zm9v="})
    BOOST_TEST(failed_with(crypto::from_base64(text), error_code::invalid), text);
}

BOOST_AUTO_TEST_CASE(no_two_texts_of_two_characters_mean_the_same) {
  std::size_t taken = 0;
  for (int first = 0; first < 256; ++first)
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      check_strict(text);
      if (crypto::from_base64url(text)) ++taken;
    }
  BOOST_TEST(taken == 256U);  // one byte each
}

// libsodium 1.0.18 alone takes some bytes beyond ASCII for letters.
BOOST_AUTO_TEST_CASE(bytes_beyond_ascii_are_refused_wherever_they_stand) {
  for (int byte = 0x80; byte < 0x100; ++byte)
    for (std::size_t at = 0; at < 4; ++at) {
      std::string text("Zm9v");
      text[at] = static_cast<char>(byte);
      BOOST_TEST(failed_with(crypto::from_base64url(text), error_code::invalid));
      BOOST_TEST(failed_with(crypto::from_base64(text), error_code::invalid));
    }
}

BOOST_AUTO_TEST_CASE(random_texts_are_taken_only_in_their_one_form) {
  std::mt19937 random(4648);
  constexpr std::string_view characters = "ABCDwxyz0189-_+/==. ";
  for (int round = 0; round < 100'000; ++round) {
    std::string text(random() % 9, ' ');
    for (auto& c : text) c = characters[random() % characters.size()];
    check_strict(text);
  }
}

BOOST_AUTO_TEST_CASE(tokens_are_43_characters_of_256_random_bits) {
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) seen.insert(crypto::new_token());
  BOOST_TEST(seen.size() == 1'000U);
  for (const auto& token : seen) BOOST_TEST(crypto::from_base64url(token).value().size() == 32U);
}
