// When a link asks again, and how many of its questions are under way.

#include "actors/pacing.hpp"

#include "actors/limits.hpp"

#include <boost/test/unit_test.hpp>

namespace elsec::actors {
namespace {

void answer_often(pacing& pace, int times, pacing::duration took) {
  for (int i = 0; i < times; ++i) pace.answered(took, true);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pacing_of_questions)

BOOST_AUTO_TEST_CASE(it_waits_for_what_was_measured_and_four_times_its_variation) {
  pacing pace;
  BOOST_TEST((pace.repeat_after() == link_repeat_first));
  pace.answered(4s, true);
  BOOST_TEST((pace.repeat_after() == 4s + 4 * 2s));
  answer_often(pace, 100, 4s);
  BOOST_TEST((pace.repeat_after() < 4'500ms));
  BOOST_TEST((pace.repeat_after() >= 4s));
}

BOOST_AUTO_TEST_CASE(it_never_waits_less_or_more_than_its_bounds) {
  pacing quick;
  answer_often(quick, 10, 1ms);
  BOOST_TEST((quick.repeat_after() == link_repeat_min));
  pacing slow;
  answer_often(slow, 10, 5min);
  BOOST_TEST((slow.repeat_after() == link_repeat_max));
}

BOOST_AUTO_TEST_CASE(a_wait_that_was_too_short_doubles_until_an_answer_can_be_measured) {
  pacing pace;
  answer_often(pace, 10, 1ms);
  pace.timed_out();
  BOOST_TEST((pace.repeat_after() == 2 * link_repeat_min));
  pace.answered(std::nullopt, true);
  BOOST_TEST((pace.repeat_after() == 2 * link_repeat_min));
  for (int i = 0; i < 20; ++i) pace.timed_out();
  BOOST_TEST((pace.repeat_after() == link_repeat_max));
  pace.answered(1ms, true);
  BOOST_TEST((pace.repeat_after() == link_repeat_min));
}

BOOST_AUTO_TEST_CASE(quick_answers_bring_more_places_up_to_the_most) {
  pacing pace;
  BOOST_TEST(pace.places() == link_requests_first);
  answer_often(pace, 3, 100ms);
  BOOST_TEST(pace.places() == link_requests_first + 3);
  answer_often(pace, 1'000, 100ms);
  BOOST_TEST(pace.places() == link_requests_max);
}

BOOST_AUTO_TEST_CASE(places_that_nobody_needs_do_not_grow) {
  pacing pace;
  for (int i = 0; i < 10; ++i) pace.answered(100ms, false);
  BOOST_TEST(pace.places() == link_requests_first);
}

BOOST_AUTO_TEST_CASE(late_answers_take_places_down_to_one) {
  pacing pace;
  answer_often(pace, 6, 100ms);
  const auto before = pace.places();
  answer_often(pace, static_cast<int>(before), 3s);
  BOOST_TEST(pace.places() < before);
  answer_often(pace, 1'000, 3s);
  BOOST_TEST(pace.places() == 1U);
}

BOOST_AUTO_TEST_CASE(one_that_does_not_come_halves_them_and_they_grow_slowly_from_then_on) {
  pacing pace;
  answer_often(pace, 14, 100ms);
  BOOST_TEST(pace.places() == 16U);
  pace.timed_out();
  BOOST_TEST(pace.places() == 8U);
  answer_often(pace, 4, 100ms);
  BOOST_TEST(pace.places() == 8U);
  answer_often(pace, 6, 100ms);
  BOOST_TEST(pace.places() == 9U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::actors
