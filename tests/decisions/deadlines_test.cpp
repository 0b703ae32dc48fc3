// Deadlines that are put off, and those that were dated by a clock that has been set back since.

#include "decisions/deadlines.hpp"

#include "tests/decisions/support.hpp"

using namespace elsec;
using namespace elsec::decisions;

namespace {

constexpr auto start = domain::time_point(std::chrono::milliseconds(1'795'000'000'000));
constexpr std::string_view kind = "kind";

storage::deadline_row row_after(std::uint32_t attempts) {
  return {std::string(kind), test::organisation(1), "object", attempts};
}

struct put_aside : test::temporary_store {
  [[nodiscard]] std::vector<std::pair<domain::time_point, storage::deadline_row>> rows() const {
    std::vector<std::pair<domain::time_point, storage::deadline_row>> all;
    const auto walked = read().scan(storage::tables::due, deadline_prefix(kind), {}, storage::direction::forward,
                                    [&](std::string_view key, domain::result<storage::deadline_row>&& row) {
                                      all.emplace_back(time_of_deadline(key, kind), std::move(row.value()));
                                      return true;
                                    });
    BOOST_REQUIRE(walked.has_value());
    return all;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(deadlines_put_off, put_aside)

BOOST_AUTO_TEST_CASE(the_wait_doubles_from_seconds_up_to_an_hour) {
  BOOST_CHECK(wait_after(0) == put_off_first);
  for (std::uint32_t i = 1; i < 10; ++i) BOOST_CHECK(wait_after(i) == 2 * wait_after(i - 1));
  BOOST_CHECK(wait_after(10) == put_off_longest);
  BOOST_CHECK(wait_after(4'000'000'000) == put_off_longest);
}

BOOST_AUTO_TEST_CASE(what_is_put_off_stands_at_a_later_time_and_nowhere_else) {
  storage::change_set changes;
  set_deadline(changes, {kind, start, test::organisation(1), "object"});
  commit(changes);
  changes = {};
  BOOST_TEST(put_off(changes, start, row_after(0), start + std::chrono::hours(1)));
  commit(changes);
  const auto all = rows();
  BOOST_REQUIRE(all.size() == 1U);
  const auto& [at, row] = all.front();
  BOOST_CHECK(at == start + std::chrono::hours(1) + put_off_first);
  BOOST_TEST(row.attempts == 1U);
  BOOST_TEST(row.kind == kind);
  BOOST_TEST(row.object == "object");
  BOOST_TEST(row.organisation_id.str() == test::organisation(1).str());
}

// Each attempt by the row that the one before has left.
BOOST_AUTO_TEST_CASE(after_seven_days_of_waiting_it_is_put_off_no_longer) {
  auto at = start;
  auto now = start;
  storage::change_set changes;
  set_deadline(changes, {kind, at, test::organisation(1), "object"});
  commit(changes);
  std::chrono::milliseconds last_wait{0};
  for (auto row = row_after(0);; row = rows().front().second) {
    changes = {};
    if (!put_off(changes, at, row, now)) break;
    commit(changes);
    BOOST_REQUIRE(rows().size() == 1U);
    at = rows().front().first;
    BOOST_CHECK(at - now >= last_wait);
    last_wait = at - now;
    now = at;
    BOOST_REQUIRE(now < start + std::chrono::hours(24 * 8));
  }
  BOOST_CHECK(now >= start + put_off_altogether);
  BOOST_CHECK(now < start + put_off_altogether + put_off_longest);
  BOOST_TEST(changes.writes().size() == 0U);  // left to whoever lets it fail
}

// A node that was off for weeks goes on where it was: what has not been tried has not failed.
BOOST_AUTO_TEST_CASE(time_without_power_does_not_count) {
  storage::change_set changes;
  BOOST_TEST(put_off(changes, start, row_after(3), start + std::chrono::hours(24 * 30)));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(deadlines_misdated)

BOOST_AUTO_TEST_CASE(a_new_one_lies_at_most_as_far_ahead_as_its_kind_says) {
  using std::chrono::minutes;
  BOOST_TEST(!is_misdated(start + minutes(10), row_after(0), start, minutes(10)));
  BOOST_TEST(is_misdated(start + minutes(10) + std::chrono::milliseconds(1), row_after(0), start, minutes(10)));
}

BOOST_AUTO_TEST_CASE(one_that_was_put_off_lies_at_most_as_far_ahead_as_its_wait) {
  const auto wait = wait_after(4);
  BOOST_TEST(!is_misdated(start + wait, row_after(5), start, std::chrono::milliseconds(0)));
  BOOST_TEST(is_misdated(start + wait + std::chrono::milliseconds(1), row_after(5), start, std::chrono::hours(10)));
}

BOOST_AUTO_TEST_CASE(what_is_due_right_away_is_due_whatever_the_clock_says) {
  const auto key = key_of({kind, right_away, test::organisation(1), "object"});
  BOOST_CHECK(time_of_deadline(key, kind) == right_away);
  BOOST_CHECK(right_away <= domain::time_point(std::chrono::milliseconds(0)));
}

BOOST_AUTO_TEST_CASE(a_key_tells_its_organisation_and_where_those_of_it_end) {
  const auto key_with = [](std::uint8_t organisation, const std::string& object) {
    return key_of({kind, start, test::organisation(organisation), object});
  };
  const auto key = key_with(1, "doc_1");
  BOOST_TEST(organisation_of_deadline(key, kind) == test::organisation(1).str());
  BOOST_TEST((beyond_organisation(key, kind) > key_with(1, "zzz")));
  BOOST_TEST((beyond_organisation(key, kind) < key_with(2, "doc_1")));
  BOOST_TEST(organisation_of_deadline("short", kind).empty());
}

BOOST_AUTO_TEST_SUITE_END()
