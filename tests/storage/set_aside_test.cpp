// Envelopes for peers that do not understand their kind yet.

#include "tests/storage/support.hpp"

namespace elsec::storage::testing {
namespace {

using reader = change_set::reader;

struct two_nodes {
  temp_folder folder{temp_folder::in_memory()};
  std::unique_ptr<store> state = open_store(folder);

  void send(const std::string& kind, const std::string& id, reader whom) {
    change_set changes;
    changes.send("north", {.kind = kind, .id = id}, whom);
    BOOST_REQUIRE(commit_one(*state, changes).has_value());
  }
  void understand(const std::string& kind) {
    change_set changes;
    changes.put(tables::peer_kinds, key_of("north", '\0', kind), {});
    BOOST_REQUIRE(commit_one(*state, changes).has_value());
  }
  // The ids of rows, in the order of their keys, and their keys.
  [[nodiscard]] std::vector<std::pair<std::string, outbox_row>> rows(const table<outbox_row>& where) const {
    std::vector<std::pair<std::string, outbox_row>> found;
    const auto walked = state->read()->scan(where, {}, {}, direction::forward,
                                            [&](std::string_view key, domain::result<outbox_row>&& row) {
                                              found.emplace_back(key, std::move(row.value()));
                                              return true;
                                            });
    BOOST_TEST(walked.has_value());
    return found;
  }
  [[nodiscard]] std::string ids(const table<outbox_row>& where) const {
    std::string all;
    for (const auto& [key, row] : rows(where)) all += (all.empty() ? "" : " ") + row.id;
    return all;
  }
  [[nodiscard]] change_set sending_first() const {
    const auto waiting = rows(tables::set_aside);
    BOOST_REQUIRE(!waiting.empty());
    change_set changes;
    changes.send_set_aside("north", waiting.front().first, waiting.front().second);
    return changes;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(setting_aside, two_nodes)

BOOST_AUTO_TEST_CASE(an_envelope_that_its_peer_does_not_understand_takes_no_number) {
  send("new", "a", reader::whoever_understands);
  send("old", "b", reader::every_node);
  BOOST_TEST(ids(tables::set_aside) == "a");
  BOOST_TEST(ids(tables::outbox) == "b");
  BOOST_TEST(trailing_number(rows(tables::outbox).front().first) == 1U);
}

BOOST_AUTO_TEST_CASE(one_that_its_peer_understands_goes_at_once) {
  understand("new");
  send("new", "a", reader::whoever_understands);
  BOOST_TEST(ids(tables::set_aside).empty());
  BOOST_TEST(ids(tables::outbox) == "a");
}

BOOST_AUTO_TEST_CASE(what_another_peer_understands_says_nothing_of_this_one) {
  change_set changes;
  changes.put(tables::peer_kinds, key_of("south", '\0', "new"), {});
  changes.put(tables::peer_kinds, key_of("north", '\0', "news"), {});
  BOOST_REQUIRE(commit_one(*state, changes).has_value());
  send("new", "a", reader::whoever_understands);
  BOOST_TEST(ids(tables::set_aside) == "a");
}

BOOST_AUTO_TEST_CASE(none_overtakes_those_of_its_kind_that_still_wait) {
  send("new", "a", reader::whoever_understands);
  understand("new");
  send("new", "b", reader::whoever_understands);
  BOOST_TEST(ids(tables::set_aside) == "a b");
  BOOST_REQUIRE(commit_one(*state, sending_first()).has_value());
  BOOST_REQUIRE(commit_one(*state, sending_first()).has_value());
  send("new", "c", reader::whoever_understands);
  BOOST_TEST(ids(tables::set_aside).empty());
  BOOST_TEST(ids(tables::outbox) == "a b c");
}

BOOST_AUTO_TEST_CASE(what_was_set_aside_is_sent_once_however_often_that_is_asked) {
  send("new", "a", reader::whoever_understands);
  understand("new");
  const auto again = sending_first();
  BOOST_REQUIRE(commit_one(*state, again).has_value());
  BOOST_REQUIRE(commit_one(*state, again).has_value());
  BOOST_TEST(ids(tables::outbox) == "a");
  send("new", "b", reader::whoever_understands);
  BOOST_TEST(ids(tables::outbox) == "a b");
}

BOOST_AUTO_TEST_CASE(sending_what_was_set_aside_wakes_the_link) {
  send("new", "a", reader::whoever_understands);
  const auto done = commit_one(*state, sending_first());
  BOOST_REQUIRE(done.has_value());
  BOOST_TEST(done->peers == std::vector<std::string>{"north"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_given_up_leaves_no_trace_behind_which_others_would_wait) {
  send("new", "a", reader::whoever_understands);
  understand("new");
  const auto waiting = rows(tables::set_aside);
  change_set changes;
  changes.give_up_set_aside("north", waiting.front().first, waiting.front().second);
  BOOST_REQUIRE(commit_one(*state, changes).has_value());
  BOOST_TEST(ids(tables::set_aside).empty());
  BOOST_TEST(ids(tables::outbox).empty());
  send("new", "b", reader::whoever_understands);
  BOOST_TEST(ids(tables::outbox) == "b");
}

BOOST_AUTO_TEST_CASE(what_was_sent_is_not_given_up_as_well) {
  send("new", "a", reader::whoever_understands);
  const auto waiting = rows(tables::set_aside);
  BOOST_REQUIRE(commit_one(*state, sending_first()).has_value());
  change_set changes;
  changes.give_up_set_aside("north", waiting.front().first, waiting.front().second);
  const auto refused = commit_one(*state, changes);
  BOOST_REQUIRE(!refused.has_value());
  BOOST_CHECK(refused.error().code == error_code::conflict);
}

BOOST_AUTO_TEST_CASE(nobody_else_writes_what_is_set_aside) {
  change_set changes;
  changes.put(tables::set_aside, "north", {});
  const auto refused = commit_one(*state, changes);
  BOOST_REQUIRE(!refused.has_value());
  BOOST_CHECK(refused.error().code == error_code::internal);
}

BOOST_AUTO_TEST_CASE(a_kind_that_would_reach_into_other_rows_is_refused) {
  change_set changes;
  changes.send("north", {.kind = std::string("new\0x", 5)}, reader::whoever_understands);
  BOOST_TEST(!commit_one(*state, changes).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::storage::testing
