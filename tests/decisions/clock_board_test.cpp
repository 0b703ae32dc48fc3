#include "decisions/clock_board.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace elsec;
using namespace elsec::decisions;
using namespace std::chrono_literals;

namespace {

// Two clocks that can be set while others read them.
struct two_clocks {
  std::atomic<std::int64_t> passed_ms = 0;  // since boot
  std::atomic<std::int64_t> ahead_ms = 1'795'000'000'000;
  std::atomic<std::int64_t> stopped_ms = 0;  // passes while a clock is read
  std::function<domain::time_point()> wall = [this] {
    return domain::time_point(std::chrono::milliseconds(passed_ms + ahead_ms));
  };
  std::function<std::chrono::nanoseconds()> since_boot = [this] {
    return std::chrono::milliseconds(passed_ms.fetch_add(stopped_ms));
  };
  metrics counted;
  clock_board board;

  bool look() { return board.look({wall, since_boot}, counted); }
  void resume() { board.resume({wall, since_boot}, counted, "looked at it"); }
  void jump(std::chrono::milliseconds by) { ahead_ms += by.count(); }
  void pass(std::chrono::milliseconds by) { passed_ms += by.count(); }
  [[nodiscard]] bool tells(const std::string& line) const { return counted.text().contains("\n" + line + "\n"); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(clock_boards)

BOOST_AUTO_TEST_CASE(R19_a_jump_is_seen_by_the_next_look_and_stands_in_the_metrics) {
  two_clocks of;
  BOOST_TEST(!of.look());
  BOOST_TEST(of.tells("elsec_clock_paused 0"));
  BOOST_TEST(of.tells("elsec_clock_jumps_total 0"));
  of.jump(24h);
  BOOST_TEST(of.look());
  BOOST_TEST(of.board.current().paused);
  BOOST_CHECK(of.board.current().jumped == 24h);
  BOOST_CHECK(of.board.current().since == of.wall());
  BOOST_TEST(of.tells("elsec_clock_paused 1"));
  BOOST_TEST(of.tells("elsec_clock_jumps_total 1"));
}

BOOST_AUTO_TEST_CASE(R19_work_goes_on_after_an_hour_of_looks) {
  two_clocks of;
  (void)of.look();
  of.jump(-24h);
  BOOST_TEST(of.look());
  for (auto gone = 10s; gone < 1h; gone += 10s) {
    of.pass(10s);
    BOOST_REQUIRE(of.look());
  }
  of.pass(10s);
  BOOST_TEST(!of.look());
  BOOST_TEST(of.tells("elsec_clock_paused 0"));
}

BOOST_AUTO_TEST_CASE(R19_the_operators_word_holds_for_a_jump_that_nobody_has_seen_yet_and_not_for_the_next) {
  two_clocks of;
  (void)of.look();
  of.jump(24h);
  of.resume();
  BOOST_TEST(!of.look());
  BOOST_TEST(of.tells("elsec_clock_paused 0"));
  BOOST_TEST(of.tells("elsec_clock_jumps_total 1"));
  of.jump(-24h);
  BOOST_TEST(of.look());
  of.resume();
  BOOST_TEST(!of.look());
  of.resume();
  BOOST_TEST(!of.look());
}

BOOST_AUTO_TEST_CASE(R19_a_process_that_is_stopped_between_two_clocks_waits_and_sees_no_jump) {
  two_clocks of;
  BOOST_TEST(!of.look());
  of.stopped_ms = 3'600'000;
  BOOST_TEST(of.look());
  BOOST_TEST(!of.board.current().paused);
  of.stopped_ms = 0;
  BOOST_TEST(!of.look());
  BOOST_TEST(of.tells("elsec_clock_jumps_total 0"));
}

BOOST_AUTO_TEST_CASE(R19_many_may_look_at_the_same_time) {
  two_clocks of;
  (void)of.look();
  of.jump(24h);
  std::vector<std::jthread> lookers;
  std::atomic<unsigned> went_on = 0;
  for (int i = 0; i < 4; ++i)
    lookers.emplace_back([&] {
      for (int times = 0; times < 1'000; ++times)
        if (!of.look()) ++went_on;
    });
  lookers.clear();
  BOOST_TEST(went_on == 0U);
  BOOST_TEST(of.tells("elsec_clock_jumps_total 1"));
}

BOOST_AUTO_TEST_SUITE_END()
