// What is due of one organisation keeps no other's waiting; and when the janitor looks.

#include "tests/actors/cleaning.hpp"

using namespace elsec;
using namespace elsec::actors;
using namespace elsec::actors::testing;

BOOST_FIXTURE_TEST_SUITE(janitor_turns, cleaning)

// One organisation's many files do not keep the only one of another waiting, however much earlier they came.
BOOST_AUTO_TEST_CASE(of_a_kind_whose_organisations_take_turns_each_has_its_share_at_once) {
  for (int i = 0; i < 50; ++i) set("turns", right_away, "a" + std::to_string(i), 1);
  for (int i = 0; i < 50; ++i) set("turns", now() - std::chrono::hours(1), "b" + std::to_string(i), 2);
  set("turns", now(), "c", 3);
  node.holds = true;
  start();
  BOOST_TEST(objects_of("turns") == "a0 b0 c ");
}

BOOST_AUTO_TEST_CASE(whoever_ends_makes_room_for_the_next_of_the_same_organisation) {
  for (int i = 0; i < 4; ++i) set("turns", right_away, "a" + std::to_string(i), 1);
  for (int i = 0; i < 2; ++i) set("turns", right_away, "b" + std::to_string(i), 2);
  node.holds = true;
  start();
  std::size_t answered_so_far = 0;
  while (!node.held.empty()) {
    BOOST_REQUIRE(node.held.size() <= 2U);
    release_command();
    ++answered_so_far;
  }
  BOOST_TEST(answered_so_far == 6U);
  BOOST_TEST(objects_of("turns") == "a0 b0 a1 b1 a2 a3 ");
  BOOST_TEST(left("turns") == 0U);
}

BOOST_AUTO_TEST_CASE(its_turn_comes_at_once_while_all_others_are_still_under_way) {
  for (std::uint8_t of = 1; of <= 4; ++of) set("turns", right_away, std::to_string(of), of);
  set("turns", right_away, "1'", 1);
  node.holds = true;
  start();
  release_command();
  BOOST_TEST(objects_of("turns") == "1 2 3 4 1' ");
}

BOOST_AUTO_TEST_CASE(more_organisations_than_places_are_served_one_after_the_other) {
  for (std::uint8_t of = 1; of <= 9; ++of) set("turns", now(), std::to_string(of), of);
  node.holds = true;
  start();
  BOOST_TEST(node.held.size() == 4U);
  while (!node.held.empty()) release_command();
  BOOST_TEST(objects_of("turns") == "1 2 3 4 5 6 7 8 9 ");
}

// Those that come first in the table have more to do all the time; those behind them get their turn all the same.
BOOST_AUTO_TEST_CASE(more_organisations_than_places_take_turns_however_much_each_has_due) {
  for (std::uint8_t of = 1; of <= 6; ++of)
    for (const auto* object : {"", "'"}) set("turns", right_away, std::to_string(of) + object, of);
  node.holds = true;
  start();
  while (!node.held.empty()) release_command();
  BOOST_TEST(objects_of("turns") == "1 2 3 4 5 6 1' 2' 3' 4' 5' 6' ");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(janitor_woken, cleaning)

BOOST_AUTO_TEST_CASE(what_was_set_is_begun_at_once_when_the_janitor_is_told) {
  const auto awake = start();
  pass(due_look_interval);
  set("first", right_away, "a");
  run();
  BOOST_TEST(sent("first") == 0U);
  tell(awake, wake_atom_v);
  BOOST_TEST(sent("first") == 1U);
}

// Many uploads a second cost few looks, and none of them is overlooked.
BOOST_AUTO_TEST_CASE(who_is_told_often_looks_seldom_and_misses_nothing) {
  const auto awake = start();
  pass(due_look_interval);
  for (int i = 0; i < 20; ++i) {
    set("third", right_away, std::to_string(i));
    tell(awake, wake_atom_v);
  }
  BOOST_TEST(sent("third") == 1U);  // since the others were told right after a look
  pass(due_look_interval - std::chrono::milliseconds(1));
  BOOST_TEST(sent("third") == 1U);
  pass(std::chrono::milliseconds(1));
  BOOST_TEST(sent("third") == 20U);
  pass(due_look_interval);
  set("third", right_away, "later");
  tell(awake, wake_atom_v);
  BOOST_TEST(sent("third") == 21U);
}

BOOST_AUTO_TEST_CASE(one_look_is_for_all_who_told_of_something_until_then) {
  std::size_t kinds_looked_at = 0;  // each look asks for the time once for each kind
  open().now = [&] {
    ++kinds_looked_at;
    return now();
  };
  const auto awake = start();
  kinds_looked_at = 0;
  for (int i = 0; i < 20; ++i) tell(awake, wake_atom_v);
  BOOST_TEST(kinds_looked_at == 0U);
  pass(due_look_interval);
  BOOST_TEST(kinds_looked_at == open().registry.deadline_kinds.size());
}

BOOST_AUTO_TEST_CASE(what_nobody_told_of_is_found_all_the_same) {
  start();
  set("first", right_away, "a");
  pass(janitor_tick);
  BOOST_TEST(sent("first") == 1U);
}

BOOST_AUTO_TEST_CASE(a_command_that_takes_long_is_not_sent_anew_before_its_kind_allows_it) {
  set("long", right_away, "a");
  node.holds = true;
  start();
  pass_in_steps(std::chrono::minutes(1), 89);
  BOOST_TEST(sent("long") == 1U);
  pass_in_steps(std::chrono::minutes(1), 2);
  pass_in_steps(janitor_tick, 3);
  BOOST_TEST(sent("long") == 2U);
}

// Puts itself off, as commands do whose work failed.
BOOST_AUTO_TEST_CASE(what_is_put_off_is_begun_when_its_wait_is_over) {
  set("first", right_away, "a");
  node.answers = [&](const shared_command& what) -> outcome {
    storage::change_set changes;
    BOOST_TEST(put_off(changes, as_due(what).at, as_due(what).row, now()));
    commit(changes);
    return answered{};
  };
  const auto awake = start();
  BOOST_TEST(left("first") == 1U);
  for (std::uint32_t attempt = 0; attempt < 6; ++attempt) {
    BOOST_TEST(sent("first") == attempt + 1);
    pass(wait_after(attempt) - std::chrono::milliseconds(1));
    tell(awake, wake_atom_v);
    BOOST_TEST(sent("first") == attempt + 1);
    pass(std::chrono::milliseconds(1));
    pass(due_look_interval);
    tell(awake, wake_atom_v);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(janitor_clock_set_back, cleaning)

BOOST_AUTO_TEST_CASE(one_that_lies_further_ahead_than_its_kind_ever_sets_one_is_due) {
  const auto ahead_max = 2 * open().policy.letter_grace;
  set("long", now() + ahead_max + std::chrono::hours(24 * 3), "dated by a wrong clock");
  set("first", now() + std::chrono::hours(24 * 365), "far away, as they may be");
  start();
  BOOST_TEST(objects_of("long") == "dated by a wrong clock ");
  BOOST_TEST(left("long") == 0U);
  BOOST_TEST(sent("first") == 0U);
}

BOOST_AUTO_TEST_CASE(one_that_lies_as_far_ahead_as_it_may_has_time) {
  const auto ahead_max = 2 * open().policy.letter_grace;
  set("long", now() + ahead_max, "well dated");
  start();
  pass_in_steps(janitor_tick, 3);
  BOOST_TEST(sent("long") == 0U);
  pass(ahead_max);
  pass_in_steps(janitor_tick, 2);
  BOOST_TEST(sent("long") == 1U);
}

BOOST_AUTO_TEST_CASE(R19_what_cannot_be_undone_waits_until_the_clock_is_to_be_believed) {
  for (auto& kind : open().registry.deadline_kinds) kind.irrevocable = true;
  set("long", now() + std::chrono::hours(24), "far ahead, as it seems now");
  BOOST_TEST(!open().irrevocable_work_waits());
  open().now = [this] { return now() - std::chrono::hours(24); };
  start();
  pass_in_steps(janitor_tick, 2);
  BOOST_TEST(sent("long") == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
