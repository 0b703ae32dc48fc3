// The janitor has no rate of its own: however much is due goes at once, batch by batch, and lets others have their turn
// in between.

#include "tests/actors/cleaning.hpp"
#include "tests/actors/living.hpp"

namespace elsec::actors::testing {
namespace {

constexpr auto together = "together";

// Ends all that it was made of.
struct due_together : command {
  explicit due_together(std::vector<due_deadline> of) : all(std::move(of)) {}

  std::vector<due_deadline> all;

  [[nodiscard]] decisions::subject whom() const override { return {all.front().row.organisation_id}; }
  [[nodiscard]] domain::result<ruling> decide(const facts&) const override {
    ruling ended{.changes = storage::change_set{}};
    for (const auto& [at, row] : all) end_deadline(*ended.changes, {row.kind, at, row.organisation_id, row.object});
    return ended;
  }
  [[nodiscard]] bool has(std::string_view object) const {
    return std::ranges::any_of(all, [&](const auto& each) { return each.row.object == object; });
  }
};

struct backlog : cleaning {
  backlog() { open().registry.deadline_kinds.push_back(kind_met_together<due_together>(together)); }

  [[nodiscard]] std::size_t batches() const { return node.got.size(); }
  [[nodiscard]] static const due_together& as_batch(const shared_command& what) {
    return dynamic_cast<const due_together&>(*what);
  }
  [[nodiscard]] std::string metrics_text() { return open().metrics->text(); }
};

struct busy_node : living {
  static constexpr std::size_t rows = 20'000;
  busy_node() {
    open().registry.deadline_kinds = {kind_met_together<due_together>(together)};
    storage::change_set changes;
    for (std::size_t i = 0; i < rows; ++i)
      set_deadline(changes, {together, now() - std::chrono::seconds(1), organisation(1), std::to_string(i)});
    commit(changes);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(janitor_backlog, backlog)

BOOST_AUTO_TEST_CASE(a_hundred_thousand_that_are_due_are_gone_without_waiting_for_a_tick) {
  constexpr std::size_t many = 100'000;
  set_many(together, many);
  start();
  BOOST_TEST(left(together) == 0U);
  BOOST_TEST(batches() == (many + deadlines_together_max - 1) / deadlines_together_max);
}

BOOST_AUTO_TEST_CASE(of_an_organisation_the_next_batch_comes_behind_the_commit_of_the_one_before) {
  set_many(together, 3 * deadlines_together_max);
  node.holds = true;
  start();
  for (std::size_t done = 0; done < 3; ++done) {
    BOOST_TEST(node.held.size() == 1U);
    BOOST_TEST(left(together) == (3 - done) * deadlines_together_max);
    release_command();
  }
  BOOST_TEST(node.held.empty());
  BOOST_TEST(left(together) == 0U);
}

BOOST_AUTO_TEST_CASE(organisations_have_theirs_side_by_side) {
  for (std::uint8_t of = 1; of <= 3; ++of)
    for (int i = 0; i < 10; ++i) set(together, now(), std::to_string(i), of);
  node.holds = true;
  start();
  BOOST_TEST(node.held.size() == 3U);
  for (const auto& what : node.got) BOOST_TEST(as_batch(what).all.size() == 10U);
}

BOOST_AUTO_TEST_CASE(one_organisations_many_do_not_keep_anothers_waiting_for_good) {
  set_many(together, 3 * deadlines_looked_at_max);
  set(together, now(), "behind all those", 2);
  node.answers = [&](const shared_command& what) {
    return what->whom().organisation == organisation(1) ? domain::fail(error_code::io, "not today")
                                                        : decide_at_once(open(), *what);
  };
  start();
  pass_in_steps(janitor_tick, 4);
  BOOST_TEST(left(together) == 3 * deadlines_looked_at_max);
}

// A hundred keyed requests a second, a day later.
BOOST_AUTO_TEST_CASE(what_comes_to_be_due_at_a_hundred_a_second_never_waits_longer_than_for_the_next_look) {
  start();
  constexpr std::size_t each_second = 100;
  std::size_t most = 0;
  for (int second = 0; second < 600; ++second) {
    storage::change_set changes;
    for (std::size_t i = 0; i < each_second; ++i)
      set_deadline(changes, {together, now(), organisation(1), std::to_string(i)});
    commit(changes);
    pass(std::chrono::seconds(1));
    most = std::max(most, left(together));
  }
  BOOST_TEST(most <= each_second * static_cast<std::size_t>(janitor_tick / std::chrono::seconds(1)));
  pass(janitor_tick);
  BOOST_TEST(left(together) == 0U);
}

BOOST_AUTO_TEST_CASE(when_nothing_is_due_it_rests) {
  set(together, now() + std::chrono::hours(1), "later");
  start();
  BOOST_TEST(coordinator().jobs.empty());
  BOOST_TEST(batches() == 0U);
}

BOOST_AUTO_TEST_CASE(what_failed_together_is_tried_alone) {
  for (const auto* object : {"a", "bad", "c", "d"}) set(together, now(), object);
  node.answers = [&](const shared_command& what) {
    return as_batch(what).has("bad") ? domain::fail(error_code::integrity, "never") : decide_at_once(open(), *what);
  };
  start();
  BOOST_TEST(left(together) == 4U);
  pass_in_steps(janitor_tick, 4);
  BOOST_TEST(left(together) == 1U);
}

BOOST_AUTO_TEST_CASE(what_could_not_be_served_for_the_moment_stays_together_and_does_not_insist) {
  set_many(together, 4 * deadlines_together_max);
  node.answers = [](const shared_command&) -> outcome { return domain::fail(error_code::overloaded, "not now"); };
  start();
  BOOST_TEST(batches() == 1U);
  node.answers = nullptr;
  pass_in_steps(janitor_tick, 4);
  BOOST_TEST(left(together) == 0U);
  BOOST_TEST(batches() == 5U);
}

BOOST_AUTO_TEST_CASE(a_metric_says_how_old_the_oldest_is_that_is_due_and_not_yet_met) {
  set("first", now() - std::chrono::hours(1), "a");
  set("first", now() - std::chrono::minutes(1), "b");
  set("second", right_away, "nobody knows since when");
  set("third", now() + std::chrono::hours(1), "not yet due");
  node.answers = [](const shared_command&) -> outcome { return domain::fail(error_code::io, "not today"); };
  start();
  BOOST_TEST(metrics_text().contains("elsec_deadlines_behind_seconds{kind=\"first\"} 3600\n"));
  BOOST_TEST(metrics_text().contains("elsec_deadlines_behind_seconds{kind=\"second\"} 0\n"));
  BOOST_TEST(metrics_text().contains("elsec_deadlines_behind_seconds{kind=\"third\"} 0\n"));
  node.answers = nullptr;
  pass_in_steps(janitor_tick, 2);
  BOOST_TEST(metrics_text().contains("elsec_deadlines_behind_seconds{kind=\"first\"} 0\n"));
}

BOOST_AUTO_TEST_CASE(as_many_as_were_dated_by_a_wrong_clock_are_met_without_waiting_for_a_tick) {
  for (int i = 0; i < 100; ++i) set("long", now() + std::chrono::days(3), std::to_string(i));
  start();
  BOOST_TEST(left("long") == 0U);
  BOOST_TEST(sent("long") == 100U);
}

BOOST_AUTO_TEST_CASE(as_many_damaged_rows_as_are_old_are_forgotten_without_waiting_for_a_tick) {
  const auto at = now() - damaged_kept - std::chrono::days(1);
  storage::change_set damaging, taking;
  for (std::size_t i = 0; i < 2 * janitor_batch + 1; ++i) {
    const auto key = "row " + std::to_string(i);
    damaging.put(wear::damaged(storage::tables::peer_kinds), key, {});
    taking.take_out_damaged(storage::tables::peer_kinds, key, crypto::new_id<domain::damage_id>(at), at);
  }
  commit(damaging);
  commit(taking);
  BOOST_TEST(read().rows_of(storage::tables::damaged.name).value() == 2 * janitor_batch + 1);
  start();
  BOOST_TEST(read().rows_of(storage::tables::damaged.name).value() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(janitor_beside_users, busy_node)

BOOST_AUTO_TEST_CASE(a_users_command_waits_behind_one_batch_at_most) {
  std::size_t commits = 0, asked_at = 0, decided_at = 0;
  open().committing = [&] {
    if (++commits != 5) return;
    asked_at = commits;
    ask(all, "user", as_command(that([&](const facts& given) {
          decided_at = commits;
          return one_more(given);
        })));
  };
  tell(inside().with->janitor, wake_atom_v);
  pass(due_look_interval);
  BOOST_TEST(told("user") == "1");
  BOOST_TEST(asked_at == 5U);
  BOOST_TEST(decided_at <= asked_at + 2);
  BOOST_TEST(commits > rows / deadlines_together_max);
  BOOST_TEST(commits < rows / deadlines_together_max + 10);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::actors::testing
