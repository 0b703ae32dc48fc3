#include "domain/ids.hpp"

#include "tests/domain/support.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <unordered_set>

using namespace elsec::domain;
using elsec::domain_test::at;

namespace {

constexpr ulid_entropy all_ones{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
constexpr std::int64_t time_max_ms = (std::int64_t{1} << 48) - 1;

}  // namespace

BOOST_AUTO_TEST_SUITE(ids)

BOOST_AUTO_TEST_CASE(a_ulid_agrees_with_the_example_of_its_specification) {
  const ulid_entropy entropy{0xD6, 0x76, 0x4C, 0x61, 0xEF, 0xB9, 0x93, 0x02, 0xBD, 0x5B};
  BOOST_TEST(make_ulid(at(1'469'918'176'385), entropy) == "01ARYZ6S41TSV4RRFFQ69G5FAV");
}

BOOST_AUTO_TEST_CASE(the_smallest_and_the_largest_ulid_are_those_of_the_specification) {
  BOOST_TEST(make_ulid(at(0), {}) == "00000000000000000000000000");
  BOOST_TEST(make_ulid(at(time_max_ms), all_ones) == "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
}

BOOST_AUTO_TEST_CASE(ulids_sort_by_time_and_then_by_entropy) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 1'000; ++i) {
    const auto earlier = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(time_max_ms));
    BOOST_TEST(make_ulid(at(earlier), all_ones) < make_ulid(at(earlier + 1), {}));
    ulid_entropy low{}, high{};
    low[9] = static_cast<std::uint8_t>(random() % 255);
    high[9] = static_cast<std::uint8_t>(low[9] + 1);
    BOOST_TEST(make_ulid(at(earlier), low) < make_ulid(at(earlier), high));
  }
}

BOOST_AUTO_TEST_CASE(every_bit_of_the_entropy_counts) {
  std::unordered_set<std::string> seen;
  for (std::size_t bit = 0; bit < 80; ++bit) {
    ulid_entropy entropy{};
    entropy[bit / 8] = static_cast<std::uint8_t>(1U << (bit % 8));
    seen.insert(make_ulid(at(1), entropy));
  }
  BOOST_TEST(seen.size() == 80U);
}

BOOST_AUTO_TEST_CASE(what_is_made_is_a_ulid) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 1'000; ++i) {
    ulid_entropy entropy{};
    for (auto& byte : entropy) byte = static_cast<std::uint8_t>(random());
    BOOST_TEST(is_ulid(make_ulid(at(static_cast<std::int64_t>(random() >> 16)), entropy)));
  }
}

BOOST_AUTO_TEST_CASE(other_lengths_letters_and_more_than_128_bits_are_no_ulid) {
  BOOST_TEST(is_ulid("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
  for (const std::string text :
       {"", "01ARZ3NDEKTSV4RRFFQ69G5FA", "01ARZ3NDEKTSV4RRFFQ69G5FAVV", "01ARZ3NDEKTSV4RRFFQ69G5FAI",
        "01ARZ3NDEKTSV4RRFFQ69G5FAL", "01ARZ3NDEKTSV4RRFFQ69G5FAO", "01ARZ3NDEKTSV4RRFFQ69G5FAU",
        "01arz3ndektsv4rrffq69g5fav", "81ARZ3NDEKTSV4RRFFQ69G5FAV", "Z1ARZ3NDEKTSV4RRFFQ69G5FAV",
        "01ARZ3NDEKTSV4RRFFQ69G5FA ", "-1ARZ3NDEKTSV4RRFFQ69G5FAV"})
    BOOST_TEST(!is_ulid(text), text);
  BOOST_TEST(!is_ulid(std::string_view("01ARZ3NDEKTSV4RRFFQ69G5FA\0", 26)));
}

BOOST_AUTO_TEST_CASE(an_identifier_parses_back_from_its_text) {
  const auto id = document_id::make(at(5), all_ones);
  BOOST_TEST(id.str().starts_with("doc_"));
  BOOST_TEST(id.str().size() == document_id::length);
  BOOST_TEST((document_id::parse(id.str()) == id));
}

BOOST_AUTO_TEST_CASE(an_identifier_of_another_kind_is_refused_without_repeating_it) {
  const auto text = user_id::make(at(5), all_ones).str();
  const auto parsed = document_id::parse(text);
  BOOST_TEST_REQUIRE(!parsed.has_value());
  BOOST_TEST(parsed.error().find("doc_") != std::string::npos);
  BOOST_TEST(parsed.error().find(text) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_no_identifier_is_refused) {
  for (const auto* text :
       {"", "doc_", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "DOC_01ARZ3NDEKTSV4RRFFQ69G5FAV", "doc_01ARZ3NDEKTSV4RRFFQ69G5FA",
        "doc_01ARZ3NDEKTSV4RRFFQ69G5FAVV", "doc_81ARZ3NDEKTSV4RRFFQ69G5FAV", " doc_01ARZ3NDEKTSV4RRFFQ69G5FA"})
    BOOST_TEST(!document_id::parse(text), text);
}

BOOST_AUTO_TEST_CASE(a_default_identifier_is_empty_and_before_all_others) {
  BOOST_TEST(document_id{}.empty());
  BOOST_TEST((document_id{} < document_id::make(at(0), {})));
  BOOST_TEST(!document_id::make(at(0), {}).empty());
}

BOOST_AUTO_TEST_CASE(equal_identifiers_hash_alike) {
  const std::unordered_set<document_id> ids{document_id::make(at(1), {}), document_id::make(at(1), {}),
                                            document_id::make(at(2), {})};
  BOOST_TEST(ids.size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
