// Deadlines become commands when their time has come.

#include "tests/actors/cleaning.hpp"

using namespace elsec;
using namespace elsec::actors;
using namespace elsec::actors::testing;

namespace {

shared_command make_broken(domain::time_point, const storage::deadline_row& row) {
  throw std::out_of_range("no command can be made of " + row.object);
}

outcome unable(const shared_command&) { return domain::fail(error_code::io, "not today"); }
outcome idly(const shared_command&) { return answered{}; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(janitor_deadlines, cleaning)

BOOST_AUTO_TEST_CASE(only_those_whose_time_has_come_become_commands) {
  using std::chrono::milliseconds;
  set("first", now() - std::chrono::hours(1), "long past");
  set("first", now(), "now");
  set("first", now() + milliseconds(1), "in a moment");
  set("second", now() + std::chrono::hours(1), "in an hour");
  start();
  BOOST_TEST(objects_of("first") == "long past now ");
  BOOST_TEST(sent("second") == 0U);
  pass(janitor_tick);
  BOOST_TEST(objects_of("first") == "long past now in a moment ");
  BOOST_TEST(left("first") == 0U);
  BOOST_TEST(left("second") == 1U);
}

BOOST_AUTO_TEST_CASE(a_command_is_told_what_its_row_says) {
  const auto at = now() - std::chrono::minutes(5);
  set("second", at, "ses_1");
  start();
  BOOST_REQUIRE(node.got.size() == 1U);
  BOOST_CHECK(as_due(node.got.front()).at == at);
  BOOST_TEST(as_due(node.got.front()).row.object == "ses_1");
  BOOST_TEST(as_due(node.got.front()).row.organisation_id.str() == organisation(1).str());
}

BOOST_AUTO_TEST_CASE(so_many_at_once_as_their_kind_allows_and_the_rest_follows_until_all_are_done) {
  set_many("first", 200);
  node.holds = true;
  start();
  std::size_t answered_so_far = 0;
  while (!node.held.empty() && answered_so_far < 1'000) {
    BOOST_REQUIRE(node.held.size() <= 3U);
    release_command();
    ++answered_so_far;
  }
  BOOST_TEST(answered_so_far == 200U);
  BOOST_TEST(left("first") == 0U);
  BOOST_TEST(sent("first") == 200U);  // each once
}

BOOST_AUTO_TEST_CASE(as_many_as_are_allowed_are_under_way_together) {
  set_many("first", 10);
  set_many("third", 100);
  node.holds = true;
  start();
  BOOST_TEST(sent("first") == 3U);
  BOOST_TEST(sent("third") == 64U);
}

BOOST_AUTO_TEST_CASE(what_is_under_way_is_not_begun_again) {
  set("first", now(), "a");
  node.holds = true;
  start();
  pass(janitor_tick);
  pass(janitor_tick);
  BOOST_TEST(sent("first") == 1U);
}

BOOST_AUTO_TEST_CASE(a_saturated_kind_keeps_no_other_waiting) {
  set_many("first", 50);
  set_many("second", 5);
  node.holds = true;
  start();
  BOOST_TEST(sent("first") == 3U);
  BOOST_TEST(sent("second") == 2U);
  // Only those of the second kind are answered.
  while (sent("second") < 5U || left("second") > 0U) {
    const auto next =
        std::ranges::find_if(node.held, [](const auto& h) { return as_due(h.first).row.kind == "second"; });
    BOOST_REQUIRE(next != node.held.end());
    std::rotate(node.held.begin(), next, next + 1);
    release_command();
  }
  BOOST_TEST(left("second") == 0U);
  BOOST_TEST(sent("first") == 3U);
}

BOOST_AUTO_TEST_CASE(a_failing_kind_keeps_no_other_waiting) {
  set_many("first", 50);
  set_many("second", 50);
  node.answers = [&](const shared_command& what) {
    return as_due(what).row.kind == "first" ? unable(what) : decide_at_once(open(), *what);
  };
  start();
  BOOST_TEST(left("second") == 0U);
  BOOST_TEST(left("first") == 50U);
  set("second", now(), "later");
  pass(janitor_tick);
  BOOST_TEST(left("second") == 0U);
}

BOOST_AUTO_TEST_CASE(rows_that_fail_keep_no_other_of_their_kind_waiting) {
  set_many("first", 20);
  set("first", now(), "good");
  node.answers = [&](const shared_command& what) {
    return as_due(what).row.object == "good" ? decide_at_once(open(), *what) : unable(what);
  };
  start();
  pass_in_steps(janitor_tick, 3);
  BOOST_TEST(left("first") == 20U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(janitor_repeats, cleaning)

BOOST_AUTO_TEST_CASE(what_fails_is_not_tried_again_in_a_tight_loop) {
  set_many("first", 7);
  node.answers = unable;
  start();
  BOOST_TEST(sent("first") == 7U);  // each once, though `run` goes on for as long as anything can
  pass(std::chrono::milliseconds(999));
  BOOST_TEST(sent("first") == 7U);
}

// The times at which a command that never comes to anything is tried: within a day, looked at every tick.
std::vector<std::chrono::seconds> waits_of(cleaning& stage) {
  std::vector<std::chrono::seconds> waits;
  std::chrono::seconds since{0};
  std::size_t seen = stage.sent("first");
  for (std::chrono::seconds time{0}; time < std::chrono::hours(24); time += janitor_tick) {
    stage.pass(janitor_tick);
    since += janitor_tick;
    if (stage.sent("first") == seen) continue;
    BOOST_TEST(stage.sent("first") == seen + 1);
    seen = stage.sent("first");
    waits.push_back(std::exchange(since, std::chrono::seconds{0}));
  }
  return waits;
}

void check_waits(const std::vector<std::chrono::seconds>& waits) {
  BOOST_REQUIRE(waits.size() > 100U);  // it is never given up
  BOOST_TEST(waits.front().count() <= 10);
  BOOST_TEST(std::ranges::is_sorted(waits));
  BOOST_TEST(waits[8].count() > waits[5].count());
  BOOST_TEST(waits.back().count() >= 600);
  BOOST_TEST(waits.back().count() <= 620);
}

BOOST_AUTO_TEST_CASE(one_whose_command_fails_is_tried_again_later_each_time) {
  set("first", now(), "a");
  node.answers = unable;
  start();
  check_waits(waits_of(*this));
  BOOST_TEST(left("first") == 1U);
}

BOOST_AUTO_TEST_CASE(one_whose_command_leaves_its_row_is_tried_again_later_each_time) {
  set("first", now(), "a");
  node.answers = idly;
  start();
  check_waits(waits_of(*this));
}

BOOST_AUTO_TEST_CASE(one_that_succeeds_at_last_is_done_with) {
  set("first", now(), "a");
  node.answers = unable;
  start();
  pass_in_steps(janitor_tick, 3);
  node.answers = nullptr;
  pass_in_steps(janitor_tick, 6);
  BOOST_TEST(left("first") == 0U);
  const auto tried = sent("first");
  pass_in_steps(janitor_tick, 60);
  BOOST_TEST(sent("first") == tried);
}

// The row of a later deadline that is set under the same key begins anew.
BOOST_AUTO_TEST_CASE(a_row_that_went_and_came_back_waits_no_longer_than_a_new_one) {
  const auto at = now();
  set("first", at, "a");
  node.answers = unable;
  start();
  pass_in_steps(janitor_tick, 60);  // the next wait is long by now
  storage::change_set changes;
  end_deadline(changes, {"first", at, organisation(1), "a"});
  commit(changes);
  pass(janitor_tick);
  node.answers = nullptr;
  set("first", at, "a");
  pass(janitor_tick);
  BOOST_TEST(left("first") == 0U);
}

BOOST_AUTO_TEST_CASE(a_command_that_is_never_answered_makes_room_and_is_tried_again) {
  set_many("first", 4);
  node.holds = true;
  start();
  BOOST_TEST(sent("first") == 3U);
  pass_in_steps(janitor_tick, 4);  // beyond the deadline of a command
  BOOST_TEST(sent("first") > 3U);
  BOOST_TEST(objects_of("first").contains("3 "));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(janitor_damage, cleaning)

BOOST_AUTO_TEST_CASE(a_row_of_an_unknown_kind_is_left_alone) {
  set("unheard_of", now(), "a");
  set("second", now(), "b");
  start();
  pass_in_steps(janitor_tick, 5);
  BOOST_TEST(left("unheard_of") == 1U);
  BOOST_TEST(sent("unheard_of") == 0U);
  BOOST_TEST(left("second") == 0U);
}

// One kind's name may begin another's.
BOOST_AUTO_TEST_CASE(a_kind_whose_name_is_longer_is_another_kind) {
  set("first_of_all", now(), "a");
  start();
  BOOST_TEST(node.got.size() == 0U);
  BOOST_TEST(left("first_of_all") == 1U);
}

BOOST_AUTO_TEST_CASE(what_throws_while_its_command_is_made_keeps_nothing_else_waiting) {
  open().registry.deadline_kinds.insert(open().registry.deadline_kinds.begin(), {"broken", &make_broken, 2});
  set_many("broken", 5);
  set("second", now(), "b");
  start();
  BOOST_TEST(left("second") == 0U);
  set("second", now(), "c");
  pass(janitor_tick);
  BOOST_TEST(left("second") == 0U);
  BOOST_TEST(left("broken") == 5U);
}

BOOST_AUTO_TEST_CASE(a_row_that_cannot_be_read_is_met_as_its_key_says) {
  const auto at = now() - std::chrono::hours(2);
  damage(storage::tables::due, decisions::key_of({"first", at, organisation(1), "damaged"}));
  set("first", now(), "good");
  start();
  BOOST_TEST(objects_of("first") == "damaged good ");
  BOOST_TEST(left("first") == 0U);
  BOOST_TEST(as_due(node.got.front()).row.organisation_id.str() == organisation(1).str());
  BOOST_CHECK(as_due(node.got.front()).at == at);
}

BOOST_AUTO_TEST_CASE(a_misdated_row_that_cannot_be_read_is_met_as_well) {
  damage(storage::tables::due, decisions::key_of({"long", now() + std::chrono::days(99), organisation(1), "damaged"}));
  start();
  BOOST_TEST(objects_of("long") == "damaged ");
}

BOOST_AUTO_TEST_CASE(what_was_damaged_is_forgotten_after_its_term) {
  storage::change_set changes;
  std::vector<std::string> keys;
  for (const auto age : {damaged_kept + std::chrono::days(1), damaged_kept - std::chrono::days(1)}) {
    const auto at = now() - age;
    const auto key = "row " + std::to_string(keys.size());
    damage(storage::tables::peer_kinds, key);
    const auto id = crypto::new_id<domain::damage_id>(at);
    changes.take_out_damaged(storage::tables::peer_kinds, key, id, at);
    keys.push_back(id.str());
  }
  commit(changes);
  start();
  BOOST_TEST(!read().contains(storage::tables::damaged.name, keys.front()).value());
  BOOST_TEST(read().contains(storage::tables::damaged.name, keys.back()).value());
}

BOOST_AUTO_TEST_CASE(what_is_damaged_shows_among_the_metrics) {
  damage(storage::tables::peer_kinds, "row");
  (void)read().get(storage::tables::peer_kinds, "row");
  storage::change_set changes;
  changes.take_out_damaged(storage::tables::peer_kinds, "row", crypto::new_id<domain::damage_id>(now()), now());
  commit(changes);
  start();
  BOOST_TEST(open().metrics->text().contains("elsec_damaged_rows 1"));
  BOOST_TEST(open().metrics->text().contains("elsec_damaged_reads_total{table=\"peer_kinds\"}"));
}

BOOST_AUTO_TEST_SUITE_END()
