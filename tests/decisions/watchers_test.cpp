#include "decisions/services.hpp"

#include <boost/test/unit_test.hpp>

using namespace elsec;
using namespace elsec::decisions;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(watching)

BOOST_AUTO_TEST_CASE(only_those_who_watch_a_name_are_woken_and_only_while_they_watch) {
  watchers board;
  int first = 0, second = 0;
  auto handle = board.watch("a", [&] { ++first; });
  const auto other = board.watch("b", [&] { ++second; });
  board.notify("a");
  handle.reset();
  board.notify("a");
  BOOST_TEST(first == 1);
  BOOST_TEST(second == 0);
}

BOOST_AUTO_TEST_CASE(a_handle_may_outlive_the_board) {
  std::shared_ptr<void> handle;
  {
    watchers board;
    handle = board.watch("a", [] {});
  }
  handle.reset();
}

BOOST_AUTO_TEST_CASE(a_session_that_is_idle_for_too_long_ends_and_one_in_use_does_not) {
  const domain::time_point start{1h};
  activity uses(start);
  uses.begin("used", start);
  uses.begin("idle", start);
  BOOST_TEST(uses.touch("used", start + 29min, 30min));
  BOOST_TEST(uses.touch("used", start + 58min, 30min));
  BOOST_TEST(!uses.touch("idle", start + 31min, 30min));
  uses.forget("used");
  BOOST_TEST(!uses.touch("used", start + 59min, 30min));
}

BOOST_AUTO_TEST_CASE(however_many_sign_in_no_session_ends_for_it_before_it_is_idle) {
  const domain::time_point start{1h};
  activity uses(start);
  const auto name = [](int number) { return crypto::to_hex(crypto::sha256(std::to_string(number))); };
  for (int i = 0; i < 120'000; ++i) uses.begin(name(i), start + 40min);
  BOOST_TEST(uses.has_room(start + 60min, 30min));
  int ended = 0;
  for (int i = 0; i < 120'000; ++i)
    if (!uses.touch(name(i), start + 60min, 30min)) ++ended;
  BOOST_TEST(ended == 0);
}

BOOST_AUTO_TEST_CASE(idle_sessions_are_forgotten_as_others_begin) {
  const domain::time_point start{1h};
  activity uses(start);
  auto now = start;
  for (int hour = 0; hour < 20; ++hour) {
    now += 1h;
    for (int i = 0; i < 10'000; ++i)
      if (uses.has_room(now, 30min)) uses.begin(std::to_string(hour) + "/" + std::to_string(i), now);
  }
  BOOST_TEST(uses.remembered() <= 20'000U);
}

BOOST_AUTO_TEST_CASE(when_as_many_as_may_are_in_use_no_other_begins_until_one_is_idle) {
  const domain::time_point start{1h};
  activity uses(start, 2);
  uses.begin("one", start + 40min);
  uses.begin("two", start + 50min);
  BOOST_TEST(!uses.has_room(start + 60min, 30min));
  BOOST_TEST(uses.touch("two", start + 60min, 30min));
  BOOST_TEST(uses.has_room(start + 71min, 30min));
  BOOST_TEST(!uses.touch("one", start + 71min, 30min));
}

BOOST_AUTO_TEST_SUITE_END()
