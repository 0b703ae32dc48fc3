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

BOOST_AUTO_TEST_SUITE_END()
