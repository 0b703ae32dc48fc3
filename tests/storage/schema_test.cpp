#include "tests/storage/support.hpp"

namespace elsec::storage::testing {
namespace {

const table<text_value>& migrated = tables::cards_by_version;

// A step that writes down that it ran, and what it found of the step before.
schema::migration noting(std::uint64_t from, const std::string& reads, const std::string& writes) {
  return {from, [=](const snapshot& before) -> domain::result<change_set> {
            const auto row = before.get(migrated, reads);
            if (!row) return std::unexpected(row.error());
            change_set changes;
            changes.insert(migrated, writes, {*row ? (*row)->value + "+" : "start"});
            return changes;
          }};
}

domain::result<std::unique_ptr<store>> open_as(const temp_folder& folder, const schema& shape) {
  return store::open(options_in(folder), master(), shape);
}

std::string version_of(const temp_folder& folder, const schema& shape) {
  const auto opened = open_as(folder, shape);
  return opened ? get(**opened, tables::meta, "schema").value()->value : opened.error().detail;
}

std::string value_of(const store& in, std::string_view key) {
  const auto row = get(in, migrated, key).value();
  return row ? row->value : "nothing";
}

const schema old_one{.version = 1};

// Indexes that are one row, which says what they were made with and from which rows.
schema indexed_with(const std::string& made_with) {
  return {.indexes = schema::index_origin{made_with, [made_with](const snapshot& before) -> domain::result<change_set> {
                                            const auto row = before.get(migrated, "index");
                                            if (!row) return std::unexpected(row.error());
                                            change_set changes;
                                            const auto old = *row ? (*row)->value + ", " : std::string();
                                            changes.put(migrated, "index", {old + made_with});
                                            return changes;
                                          }}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(the_schema)

BOOST_AUTO_TEST_CASE(of_a_fresh_environment_is_the_programs_own_and_needs_no_migration) {
  const temp_folder folder;
  const schema shape{.version = 3, .migrations = {noting(1, "-", "one"), noting(2, "one", "two")}};
  BOOST_TEST(version_of(folder, shape) == "3");
  BOOST_TEST(value_of(*open_as(folder, shape).value(), "one") == "nothing");
}

BOOST_AUTO_TEST_CASE(of_an_older_environment_is_brought_up_step_by_step_in_order_and_once) {
  const temp_folder folder;
  BOOST_REQUIRE(open_as(folder, old_one).has_value());
  const schema shape{.version = 3, .migrations = {noting(2, "one", "two"), noting(1, "-", "one")}};
  BOOST_TEST(version_of(folder, shape) == "3");
  BOOST_TEST(version_of(folder, shape) == "3");  // a step that ran twice would meet its own insert
  const auto store = open_as(folder, shape).value();
  BOOST_TEST(value_of(*store, "one") == "start");
  BOOST_TEST(value_of(*store, "two") == "start+");
}

BOOST_AUTO_TEST_CASE(goes_on_where_a_failed_migration_stopped) {
  const temp_folder folder;
  BOOST_REQUIRE(open_as(folder, old_one).has_value());
  const auto failing = [](const snapshot&) -> domain::result<change_set> {
    return domain::fail(error_code::integrity, "no");
  };
  const auto stopped = open_as(folder, {.version = 3, .migrations = {noting(1, "-", "one"), {2, failing}}});
  BOOST_REQUIRE(!stopped.has_value());
  BOOST_TEST((stopped.error().code == error_code::integrity));
  BOOST_TEST(version_of(folder, {.version = 2}) == "2");
  const schema repaired{.version = 3, .migrations = {noting(1, "-", "one"), noting(2, "one", "two")}};
  BOOST_TEST(version_of(folder, repaired) == "3");
  BOOST_TEST(value_of(*open_as(folder, repaired).value(), "two") == "start+");
}

BOOST_AUTO_TEST_CASE(newer_than_the_program_is_refused_and_left_as_it_is) {
  const temp_folder folder;
  BOOST_REQUIRE(open_as(folder, {.version = 5}).has_value());
  const auto refused = open_as(folder, {.version = 4});
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == error_code::invalid));
  BOOST_TEST(version_of(folder, {.version = 5}) == "5");
}

// Values had no stamp at their end.
BOOST_AUTO_TEST_CASE(before_version_6_is_told_from_a_wrong_key) {
  const temp_folder folder;
  open_store(folder).reset();
  raw_environment(folder.in("state")).put(tables::meta.name, "schema", [&] {
    const auto stored = raw_environment(folder.in("state")).get(tables::meta.name, "schema");
    return stored.substr(0, stored.size() - 8);
  }());
  const auto refused = store::open(options_in(folder), master());
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == error_code::invalid));
  BOOST_TEST(refused.error().detail.contains("an older version of this program"));
  const auto other_key = store::open(options_in(folder), key_of_byte(8));
  BOOST_REQUIRE(!other_key.has_value());
  BOOST_TEST(other_key.error().detail.contains("the master key does not fit"));
}

BOOST_AUTO_TEST_CASE(too_old_for_the_program_is_refused) {
  const temp_folder folder;
  BOOST_REQUIRE(open_as(folder, old_one).has_value());
  const auto refused = open_as(folder, {.version = 3, .migrations = {noting(2, "-", "two")}});
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == error_code::invalid));
  BOOST_TEST(refused.error().detail.contains("schema version 1"));
}

BOOST_AUTO_TEST_CASE(has_indexes_made_anew_when_they_were_made_with_something_else_and_only_then) {
  const temp_folder folder;
  BOOST_REQUIRE(open_as(folder, {}).has_value());
  for (const auto* origin : {"72", "72", "73", "73", "72"})
    BOOST_REQUIRE(open_as(folder, indexed_with(origin)).has_value());
  BOOST_TEST(value_of(*open_as(folder, indexed_with("72")).value(), "index") == "72, 73, 72");
}

BOOST_AUTO_TEST_CASE(has_indexes_made_again_when_that_failed) {
  const temp_folder folder;
  auto failing = indexed_with("73");
  failing.indexes->remake = [](const snapshot&) -> domain::result<change_set> {
    return domain::fail(error_code::integrity, "no");
  };
  BOOST_REQUIRE(open_as(folder, indexed_with("72")).has_value());
  BOOST_REQUIRE(!open_as(folder, failing).has_value());
  BOOST_TEST(value_of(*open_as(folder, indexed_with("73")).value(), "index") == "72, 73");
}

BOOST_AUTO_TEST_CASE(leads_from_every_version_that_is_read_to_this_programs_own) {
  const auto current = current_schema();
  BOOST_TEST(current.version == schema_version);
  for (std::uint64_t version = schema_version_oldest; version < current.version; ++version)
    BOOST_TEST((std::ranges::find(current.migrations, version, &schema::migration::from) != current.migrations.end()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::storage::testing
