// Key slots: what is created stays readable, what is closed stays closed (G4), and what a power cut, a failing disk or
// a wrong file does to that.
#include "crypto/slots.hpp"

#include "tests/crypto/slots_support.hpp"

#include <algorithm>
#include <set>
#include <sys/stat.h>

using namespace elsec;
using namespace elsec::crypto_test;
using crypto::secret;
using domain::error_code;

BOOST_AUTO_TEST_CASE(a_created_slot_reads_back) {
  slots_fixture on;
  const auto slots = on.open();
  const auto made = slots->create().value();
  BOOST_TEST((slots->read(made.index).value() == made.key));
}

BOOST_AUTO_TEST_CASE(slots_are_given_out_in_order_each_with_a_key_of_its_own) {
  slots_fixture on;
  const auto slots = on.open();
  std::set<std::string> keys;
  for (std::uint64_t index = 0; index < 100; ++index) {
    const auto made = slots->create().value();
    BOOST_TEST(made.index == index);
    keys.insert(crypto::to_hex(made.key.view()));
  }
  BOOST_TEST(keys.size() == 100U);
}

BOOST_AUTO_TEST_CASE(slots_survive_a_restart_and_new_ones_follow_them) {
  slots_fixture on;
  auto slots = on.open();
  const auto made = create(*slots, 10);
  slots = on.reopen(std::move(slots));
  for (const auto& one : made) BOOST_TEST((slots->read(one.index).value() == one.key));
  BOOST_TEST(slots->create().value().index == 10U);
}

BOOST_AUTO_TEST_CASE(a_closed_slot_stays_closed_across_restarts_G4) {
  slots_fixture on;
  auto slots = on.open();
  const auto made = create(*slots, 3);
  BOOST_TEST(slots->close(1).has_value());
  BOOST_TEST(failed_with(slots->read(1), error_code::closed));
  BOOST_TEST(slots->sync().has_value());
  slots = on.reopen(std::move(slots));
  BOOST_TEST(failed_with(slots->read(1), error_code::closed));
  BOOST_TEST((slots->read(0).value() == made[0].key));
  BOOST_TEST((slots->read(2).value() == made[2].key));
  BOOST_TEST(slots->create().value().index == 3U);
}

BOOST_AUTO_TEST_CASE(closing_twice_is_closing_once_but_writes_again) {
  slots_fixture on;
  const auto slots = on.open();
  create(*slots, 1);
  BOOST_TEST(slots->close(0).has_value());
  const auto first = read_slot(on.path(), 0);
  BOOST_TEST(slots->close(0).has_value());
  BOOST_TEST((read_slot(on.path(), 0) != first));  // a failed sync may have lost the first marker
  BOOST_TEST(failed_with(slots->read(0), error_code::closed));
}

BOOST_AUTO_TEST_CASE(closing_leaves_no_byte_of_the_old_slot_G4) {
  slots_fixture on;
  const auto slots = on.open();
  create(*slots, 3);
  const auto before = read_slot(on.path(), 1);
  BOOST_TEST(slots->close(1).has_value());
  const auto file = read_file(on.path());
  for (std::size_t from = 0; from + 16 <= before.size(); from += 16)
    BOOST_TEST((std::search(file.begin(), file.end(), before.begin() + static_cast<std::ptrdiff_t>(from),
                            before.begin() + static_cast<std::ptrdiff_t>(from + 16)) == file.end()));
}

BOOST_AUTO_TEST_CASE(a_damaged_slot_can_be_closed) {
  slots_fixture on;
  const auto slots = on.open();
  create(*slots, 1);
  flip_bit(on.path(), slot_offset(0) + 50, 0);
  BOOST_TEST(slots->close(0).has_value());
  BOOST_TEST(failed_with(slots->read(0), error_code::closed));
}

BOOST_AUTO_TEST_CASE(slots_never_given_out_are_neither_read_nor_closed) {
  slots_fixture on;
  const auto slots = on.open();
  create(*slots, 1);
  for (const std::uint64_t index :
       {std::uint64_t{1}, std::uint64_t{65'535}, std::uint64_t{65'536}, ~std::uint64_t{0}}) {
    BOOST_TEST(failed_with(slots->read(index), error_code::integrity));
    BOOST_TEST(failed_with(slots->close(index), error_code::not_found));
  }
  BOOST_TEST(slots->create().value().index == 1U);
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_of_a_slot_is_damage_and_never_closed) {
  slots_fixture on;
  const auto slots = on.open();
  const auto made = create(*slots, 3);
  for (std::size_t bit = 0; bit < 128 * 8; ++bit) {
    flip_bit(on.path(), slot_offset(1) + bit / 8, bit % 8);
    BOOST_TEST(failed_with(slots->read(1), error_code::integrity));
    flip_bit(on.path(), slot_offset(1) + bit / 8, bit % 8);
  }
  BOOST_TEST((slots->read(1).value() == made[1].key));
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_of_a_closed_slot_is_damage_and_never_live) {
  slots_fixture on;
  const auto slots = on.open();
  create(*slots, 1);
  BOOST_TEST(slots->close(0).has_value());
  for (std::size_t bit = 0; bit < 128 * 8; ++bit) {
    flip_bit(on.path(), slot_offset(0) + bit / 8, bit % 8);
    BOOST_TEST(failed_with(slots->read(0), error_code::integrity));
    flip_bit(on.path(), slot_offset(0) + bit / 8, bit % 8);
  }
}

BOOST_AUTO_TEST_CASE(a_slot_moved_within_or_between_files_is_damage) {
  slots_fixture on;
  slots_fixture elsewhere(on.key());
  const auto slots = on.open();
  const auto others = elsewhere.open();
  create(*slots, 2);
  create(*others, 2);
  write_slot(on.path(), 0, read_slot(on.path(), 1));
  BOOST_TEST(failed_with(slots->read(0), error_code::integrity));
  write_slot(on.path(), 1, read_slot(elsewhere.path(), 1));
  BOOST_TEST(failed_with(slots->read(1), error_code::integrity));
}

BOOST_AUTO_TEST_CASE(another_key_does_not_open_the_file) {
  slots_fixture on;
  create(*on.open(), 1);
  BOOST_TEST(failed_with(crypto::slot_file::open(on.options(), secret::random()), error_code::integrity));
}

BOOST_AUTO_TEST_CASE(a_damaged_header_is_refused) {
  slots_fixture on;
  create(*on.open(), 1);
  for (const std::uint64_t at : {0U, 7U, 11U, 15U, 16U, 31U, 32U, 55U, 56U, 2'000U, 4'095U}) {
    flip_bit(on.path(), at, 3);
    BOOST_TEST(failed_with(crypto::slot_file::open(on.options(), on.key()), error_code::integrity));
    flip_bit(on.path(), at, 3);
  }
  BOOST_TEST(on.open() != nullptr);
}

BOOST_AUTO_TEST_CASE(the_file_is_its_owners_alone_and_preallocated) {
  slots_fixture on;
  const auto slots = on.open();
  struct stat about{};
  BOOST_TEST_REQUIRE(::stat(on.path().c_str(), &about) == 0);
  BOOST_TEST((about.st_mode & 07777) == 0600U);
  BOOST_TEST(about.st_size == 4'096 + 65'536 * 128);
  BOOST_TEST(about.st_blocks * 512 >= about.st_size);
}

BOOST_AUTO_TEST_CASE(one_file_has_one_owner_at_a_time) {
  slots_fixture on;
  auto slots = on.open();
  BOOST_TEST(failed_with(crypto::slot_file::open(on.options(), on.key()), error_code::conflict));
  slots.reset();
  BOOST_TEST(on.open() != nullptr);
}

BOOST_AUTO_TEST_CASE(the_file_grows_when_it_is_full_and_is_found_full_after_a_restart) {
  slots_fixture on;
  auto slots = on.open();
  const auto first = create(*slots, crypto::slots_per_growth).front();
  BOOST_TEST(std::filesystem::file_size(on.path()) == 4'096 + 65'536 * 128U);
  slots = on.reopen(std::move(slots));
  const auto beyond = slots->create().value();
  BOOST_TEST(beyond.index == crypto::slots_per_growth);
  BOOST_TEST(std::filesystem::file_size(on.path()) == 4'096 + 2 * 65'536 * 128U);
  slots = on.reopen(std::move(slots));
  BOOST_TEST((slots->read(0).value() == first.key));
  BOOST_TEST((slots->read(beyond.index).value() == beyond.key));
  BOOST_TEST(slots->create().value().index == crypto::slots_per_growth + 1);
}

BOOST_AUTO_TEST_CASE(the_end_is_found_wherever_it_lies) {
  slots_fixture on;
  auto slots = on.open();
  std::uint64_t expected = 0;
  for (const std::uint64_t more : {1U, 1U, 2U, 59U, 1U, 64U, 900U, 3'000U, 4'096U, 5'000U}) {
    create(*slots, more);
    expected += more;
    slots = on.reopen(std::move(slots));
    const auto made = slots->create().value();
    BOOST_TEST(made.index == expected);
    ++expected;
  }
}

BOOST_AUTO_TEST_CASE(a_step_left_half_grown_is_completed_when_it_is_needed) {
  slots_fixture on;
  auto slots = on.open();
  create(*slots, crypto::slots_per_growth);
  slots.reset();
  std::filesystem::resize_file(on.path(), slot_offset(crypto::slots_per_growth) + 1'000 * 128 + 77);
  slots = on.open();
  BOOST_TEST(slots->create().value().index == crypto::slots_per_growth);
  BOOST_TEST(std::filesystem::file_size(on.path()) == 4'096 + 2 * 65'536 * 128U);
}

BOOST_AUTO_TEST_CASE(after_a_failed_write_nothing_is_written_any_more) {
  slots_fixture on;
  const auto slots = on.open();
  const auto made = create(*slots, 1);
  {
    const file_size_limit limited(4'096);
    BOOST_TEST(failed_with(slots->create(), error_code::io));
  }
  BOOST_TEST(failed_with(slots->create(), error_code::io));
  BOOST_TEST(failed_with(slots->close(0), error_code::io));
  BOOST_TEST(failed_with(slots->sync(), error_code::io));
  BOOST_TEST((slots->read(0).value() == made[0].key));
}

BOOST_AUTO_TEST_CASE(unsuitable_files_and_folders_are_refused) {
  slots_fixture on;
  auto options = on.options();
  options.path = on.folder().file("missing/slots");
  BOOST_TEST(failed_with(crypto::slot_file::open(options, on.key()), error_code::io));
  options.path = on.folder().path().string();
  BOOST_TEST(!crypto::slot_file::open(options, on.key()).has_value());
  std::filesystem::create_symlink(on.folder().file("target"), on.path());
  BOOST_TEST(failed_with(crypto::slot_file::open(on.options(), on.key()), error_code::io));
}

BOOST_AUTO_TEST_CASE(this_machines_temporary_folder_needs_no_override) {
  slots_fixture on;
  BOOST_TEST(!on.open()->on_unsuitable_file_system());
}
