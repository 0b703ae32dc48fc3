#include "domain/letter.hpp"

#include "tests/domain/support.hpp"

#include <boost/test/unit_test.hpp>

using namespace elsec::domain;
using elsec::domain_test::at;

namespace {

letter_row preparing() {
  letter_row letter;
  letter.state = letter_state::preparing;
  return letter;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(letters)

BOOST_AUTO_TEST_CASE(G3_a_letter_only_goes_forward) {
  auto letter = *advance(preparing(), letter_state::queued, at(1));
  letter = *advance(letter, letter_state::submitted, at(2));
  BOOST_CHECK(!advance(letter, letter_state::submitted, at(3)).has_value());
  BOOST_CHECK(!advance(letter, letter_state::queued, at(3)).has_value());
  letter = *advance(letter, letter_state::sent, at(4));
  BOOST_TEST(letter.timeline.size() == 3U);
}

BOOST_AUTO_TEST_CASE(G3_a_letter_that_was_sent_or_failed_stays_so) {
  const auto sent = *advance(preparing(), letter_state::sent, at(1));
  BOOST_CHECK(!advance(sent, letter_state::failed, at(2), "late").has_value());
  const auto failed = *advance(preparing(), letter_state::failed, at(1), "cannot be printed");
  BOOST_TEST(*failed.reason == "cannot be printed");
  BOOST_CHECK(!advance(failed, letter_state::sent, at(2)).has_value());
}

BOOST_AUTO_TEST_CASE(R7_sheets_follow_from_pages) {
  BOOST_TEST(sheets_of(1, true) == 1U);
  BOOST_TEST(sheets_of(4, true) == 2U);
  BOOST_TEST(sheets_of(5, true) == 3U);
  BOOST_TEST(sheets_of(5, false) == 5U);
}

BOOST_AUTO_TEST_CASE(a_letter_leaves_after_its_grace_time_and_not_days_later_when_the_clock_was_set_back) {
  using namespace std::chrono_literals;
  const auto now = time_point(1'800'000'000'000ms);
  letter_row queued;
  queued.leaves_at = now + 300s;
  BOOST_TEST(!may_leave(queued, now, 300s));
  BOOST_TEST(!may_leave(queued, now + 299s, 300s));
  BOOST_TEST(may_leave(queued, now + 300s, 300s));
  BOOST_TEST(!may_leave(queued, now - 60s, 300s));
  BOOST_TEST(may_leave(queued, now - 24h, 300s));
}

BOOST_AUTO_TEST_SUITE_END()
