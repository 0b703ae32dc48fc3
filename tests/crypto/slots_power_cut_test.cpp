// What a power cut or a failing disk leaves behind, simulated by changing the file between two openings: slots created
// since the last sync may be missing, in any pattern; nothing else may (promise 1 and 3 of the security concept).
#include "tests/crypto/slots_support.hpp"

#include <random>

using namespace elsec;
using namespace elsec::crypto_test;
using domain::error_code;

BOOST_AUTO_TEST_CASE(a_lost_last_slot_is_given_out_again) {
  slots_fixture on;
  auto slots = on.open();
  create(*slots, 5);
  slots.reset();
  lose_slots(on.path(), 4, 5);
  BOOST_TEST(on.open()->create().value().index == 4U);
}

BOOST_AUTO_TEST_CASE(a_lost_slot_before_a_kept_one_is_skipped_and_reads_as_damage) {
  slots_fixture on;
  auto slots = on.open();
  const auto made = create(*slots, 20);
  slots.reset();
  lose_slots(on.path(), 12, 15);
  slots = on.open();
  BOOST_TEST(slots->create().value().index == 20U);
  for (std::uint64_t index = 0; index < 20; ++index) {
    const auto key = slots->read(index);
    if (index >= 12 && index < 15)
      BOOST_TEST(failed_with(key, error_code::integrity));
    else
      BOOST_TEST((key.value() == made[index].key));
  }
}

BOOST_AUTO_TEST_CASE(skipped_slots_can_be_closed) {
  slots_fixture on;
  auto slots = on.open();
  create(*slots, 3);
  slots.reset();
  lose_slots(on.path(), 1, 2);
  slots = on.open();
  BOOST_TEST(slots->close(1).has_value());
  BOOST_TEST(failed_with(slots->read(1), error_code::closed));
}

BOOST_AUTO_TEST_CASE(a_half_written_slot_is_never_given_out_again) {
  slots_fixture on;
  auto slots = on.open();
  create(*slots, 5);
  slots.reset();
  write_bytes(on.path(), slot_offset(4) + 64, std::string(64, '\0'));
  slots = on.open();
  BOOST_TEST(failed_with(slots->read(4), error_code::integrity));
  BOOST_TEST(slots->create().value().index == 5U);
}

BOOST_AUTO_TEST_CASE(the_widest_gap_a_power_cut_can_leave_is_skipped) {
  slots_fixture on;
  auto slots = on.open();
  create(*slots, 10 + crypto::unsynced_slots_max);
  slots.reset();
  lose_slots(on.path(), 10, 10 + crypto::unsynced_slots_max - 1);
  BOOST_TEST(on.open()->create().value().index == 10 + crypto::unsynced_slots_max);
}

BOOST_AUTO_TEST_CASE(gaps_of_many_power_cuts_never_lead_to_a_slot_used_twice) {
  slots_fixture on;
  std::mt19937 random(4);
  auto slots = on.open();
  std::uint64_t end = 0;
  for (int cut = 0; cut < 60; ++cut) {
    const std::uint64_t unsynced = 1 + random() % 300;
    for (std::uint64_t i = 0; i < unsynced; ++i) BOOST_TEST_REQUIRE(slots->create().value().index == end + i);
    slots.reset();
    std::uint64_t kept_end = end;
    for (std::uint64_t index = end; index < end + unsynced; ++index) {
      if (random() % 3 == 0)
        kept_end = index + 1;
      else
        lose_slots(on.path(), index, index + 1);
    }
    end = kept_end;
    slots = on.open();
    // What would mislead a later bisection.
    for (std::uint64_t index = 0; index < end; ++index)
      BOOST_TEST_REQUIRE((read_slot(on.path(), index) != std::string(128, '\0')));
  }
  BOOST_TEST(slots->create().value().index == end);
}

BOOST_AUTO_TEST_CASE(creating_without_end_syncs_by_itself_within_the_window) {
  slots_fixture on;
  auto slots = on.open();
  for (std::uint64_t i = 0; i < 2 * crypto::unsynced_slots_max + 1; ++i)
    BOOST_TEST_REQUIRE(slots->create().has_value());
  slots.reset();
  // All that can be missing are the slots after the last sync: here, the very last one.
  lose_slots(on.path(), 2 * crypto::unsynced_slots_max, 2 * crypto::unsynced_slots_max + 1);
  BOOST_TEST(on.open()->create().value().index == 2 * crypto::unsynced_slots_max);
}

BOOST_AUTO_TEST_CASE(a_lost_sector_far_from_the_end_is_refused_and_nothing_is_written) {
  slots_fixture on;
  auto slots = on.open();
  create(*slots, 40'000);
  slots.reset();
  lose_slots(on.path(), 32'768, 32'772);  // where the bisection looks first
  const auto before = read_file(on.path());
  BOOST_TEST(failed_with(crypto::slot_file::open(on.options(), on.key()), error_code::integrity));
  BOOST_TEST((read_file(on.path()) == before));
}

BOOST_AUTO_TEST_CASE(a_lost_sector_never_reads_as_closed_G4) {
  slots_fixture on;
  auto slots = on.open();
  create(*slots, 1'000);
  lose_slots(on.path(), 512, 516);
  BOOST_TEST(failed_with(slots->read(513), error_code::integrity));
  slots.reset();
  BOOST_TEST(failed_with(on.open()->read(513), error_code::integrity));
}

BOOST_AUTO_TEST_CASE(a_used_slot_in_the_way_is_not_written_over) {
  slots_fixture on;
  const auto slots = on.open();
  create(*slots, 3);
  const auto foreign = read_slot(on.path(), 0);
  write_slot(on.path(), 3, foreign);
  BOOST_TEST(failed_with(slots->create(), error_code::integrity));
  BOOST_TEST(failed_with(slots->create(), error_code::io));
  BOOST_TEST((read_slot(on.path(), 3) == foreign));
}

BOOST_AUTO_TEST_CASE(a_file_that_lost_its_end_is_refused) {
  slots_fixture on;
  create(*on.open(), 1'000);
  for (const std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{100}, std::uint64_t{4'095}, std::uint64_t{4'096}, slot_offset(1),
        slot_offset(500) + 64, slot_offset(500), slot_offset(1'000), slot_offset(60'000)}) {
    const temporary_folder copies;
    const auto copy = copies.file("slots");
    std::filesystem::copy_file(on.path(), copy);
    std::filesystem::resize_file(copy, size);
    BOOST_TEST_CONTEXT("cut off at " << size) {
      BOOST_TEST(
          failed_with(crypto::slot_file::open({.path = copy, .mirror_path = {}}, on.key()), error_code::integrity));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_grown_file_that_lost_its_end_is_refused) {
  slots_fixture on;
  create(*on.open(), crypto::slots_per_growth + 100);
  std::filesystem::resize_file(on.path(), slot_offset(crypto::slots_per_growth + 50));
  BOOST_TEST(failed_with(crypto::slot_file::open(on.options(), on.key()), error_code::integrity));
}
