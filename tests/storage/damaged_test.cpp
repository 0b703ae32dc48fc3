// What cannot be read any more keeps nothing waiting: rows leave their tables, counters are counted again.

#include "tests/storage/support.hpp"

namespace elsec::storage::testing {
namespace {

constexpr auto garbage = "garbage";

domain::damage_id damage(std::uint8_t which) { return id<domain::damage_id>(which); }

struct with_damage {
  temp_folder folder{temp_folder::in_memory()};
  std::unique_ptr<storage::store> state = open_with_tenants(folder);

  // Behind the store's back.
  void spoil(std::string_view table_name, const std::string& key) {
    state.reset();
    raw_environment(folder.in("state")).put(table_name, key, garbage);
    state = open_as_it_is(folder);
  }
  [[nodiscard]] domain::result<committed> commit(const change_set& changes) const {
    return commit_one(*state, changes);
  }
  [[nodiscard]] std::uint64_t count(const table<number>& counters, const std::string& key) const {
    return state->read()->count(counters, key).value();
  }
  [[nodiscard]] bool is_there(std::string_view table_name, const std::string& key) const {
    return state->read()->contains(table_name, key).value();
  }
  void send(int envelopes, change_set::reader whom = change_set::reader::every_node) const {
    change_set changes;
    for (int i = 0; i < envelopes; ++i) changes.send("north", {.kind = "letter", .id = std::to_string(i)}, whom);
    must_commit(*state, changes);
  }
  void store_document(std::uint8_t which, std::uint64_t size) const {
    change_set changes;
    domain::document_row row;
    row.id = id<domain::document_id>(which);
    row.size = size;
    changes.put(tables::documents, key_of(org(1), row.id), row);
    changes.add_usage(org(1), static_cast<std::int64_t>(size));
    must_commit(*state, changes);
  }
};

std::string sequence_key(std::uint64_t number) { return key_of(std::string("north"), '\0', big_endian(number)); }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_damaged_row, with_damage)

BOOST_AUTO_TEST_CASE(leaves_its_table_as_it_lay_there) {
  send(2);
  spoil(tables::outbox.name, sequence_key(1));
  change_set changes;
  changes.take_out_damaged(tables::outbox, sequence_key(1), damage(1), {});
  BOOST_REQUIRE(commit(changes).has_value());
  BOOST_TEST(!is_there(tables::outbox.name, sequence_key(1)));
  BOOST_TEST(is_there(tables::outbox.name, sequence_key(2)));
  const auto row = get(*state, tables::damaged, damage(1).str()).value();
  BOOST_REQUIRE(row.has_value());
  BOOST_TEST(row->table == tables::outbox.name);
  BOOST_TEST(std::string(row->key.begin(), row->key.end()) == sequence_key(1));
  BOOST_TEST(std::string(row->sealed.begin(), row->sealed.end()) == garbage);
}

BOOST_AUTO_TEST_CASE(makes_way_for_what_the_same_change_set_writes_there) {
  send(1);
  spoil(tables::outbox.name, sequence_key(1));
  change_set changes;
  changes.take_out_damaged(tables::outbox, sequence_key(1), damage(1), {});
  changes.put(tables::outbox, sequence_key(1), {.kind = "nothing"});
  BOOST_REQUIRE(commit(changes).has_value());
  BOOST_TEST(get(*state, tables::outbox, sequence_key(1)).value()->kind == "nothing");
}

BOOST_AUTO_TEST_CASE(that_can_be_read_after_all_stays_where_it_is) {
  send(1);
  change_set changes;
  changes.take_out_damaged(tables::outbox, sequence_key(1), damage(1), {});
  BOOST_CHECK(commit(changes).error().code == error_code::conflict);
  BOOST_TEST(is_there(tables::outbox.name, sequence_key(1)));
}

BOOST_AUTO_TEST_CASE(that_is_gone_is_taken_out_by_nobody) {
  change_set changes;
  changes.take_out_damaged(tables::outbox, sequence_key(1), damage(1), {});
  BOOST_CHECK(commit(changes).error().code == error_code::conflict);
}

BOOST_AUTO_TEST_CASE(that_was_set_aside_counts_no_longer_among_those_that_wait) {
  send(2, change_set::reader::whoever_understands);
  const auto key = key_of(std::string("north"), '\0', "letter", '\0', big_endian(1));
  spoil(tables::set_aside.name, key);
  change_set changes;
  changes.take_out_damaged(tables::set_aside, key, damage(1), {});
  BOOST_REQUIRE(commit(changes).has_value());
  BOOST_TEST(count(tables::counters, "aside/north/letter") == 1U);
}

BOOST_AUTO_TEST_CASE(is_forgotten_when_that_is_asked_for) {
  send(1);
  spoil(tables::outbox.name, sequence_key(1));
  change_set changes;
  changes.take_out_damaged(tables::outbox, sequence_key(1), damage(1), {});
  BOOST_REQUIRE(commit(changes).has_value());
  change_set forgetting;
  forgetting.forget_damaged(damage(1));
  BOOST_REQUIRE(commit(forgetting).has_value());
  BOOST_TEST(state->read()->rows_of(tables::damaged.name).value() == 0U);
}

BOOST_AUTO_TEST_CASE(keeps_no_more_of_a_value_than_its_bound) {
  state.reset();
  raw_environment(folder.in("state")).put(tables::outbox.name, sequence_key(1), std::string(100'000, 'x'));
  state = open_as_it_is(folder);
  change_set changes;
  changes.take_out_damaged(tables::outbox, sequence_key(1), damage(1), {});
  BOOST_REQUIRE(commit(changes).has_value());
  BOOST_TEST(get(*state, tables::damaged, damage(1).str()).value()->sealed.size() == damaged_bytes_max);
}

BOOST_AUTO_TEST_CASE(makes_the_oldest_go_when_there_are_as_many_as_are_kept) {
  state.reset();
  {
    raw_environment raw(folder.in("state"));
    for (std::size_t i = 0; i < damaged_rows_max; ++i) raw.put(tables::damaged.name, "a" + big_endian(i), garbage);
    raw.put(tables::outbox.name, sequence_key(1), garbage);
  }
  state = open_as_it_is(folder);
  change_set changes;
  changes.take_out_damaged(tables::outbox, sequence_key(1), damage(1), {});
  BOOST_REQUIRE(commit(changes).has_value());
  BOOST_TEST(state->read()->rows_of(tables::damaged.name).value() == damaged_rows_max);
  BOOST_TEST(!is_there(tables::damaged.name, "a" + big_endian(0)));
  BOOST_TEST(is_there(tables::damaged.name, damage(1).str()));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(a_damaged_counter, with_damage)

BOOST_AUTO_TEST_CASE(of_an_outbox_gives_the_next_number_after_the_last_row) {
  send(3);
  spoil(tables::counters.name, "outbox/north");
  BOOST_TEST(count(tables::counters, "outbox/north") == 3U);
  send(1);
  BOOST_TEST(is_there(tables::outbox.name, sequence_key(4)));
  BOOST_TEST(count(tables::counters, "outbox/north") == 4U);
}

BOOST_AUTO_TEST_CASE(of_an_outbox_that_is_empty_gives_no_acknowledged_number_again) {
  send(2);
  change_set trimmed;
  for (const auto number : {1, 2}) trimmed.erase(tables::outbox, sequence_key(static_cast<std::uint64_t>(number)));
  trimmed.put(tables::outbox_marks, "north", {.epoch = "e", .acknowledged = 2});
  must_commit(*state, trimmed);
  spoil(tables::counters.name, "outbox/north");
  send(1);
  BOOST_TEST(is_there(tables::outbox.name, sequence_key(3)));
}

BOOST_AUTO_TEST_CASE(of_an_outbox_is_an_error_when_nothing_is_left_to_count_it_from) {
  send(1);
  change_set trimmed;
  trimmed.erase(tables::outbox, sequence_key(1));
  must_commit(*state, trimmed);
  spoil(tables::counters.name, "outbox/north");
  spoil(tables::outbox_marks.name, "north");
  change_set changes;
  changes.send("north", {});
  BOOST_CHECK(commit(changes).error().code == error_code::integrity);
}

BOOST_AUTO_TEST_CASE(of_a_feed_gives_the_next_position_after_the_last_event) {
  change_set changes;
  for (int i = 0; i < 3; ++i) changes.publish(org(1), {.type = std::string(domain::document_received)});
  must_commit(*state, changes);
  spoil(tables::counters.name, "feed/" + org(1).str());
  const auto given = commit(changes);
  BOOST_REQUIRE(given.has_value());
  BOOST_TEST(given->feeds.front().second == 6U);
}

BOOST_AUTO_TEST_CASE(of_what_is_set_aside_counts_those_of_its_kind) {
  send(3, change_set::reader::whoever_understands);
  spoil(tables::counters.name, "aside/north/letter");
  spoil(tables::counters.name, "aside/north");
  BOOST_TEST(count(tables::counters, "aside/north/letter") == 3U);
  BOOST_TEST(count(tables::counters, "aside/north") == 3U);
}

BOOST_AUTO_TEST_CASE(of_stored_bytes_counts_the_documents) {
  store_document(1, 500);
  store_document(2, 700);
  spoil(tables::usage.name, org(1).str());
  BOOST_TEST(count(tables::usage, org(1).str()) == 1'200U);
  store_document(3, 11);
  BOOST_TEST(count(tables::usage, org(1).str()) == 1'211U);
}

BOOST_AUTO_TEST_CASE(of_stored_bytes_leaves_out_what_cannot_be_read) {
  store_document(1, 500);
  store_document(2, 700);
  spoil(tables::documents.name, key_of(org(1), id<domain::document_id>(1)));
  BOOST_TEST(count(tables::usage, org(1).str()) == 1'200U);
  change_set changes;
  changes.recount_usage(org(1));
  must_commit(*state, changes);
  BOOST_TEST(count(tables::usage, org(1).str()) == 700U);
}

BOOST_AUTO_TEST_CASE(of_an_unknown_name_stays_an_error) {
  spoil(tables::counters.name, "else");
  BOOST_CHECK(state->read()->count(tables::counters, "else").error().code == error_code::integrity);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::storage::testing
