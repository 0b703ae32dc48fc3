// The mirror of the key slots: equal to the main file at all times, and never a way back for what was closed (G4).
#include "tests/crypto/slots_support.hpp"

using namespace elsec;
using namespace elsec::crypto_test;
using crypto::secret;
using domain::error_code;

namespace {

bool files_equal(const slots_fixture& on) { return read_file(on.path()) == read_file(on.mirror_path()); }

}  // namespace

BOOST_AUTO_TEST_CASE(the_mirror_is_written_alike) {
  slots_fixture on;
  const auto slots = on.open(on.mirrored());
  create(*slots, 10);
  BOOST_TEST(slots->close(3).has_value());
  BOOST_TEST(slots->sync().has_value());
  BOOST_TEST(files_equal(on));
}

BOOST_AUTO_TEST_CASE(the_mirror_grows_alike) {
  slots_fixture on;
  const auto slots = on.open(on.mirrored());
  create(*slots, crypto::slots_per_growth + 1);
  BOOST_TEST(files_equal(on));
}

BOOST_AUTO_TEST_CASE(a_damaged_slot_is_read_from_the_mirror) {
  slots_fixture on;
  const auto slots = on.open(on.mirrored());
  const auto made = create(*slots, 2);
  BOOST_TEST(slots->close(1).has_value());
  flip_bit(on.path(), slot_offset(0) + 3, 1);
  flip_bit(on.path(), slot_offset(1) + 3, 1);
  BOOST_TEST((slots->read(0).value() == made[0].key));
  BOOST_TEST(failed_with(slots->read(1), error_code::closed));
  flip_bit(on.mirror_path(), slot_offset(0) + 3, 1);
  BOOST_TEST(failed_with(slots->read(0), error_code::integrity));
}

BOOST_AUTO_TEST_CASE(a_closed_slot_is_closed_whatever_the_mirror_says_G4) {
  slots_fixture on;
  const auto slots = on.open(on.mirrored());
  create(*slots, 1);
  const auto live = read_slot(on.path(), 0);
  BOOST_TEST(slots->close(0).has_value());
  write_slot(on.mirror_path(), 0, live);
  BOOST_TEST(failed_with(slots->read(0), error_code::closed));
  BOOST_TEST(slots->close(0).has_value());
  BOOST_TEST((read_slot(on.mirror_path(), 0) != live));
}

BOOST_AUTO_TEST_CASE(a_mirror_is_made_beside_an_unused_main_file) {
  slots_fixture on;
  on.open().reset();
  create(*on.open(on.mirrored()), 1);
  BOOST_TEST(files_equal(on));
}

BOOST_AUTO_TEST_CASE(a_missing_mirror_of_used_slots_is_refused) {
  slots_fixture on;
  create(*on.open(), 1);
  BOOST_TEST(failed_with(crypto::slot_file::open(on.mirrored(), on.key()), error_code::invalid));
  BOOST_TEST(!std::filesystem::exists(on.mirror_path()));
}

BOOST_AUTO_TEST_CASE(a_missing_main_file_beside_a_mirror_is_refused_and_not_made_anew) {
  slots_fixture on;
  create(*on.open(on.mirrored()), 1);
  std::filesystem::remove(on.path());
  BOOST_TEST(failed_with(crypto::slot_file::open(on.mirrored(), on.key()), error_code::invalid));
  BOOST_TEST(!std::filesystem::exists(on.path()));
}

BOOST_AUTO_TEST_CASE(a_mirror_copied_back_restores_everything_and_reopens_nothing_G4) {
  slots_fixture on;
  auto slots = on.open(on.mirrored());
  const auto made = create(*slots, 2);
  BOOST_TEST(slots->close(1).has_value());
  BOOST_TEST(slots->sync().has_value());
  slots.reset();
  std::filesystem::copy_file(on.mirror_path(), on.path(), std::filesystem::copy_options::overwrite_existing);
  slots = on.open(on.mirrored());
  BOOST_TEST((slots->read(0).value() == made[0].key));
  BOOST_TEST(failed_with(slots->read(1), error_code::closed));
  BOOST_TEST(slots->create().value().index == 2U);
}

BOOST_AUTO_TEST_CASE(the_mirror_of_another_slot_file_is_refused) {
  slots_fixture on;
  slots_fixture elsewhere(on.key());
  on.open().reset();
  elsewhere.open().reset();
  std::filesystem::copy_file(elsewhere.path(), on.mirror_path());
  BOOST_TEST(failed_with(crypto::slot_file::open(on.mirrored(), on.key()), error_code::integrity));
}

BOOST_AUTO_TEST_CASE(file_and_mirror_cannot_be_one) {
  slots_fixture on;
  on.open().reset();
  BOOST_TEST(failed_with(crypto::slot_file::open({.path = on.path(), .mirror_path = on.path()}, on.key()),
                         error_code::conflict));
}

BOOST_AUTO_TEST_CASE(slots_that_reached_only_one_of_both_disks_are_kept_in_both) {
  slots_fixture on;
  auto slots = on.open(on.mirrored());
  const auto made = create(*slots, 20);
  slots.reset();
  lose_slots(on.path(), 10, 12);
  lose_slots(on.mirror_path(), 11, 13);
  lose_slots(on.mirror_path(), 15, 20);
  slots = on.open(on.mirrored());
  for (std::uint64_t index = 0; index < 20; ++index) {
    if (index == 11)
      BOOST_TEST(failed_with(slots->read(index), error_code::integrity));
    else
      BOOST_TEST((slots->read(index).value() == made[index].key));
  }
  BOOST_TEST(slots->create().value().index == 20U);
  BOOST_TEST(files_equal(on));
}

BOOST_AUTO_TEST_CASE(a_mirror_far_behind_is_refused_and_left_alone) {
  slots_fixture on;
  auto slots = on.open(on.mirrored());
  create(*slots, 10);
  slots.reset();
  const auto old = read_file(on.mirror_path());
  slots = on.open(on.mirrored());
  create(*slots, crypto::unsynced_slots_max + 1);
  slots.reset();
  write_bytes(on.mirror_path(), 0, old);
  BOOST_TEST(failed_with(crypto::slot_file::open(on.mirrored(), on.key()), error_code::integrity));
  BOOST_TEST((read_file(on.mirror_path()) == old));
}

BOOST_AUTO_TEST_CASE(a_mirror_that_did_not_grow_with_the_main_file_catches_up) {
  slots_fixture on;
  auto slots = on.open(on.mirrored());
  create(*slots, crypto::slots_per_growth + 10);
  slots.reset();
  std::filesystem::resize_file(on.mirror_path(), slot_offset(crypto::slots_per_growth));
  slots = on.open(on.mirrored());
  BOOST_TEST(slots->create().value().index == crypto::slots_per_growth + 10);
  BOOST_TEST(files_equal(on));
}
