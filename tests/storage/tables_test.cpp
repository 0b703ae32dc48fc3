#include "tests/storage/support.hpp"

namespace elsec::storage::testing {

BOOST_AUTO_TEST_SUITE(tables_and_keys)

BOOST_AUTO_TEST_CASE(numbers_in_keys_sort_as_numbers) {
  const std::vector<std::uint64_t> numbers{0, 1, 255, 256, 65'535, 1ULL << 32, UINT64_MAX};
  for (std::size_t i = 1; i < numbers.size(); ++i) BOOST_TEST((big_endian(numbers[i - 1]) < big_endian(numbers[i])));
}

BOOST_AUTO_TEST_CASE(a_number_comes_back_from_the_end_of_its_key) {
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{0x1234}, UINT64_MAX})
    BOOST_TEST(trailing_number(key_of(org(1), big_endian(number))) == number);
  BOOST_TEST(trailing_number("short") == 0U);
}

BOOST_AUTO_TEST_CASE(a_key_is_its_parts_in_order) {
  BOOST_TEST(key_of(org(1), 'd', std::string("x")) == org(1).str() + "dx");
}

BOOST_AUTO_TEST_CASE(every_box_has_a_letter_of_its_own) {
  BOOST_TEST(box_letter(domain::box::inbox) != box_letter(domain::box::outbox));
  BOOST_TEST(box_letter(domain::box::inbox) != box_letter(domain::box::drafts));
  BOOST_TEST(box_letter(domain::box::outbox) != box_letter(domain::box::drafts));
}

BOOST_AUTO_TEST_CASE(every_table_can_be_read_in_a_fresh_environment) {
  const temp_folder folder;
  const auto store = open_store(folder);
  const auto view = store->read();
  BOOST_REQUIRE(view.has_value());
  for (const auto name : table_names) BOOST_TEST(view->contains(name, "key").value() == false);
}

BOOST_AUTO_TEST_CASE(a_name_that_is_no_table_is_a_defect_and_not_an_empty_table) {
  const temp_folder folder;
  const auto store = open_store(folder);
  const auto view = store->read();
  const auto answer = view->contains("no_such_table", "key");
  BOOST_REQUIRE(!answer.has_value());
  BOOST_TEST((answer.error().code == error_code::internal));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::storage::testing
