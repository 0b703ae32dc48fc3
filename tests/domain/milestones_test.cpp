// A receiver's memory of what it has applied.

#include "domain/milestones.hpp"

#include <boost/test/unit_test.hpp>

namespace domain = elsec::domain;

namespace {

// Of a receiver that applies envelopes up to `newest`, so many at once.
std::vector<domain::milestone> passed_up_to(std::uint64_t newest, std::uint64_t step) {
  std::vector<domain::milestone> passed;
  for (std::uint64_t at = step; at < newest; at += step) domain::pass_milestone(passed, {at, {}}, at + step);
  return passed;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(milestones)

BOOST_AUTO_TEST_CASE(a_million_envelopes_leave_few) { BOOST_TEST(passed_up_to(1'000'000, 1).size() <= 40U); }

BOOST_AUTO_TEST_CASE(they_stand_in_the_order_in_which_they_were_passed) {
  const auto passed = passed_up_to(5'000, 3);
  BOOST_TEST(std::ranges::is_sorted(passed, std::less{}, &domain::milestone::sequence));
  BOOST_TEST(passed.front().sequence == 3U);
}

BOOST_AUTO_TEST_CASE(what_is_sent_again_is_at_most_about_twice_what_is_missing) {
  constexpr std::uint64_t newest = 20'000;
  const auto passed = passed_up_to(newest, 1);
  for (std::uint64_t missing = 1; missing < newest - 1; ++missing) {
    const auto after = std::ranges::upper_bound(passed, newest - missing, std::less{}, &domain::milestone::sequence);
    BOOST_REQUIRE(after != passed.begin());
    BOOST_REQUIRE_LE(newest - std::prev(after)->sequence, 2 * missing + 2);
  }
}

BOOST_AUTO_TEST_SUITE_END()
