#include "tests/storage/support.hpp"

namespace elsec::storage::testing {
namespace {

const table<text_value>& where = tables::received_dispatches;

std::string row_key(std::uint8_t organisation, std::uint8_t row) {
  return key_of(org(organisation), id<domain::dispatch_id>(row));
}

change_set putting(const std::string& key, const std::string& value) {
  change_set changes;
  changes.put(where, key, {value});
  return changes;
}

change_set inserting(const std::string& key, const std::string& value, error_code on_conflict = error_code::conflict) {
  change_set changes;
  changes.insert(where, key, {value}, on_conflict);
  return changes;
}

change_set publishing(std::uint8_t organisation) {
  change_set changes;
  changes.publish(org(organisation), {.type = std::string(domain::document_received)});
  return changes;
}

change_set sending(const std::string& peer) {
  change_set changes;
  changes.send(peer, {.kind = "transfer"});
  return changes;
}

std::vector<std::uint64_t> positions(const store& in, std::string_view table_name, const std::string& prefix) {
  std::vector<std::uint64_t> found;
  const auto view = in.read();
  const auto walked = view->scan_keys(table_name, prefix, "", direction::forward, [&](std::string_view key) {
    found.push_back(trailing_number(key));
    return true;
  });
  BOOST_TEST(walked.has_value());
  return found;
}

std::uint64_t usage_of(const store& in, std::uint8_t organisation) {
  const auto row = get(in, tables::usage, org(organisation).str()).value();
  return row ? row->value : 0;
}

bool failed_with(const domain::result<committed>& result, error_code code) {
  return !result && result.error().code == code;
}

using numbers = std::vector<std::uint64_t>;

}  // namespace

BOOST_AUTO_TEST_SUITE(a_commit)

BOOST_AUTO_TEST_CASE(is_counted_for_the_rows_it_wrote_and_no_other_table) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  const auto key = row_key(1, 1);
  const auto before = store->changes_of(where.name, key);
  const auto credentials = store->changes_of(tables::credentials.name, key);
  must_commit(*store, putting(key, "first"));
  BOOST_TEST(store->changes_of(where.name, key) == before + 1);
  // A refused change set writes nothing.
  BOOST_REQUIRE(!commit_one(*store, inserting(key, "again")).has_value());
  BOOST_TEST(store->changes_of(where.name, key) == before + 1);
  BOOST_TEST(store->changes_of(tables::credentials.name, key) == credentials);
  BOOST_TEST(store->changes_of("no such table", key) == 0U);
}

BOOST_AUTO_TEST_CASE(is_counted_for_few_of_the_rows_it_did_not_write) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  const auto counts = [&] {
    std::vector<std::uint64_t> all;
    for (int i = 0; i < 1'000; ++i) all.push_back(store->changes_of(where.name, row_key(2, 1) + std::to_string(i)));
    return all;
  };
  const auto before = counts();
  must_commit(*store, putting(row_key(1, 1), "first"));
  const auto after = counts();
  std::size_t changed = 0;
  for (std::size_t i = 0; i < before.size(); ++i)
    if (before[i] != after[i]) ++changed;
  BOOST_TEST(changed < 50U);
}

BOOST_AUTO_TEST_CASE(takes_effect_with_every_part_of_its_change_set) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  auto changes = putting(row_key(1, 1), "one");
  changes.put(where, row_key(1, 2), {"two"});
  changes.send("north", {.kind = "transfer", .id = "7", .body = {1, 2, 3}});
  changes.publish(org(1), {.type = std::string(domain::dispatch_updated), .state = "delivered"});
  changes.add_usage(org(1), 500);
  const auto done = commit_one(*store, changes);
  BOOST_REQUIRE(done.has_value());
  BOOST_TEST(text_at(*store, row_key(1, 2)) == "two");
  const auto sent = get(*store, tables::outbox, key_of(std::string("north"), '\0', big_endian(1))).value();
  BOOST_REQUIRE(sent.has_value());
  BOOST_TEST((sent->body == domain::bytes{1, 2, 3}));
  const auto event = get(*store, tables::feed, key_of(org(1), big_endian(1))).value();
  BOOST_REQUIRE(event.has_value());
  BOOST_TEST(event->state.value() == "delivered");
  BOOST_TEST(usage_of(*store, 1) == 500U);
}

BOOST_AUTO_TEST_CASE(leaves_nothing_of_a_refused_change_set) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  must_commit(*store, putting(row_key(1, 9), "taken"));
  auto changes = putting(row_key(1, 1), "half");
  changes.found(org(3));
  changes.send("north", {});
  changes.publish(org(1), {});
  changes.add_usage(org(1), 5);
  changes.insert(where, row_key(1, 9), {"new"});
  BOOST_TEST(failed_with(commit_one(*store, changes), error_code::conflict));
  BOOST_TEST(text_at(*store, row_key(1, 1)) == "nothing");
  BOOST_TEST(text_at(*store, row_key(1, 9)) == "taken");
  BOOST_TEST(store->tenant_key(org(3)).has_value() == false);
  BOOST_TEST(positions(*store, "outbox", "") == numbers{});
  BOOST_TEST(positions(*store, "feed", "") == numbers{});
  BOOST_TEST(usage_of(*store, 1) == 0U);
}

BOOST_AUTO_TEST_CASE(refuses_only_the_offenders_of_a_batch_each_with_its_own_error) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  must_commit(*store, putting(row_key(1, 9), "taken"));
  const auto results =
      commit_all(*store, {putting(row_key(1, 1), "first"), inserting(row_key(1, 9), "x", error_code::email_in_use),
                          putting(row_key(2, 1), "second"), founding(org(1)), putting(row_key(9, 1), "nobody's"),
                          putting(row_key(1, 2), "last")});
  BOOST_REQUIRE(results.size() == 6U);
  BOOST_TEST(results[0].has_value());
  BOOST_TEST(failed_with(results[1], error_code::email_in_use));
  BOOST_TEST(results[2].has_value());
  BOOST_TEST(failed_with(results[3], error_code::conflict));
  BOOST_TEST(failed_with(results[4], error_code::not_found));
  BOOST_TEST(results[5].has_value());
  BOOST_TEST(text_at(*store, row_key(1, 1)) == "first");
  BOOST_TEST(text_at(*store, row_key(2, 1)) == "second");
  BOOST_TEST(text_at(*store, row_key(1, 2)) == "last");
  BOOST_TEST(text_at(*store, row_key(1, 9)) == "taken");
}

BOOST_AUTO_TEST_CASE(of_nothing_but_offenders_changes_nothing) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  const auto results = commit_all(*store, {founding(org(1)), founding(org(2))});
  BOOST_REQUIRE(results.size() == 2U);
  BOOST_TEST(failed_with(results[0], error_code::conflict));
  BOOST_TEST(failed_with(results[1], error_code::conflict));
}

BOOST_AUTO_TEST_CASE(of_an_empty_batch_gives_no_result) {
  const temp_folder folder;
  BOOST_TEST(commit_all(*open_store(folder), {}).empty());
}

BOOST_AUTO_TEST_CASE(lets_the_first_of_two_inserts_in_a_batch_win) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  const auto results = commit_all(*store, {inserting(row_key(1, 1), "a"), inserting(row_key(1, 1), "b")});
  BOOST_TEST(results[0].has_value());
  BOOST_TEST(failed_with(results[1], error_code::conflict));
  BOOST_TEST(text_at(*store, row_key(1, 1)) == "a");
}

BOOST_AUTO_TEST_CASE(sees_the_earlier_writes_of_the_same_change_set) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  must_commit(*store, putting(row_key(1, 1), "old"));
  change_set replaced;
  replaced.erase(where, row_key(1, 1));
  replaced.insert(where, row_key(1, 1), {"new"});
  BOOST_TEST(commit_one(*store, replaced).has_value());
  BOOST_TEST(text_at(*store, row_key(1, 1)) == "new");
  change_set twice;
  twice.insert(where, row_key(1, 2), {"a"});
  twice.insert(where, row_key(1, 2), {"b"});
  BOOST_TEST(failed_with(commit_one(*store, twice), error_code::conflict));
  change_set put_and_erased = putting(row_key(1, 3), "gone");
  put_and_erased.erase(where, row_key(1, 3));
  BOOST_TEST(commit_one(*store, put_and_erased).has_value());
  BOOST_TEST(text_at(*store, row_key(1, 3)) == "nothing");
}

BOOST_AUTO_TEST_CASE(erases_a_row_and_does_not_mind_one_that_is_not_there) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  must_commit(*store, putting(row_key(1, 1), "x"));
  change_set changes;
  changes.erase(where, row_key(1, 1));
  changes.erase(where, row_key(1, 2));
  BOOST_TEST(commit_one(*store, changes).has_value());
  BOOST_TEST(text_at(*store, row_key(1, 1)) == "nothing");
}

BOOST_AUTO_TEST_CASE(gives_a_new_tenant_its_key_in_the_change_set_that_founds_it) {
  const temp_folder folder;
  const auto store = open_store(folder);
  auto changes = founding(org(5));
  changes.put(where, row_key(5, 1), {"first row"});
  const auto results = commit_all(*store, {changes, putting(row_key(5, 2), "next in the batch")});
  BOOST_TEST(results[0].has_value());
  BOOST_TEST(results[1].has_value());
  BOOST_TEST(text_at(*store, row_key(5, 1)) == "first row");
  BOOST_TEST(text_at(*store, row_key(5, 2)) == "next in the batch");
}

BOOST_AUTO_TEST_CASE(refuses_keys_that_no_row_can_have) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  const auto with_key = [](std::string key) {
    change_set changes;
    changes.put(tables::cards_by_term, std::move(key), {});
    return changes;
  };
  BOOST_TEST(commit_one(*store, with_key(std::string(lmdb::key_bytes_max, 'k'))).has_value());
  BOOST_TEST(failed_with(commit_one(*store, with_key(std::string(lmdb::key_bytes_max + 1, 'k'))), error_code::invalid));
  BOOST_TEST(failed_with(commit_one(*store, with_key("")), error_code::invalid));
  BOOST_TEST(failed_with(commit_one(*store, putting("short", "x")), error_code::not_found));
}

BOOST_AUTO_TEST_CASE(keeps_the_stores_own_tables_to_the_store) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  change_set key, meta;
  key.erase(tables::tenant_keys, org(1).str());
  meta.put(tables::meta, "schema", {"99"});
  BOOST_TEST(failed_with(commit_one(*store, key), error_code::internal));
  BOOST_TEST(failed_with(commit_one(*store, meta), error_code::internal));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(positions_of_feed_and_outbox)

BOOST_AUTO_TEST_CASE(follow_each_other_without_a_gap_also_after_refusals) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  must_commit(*store, putting(row_key(1, 9), "taken"));
  auto refused = publishing(1);
  refused.send("north", {});
  refused.insert(where, row_key(1, 9), {"x"});
  const auto results = commit_all(
      *store, {publishing(1), refused, publishing(1), sending("north"), refused, sending("north"), publishing(2)});
  BOOST_TEST(failed_with(results[1], error_code::conflict));
  BOOST_TEST(failed_with(results[4], error_code::conflict));
  must_commit(*store, publishing(1));
  BOOST_TEST(positions(*store, "feed", org(1).str()) == (numbers{1, 2, 3}));
  BOOST_TEST(positions(*store, "feed", org(2).str()) == (numbers{1}));
  BOOST_TEST(positions(*store, "outbox", key_of(std::string("north"), '\0')) == (numbers{1, 2}));
}

BOOST_AUTO_TEST_CASE(go_on_after_a_restart_and_after_their_rows_are_gone) {
  const temp_folder folder;
  {
    const auto store = open_with_tenants(folder);
    must_commit(*store, sending("north"));
    must_commit(*store, sending("north"));
    change_set acknowledged;
    for (std::uint64_t i = 1; i <= 2; ++i)
      acknowledged.erase(tables::outbox, key_of(std::string("north"), '\0', big_endian(i)));
    must_commit(*store, acknowledged);
  }
  const auto store = open_store(folder);
  must_commit(*store, sending("north"));
  BOOST_TEST(positions(*store, "outbox", "") == (numbers{3}));
}

BOOST_AUTO_TEST_CASE(are_told_to_the_one_who_committed) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  auto changes = publishing(1);
  changes.publish(org(1), {});
  changes.publish(org(2), {});
  changes.send("north", {});
  changes.send("south", {});
  changes.send("north", {});
  const auto done = commit_one(*store, changes);
  BOOST_REQUIRE(done.has_value());
  BOOST_TEST(done->peers == (std::vector<std::string>{"north", "south"}));
  BOOST_REQUIRE(done->feeds.size() == 2U);
  BOOST_TEST((done->feeds[0] == std::pair(org(1), std::uint64_t{2})));
  BOOST_TEST((done->feeds[1] == std::pair(org(2), std::uint64_t{1})));
}

BOOST_AUTO_TEST_CASE(of_one_peer_cannot_be_reached_by_the_name_of_another) {
  const temp_folder folder;
  const auto store = open_store(folder);
  BOOST_TEST(failed_with(commit_one(*store, sending("")), error_code::internal));
  BOOST_TEST(failed_with(commit_one(*store, sending(std::string("a\0b", 3))), error_code::internal));
}

BOOST_AUTO_TEST_CASE(usage_adds_up_and_never_falls_below_nothing) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  const auto adding = [](std::int64_t bytes) {
    change_set changes;
    changes.add_usage(org(1), bytes);
    return changes;
  };
  commit_all(*store, {adding(100), adding(50), adding(-30)});
  BOOST_TEST(usage_of(*store, 1) == 120U);
  BOOST_TEST(usage_of(*store, 2) == 0U);
  must_commit(*store, adding(INT64_MIN));
  BOOST_TEST(usage_of(*store, 1) == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_change_set)

BOOST_AUTO_TEST_CASE(counts_the_bytes_of_its_rows_and_envelopes) {
  change_set changes;
  BOOST_TEST(changes.size_bytes() == 0U);
  changes.put(where, row_key(1, 1), {std::string(1'000, 'x')});
  BOOST_TEST(changes.size_bytes() > 1'000U);
  const auto before = changes.size_bytes();
  changes.send("north", {.body = domain::bytes(5'000)});
  BOOST_TEST(changes.size_bytes() > before + 5'000);
  BOOST_TEST(changes.size_bytes() < 8'000U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_snapshot)

BOOST_AUTO_TEST_CASE(shows_what_was_there_when_it_was_taken) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  must_commit(*store, putting(row_key(1, 1), "before"));
  const auto before = store->read();
  must_commit(*store, putting(row_key(1, 1), "after"));
  BOOST_TEST(before->get(where, row_key(1, 1)).value()->value == "before");
  BOOST_TEST(text_at(*store, row_key(1, 1)) == "after");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::storage::testing
