// What must be on disk before anybody relies on it.
#include "crypto/slots.hpp"
#include "tests/crypto/disk_watch.hpp"
#include "tests/crypto/slots_support.hpp"

using namespace elsec;
using namespace elsec::crypto_test;

BOOST_AUTO_TEST_SUITE(slots_on_disk)

BOOST_AUTO_TEST_CASE(a_created_slot_is_there_after_the_sync_in_file_and_mirror) {
  slots_fixture on;
  const auto slots = on.open(on.mirrored());
  BOOST_TEST(slots->create().has_value());
  BOOST_TEST(unsynced_bytes(on.path()) == 128U);
  BOOST_TEST(unsynced_bytes(on.mirror_path()) == 128U);
  BOOST_TEST(slots->sync().has_value());
  BOOST_TEST(unsynced_bytes(on.path()) == 0U);
  BOOST_TEST(unsynced_bytes(on.mirror_path()) == 0U);
}

// Slots that only one file had are given out again by no one, and what is skipped stays skipped: two power cuts in a
// row must not undo that.
BOOST_AUTO_TEST_CASE(what_an_opening_recovers_is_synced_before_it_is_used) {
  slots_fixture on;
  create(*on.open(on.mirrored()), 10);
  lose_slots(on.path(), 3, 5);
  lose_slots(on.mirror_path(), 4, 7);
  const auto slots = on.open(on.mirrored());
  BOOST_TEST((read_slot(on.path(), 4) != std::string(128, '\0')));  // it has been filled
  BOOST_TEST(unsynced_bytes(on.path()) == 0U);
  BOOST_TEST(unsynced_bytes(on.mirror_path()) == 0U);
}

BOOST_AUTO_TEST_CASE(the_window_of_slots_that_may_be_lost_ends_with_a_sync) {
  slots_fixture on;
  const auto slots = on.open();
  for (std::uint64_t i = 0; i < crypto::unsynced_slots_max; ++i) BOOST_TEST_REQUIRE(slots->create().has_value());
  BOOST_TEST(unsynced_bytes(on.path()) == 128 * crypto::unsynced_slots_max);
  BOOST_TEST(slots->create().has_value());
  BOOST_TEST(unsynced_bytes(on.path()) == 128U);
}

BOOST_AUTO_TEST_SUITE_END()
