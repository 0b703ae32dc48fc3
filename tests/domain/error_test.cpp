#include "domain/error.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <utility>

using namespace elsec::domain;

namespace {

std::vector<error_code> all_codes() {
  std::vector<error_code> codes;
  for (int i = 0; i <= std::to_underlying(error_code::internal); ++i) codes.push_back(static_cast<error_code>(i));
  return codes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(error)

BOOST_AUTO_TEST_CASE(every_code_has_a_name_of_its_own_in_snake_case) {
  std::set<std::string_view> names;
  for (const auto code : all_codes()) {
    const auto name = name_of(code);
    BOOST_TEST(!name.empty());
    BOOST_TEST((name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos), name);
    BOOST_TEST(names.insert(name).second, name);
  }
}

BOOST_AUTO_TEST_CASE(every_code_has_a_sentence_of_its_own) {
  std::set<std::string_view> sentences;
  for (const auto code : all_codes()) {
    const auto sentence = sentence_of(code);
    BOOST_TEST((sentence.ends_with('.') && sentence.front() >= 'A' && sentence.front() <= 'Z'), sentence);
    BOOST_TEST(sentences.insert(sentence).second, sentence);
  }
}

// Clients rely on these names.
BOOST_AUTO_TEST_CASE(names_of_the_published_codes_stay) {
  BOOST_TEST(name_of(error_code::unauthenticated) == "unauthenticated");
  BOOST_TEST(name_of(error_code::bad_credentials) == "bad_credentials");
  BOOST_TEST(name_of(error_code::forbidden) == "forbidden");
  BOOST_TEST(name_of(error_code::verification_required) == "verification_required");
  BOOST_TEST(name_of(error_code::email_in_use) == "email_in_use");
  BOOST_TEST(name_of(error_code::key_reused) == "key_reused");
  BOOST_TEST(name_of(error_code::already_done) == "already_done");
  BOOST_TEST(name_of(error_code::no_carrier) == "no_carrier");
  BOOST_TEST(name_of(error_code::digest_mismatch) == "digest_mismatch");
  BOOST_TEST(name_of(error_code::recipient_unknown) == "recipient_unknown");
  BOOST_TEST(name_of(error_code::recipient_ambiguous) == "recipient_ambiguous");
  BOOST_TEST(name_of(error_code::recipient_not_electronic) == "recipient_not_electronic");
}

BOOST_AUTO_TEST_CASE(a_failure_carries_its_code_and_detail) {
  const result<int> failed = fail(error_code::not_found, "nowhere");
  BOOST_TEST((failed.error() == elsec::domain::error{error_code::not_found, "nowhere", {}}));
}

BOOST_AUTO_TEST_CASE(a_failed_field_is_told_with_its_pointer) {
  const result<int> failed = fail_field(error_code::invalid, "/recipients/3", "needs an address");
  BOOST_TEST(failed.error().detail == "needs an address");
  BOOST_TEST((failed.error().fields == std::vector{field_error{"/recipients/3", "needs an address"}}));
}

BOOST_AUTO_TEST_SUITE_END()
