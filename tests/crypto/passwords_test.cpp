#include "crypto/passwords.hpp"

#include "tests/crypto/support.hpp"

#include <boost/test/unit_test.hpp>
#include <sodium.h>

using namespace elsec;

namespace {

bool has_todays_parameters(const std::string& encoded) {
  return crypto_pwhash_str_needs_rehash(encoded.c_str(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                        crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_password_fits_its_own_hash_only) {
  const auto hash = crypto::hash_password("correct horse battery");
  BOOST_TEST(crypto::verify_password(hash, "correct horse battery"));
  BOOST_TEST(!crypto::verify_password(hash, "correct horse batterz"));
  BOOST_TEST(!crypto::verify_password(hash, "correct horse batter"));
  BOOST_TEST(!crypto::verify_password(hash, ""));
}

BOOST_AUTO_TEST_CASE(passwords_count_to_the_last_byte_zeros_included) {
  const std::string with_zero("correct\0horse", 13);
  const auto hash = crypto::hash_password(with_zero);
  BOOST_TEST(crypto::verify_password(hash, with_zero));
  BOOST_TEST(!crypto::verify_password(hash, "correct"));
}

BOOST_AUTO_TEST_CASE(equal_passwords_have_different_hashes) {
  BOOST_TEST(crypto::hash_password("same password") != crypto::hash_password("same password"));
}

BOOST_AUTO_TEST_CASE(hashes_are_argon2id_with_64_mib_and_two_passes) {
  const auto hash = crypto::hash_password("x");
  BOOST_TEST(hash.starts_with("$argon2id$v=19$m=65536,t=2,p=1$"));
  BOOST_TEST(has_todays_parameters(hash));
}

// Equal parameters and lengths of salt and result are what makes the answer take as long for an unknown account.
BOOST_AUTO_TEST_CASE(the_decoy_costs_what_a_real_hash_costs) {
  const auto real = crypto::hash_password("x");
  const auto& decoy = crypto::decoy_hash();
  BOOST_TEST(has_todays_parameters(decoy));
  BOOST_TEST(decoy.size() == real.size());
  for (std::size_t i = 0; i < real.size(); ++i) BOOST_TEST((decoy[i] == '$') == (real[i] == '$'));
}

BOOST_AUTO_TEST_CASE(no_password_fits_the_decoy_and_it_stays_the_same) {
  BOOST_TEST(!crypto::verify_password(crypto::decoy_hash(), ""));
  BOOST_TEST(!crypto::verify_password(crypto::decoy_hash(), "password"));
  BOOST_TEST(crypto::decoy_hash() == crypto::decoy_hash());
}

BOOST_AUTO_TEST_CASE(texts_that_are_no_hash_of_ours_fit_nothing) {
  const auto hash = crypto::hash_password("x");
  auto more_memory = hash;
  more_memory.replace(more_memory.find("m=65536"), 7, "m=65537");
  auto longer = hash;
  longer.insert(longer.find("m=65536"), "0000000000");
  for (const auto& text : {std::string(), std::string("$"), hash + "A", hash.substr(0, hash.size() - 1), more_memory,
                           longer, hash + std::string(1, '\0'), std::string(1'000'000, '$'),
                           hash + std::string(10'000, 'A'), std::string(crypto_pwhash_STRBYTES, 'A')})
    BOOST_TEST(!crypto::verify_password(text, "x"));
}

BOOST_AUTO_TEST_CASE(a_damaged_hash_of_the_right_length_fits_nothing) {
  const auto hash = crypto::hash_password("x");
  for (const std::size_t at : {hash.find("m=65536") + 40, hash.size() - 20, hash.size() - 43}) {
    for (const char c : {'\0', '$', '=', '!'}) {
      auto damaged = hash;
      damaged[at] = c;
      BOOST_TEST(!crypto::verify_password(damaged, "x"));
    }
  }
}
