#include "domain/clock.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <tuple>

using namespace elsec::domain;
using namespace std::chrono_literals;
using finding = clock_watch::finding;

namespace {

// A machine whose time since boot and time of day go on together, until somebody sets the latter.
struct machine {
  clock_watch watch;
  time_point wall{std::chrono::milliseconds(1'795'000'000'000)};
  std::chrono::nanoseconds boot = 17min;

  machine() { BOOST_REQUIRE(look() == finding::nothing); }

  finding look() { return watch.observe(wall, boot); }
  finding after(std::chrono::milliseconds passed) {
    wall += passed;
    boot += passed;
    return look();
  }
  finding set(std::chrono::milliseconds by) {
    wall += by;
    return look();
  }
  // Looks as often as the node does; the first thing it finds.
  finding watched(std::chrono::milliseconds passed) {
    for (auto gone = 0ms; gone < passed; gone += 10s)
      if (const auto found = after(std::min<std::chrono::milliseconds>(10s, passed - gone)); found != finding::nothing)
        return found;
    return finding::nothing;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(clock_watching)

BOOST_AUTO_TEST_CASE(R19_a_start_never_pauses_whatever_the_time_is) {
  for (const auto wall : {time_point::min(), time_point{}, time_point::max()})
    for (const auto boot : {0ns, std::chrono::nanoseconds::max(), std::chrono::nanoseconds::min()}) {
      clock_watch watch;
      BOOST_CHECK(watch.observe(wall, boot) == finding::nothing);
      BOOST_TEST(!watch.paused());
      BOOST_TEST(!watch.resume());
    }
}

BOOST_AUTO_TEST_CASE(R19_a_jump_in_either_direction_pauses_and_its_size_is_known) {
  for (const std::chrono::milliseconds by : {24h, -24h}) {
    machine here;
    BOOST_CHECK(here.set(by) == finding::jumped);
    BOOST_TEST(here.watch.paused());
    BOOST_CHECK(here.watch.jumped_by() == by);
    BOOST_CHECK(here.watch.jumped_at() == here.wall);
  }
}

BOOST_AUTO_TEST_CASE(R19_the_tolerance_itself_is_no_jump_and_a_millisecond_more_is_one) {
  for (const int sign : {1, -1}) {
    machine within, beyond;
    BOOST_CHECK(within.set(sign * clock_tolerance) == finding::nothing);
    BOOST_CHECK(beyond.set(sign * (clock_tolerance + 1ms)) == finding::jumped);
  }
}

BOOST_AUTO_TEST_CASE(R19_small_steps_of_one_day_add_up) {
  machine here;
  BOOST_CHECK(here.set(3min) == finding::nothing);
  BOOST_CHECK(here.watched(1h) == finding::nothing);
  BOOST_CHECK(here.set(3min) == finding::jumped);
}

BOOST_AUTO_TEST_CASE(R19_a_machine_that_slept_has_not_jumped) {
  machine here;
  BOOST_CHECK(here.after(14 * 24h) == finding::nothing);
  BOOST_TEST(!here.watch.paused());
}

BOOST_AUTO_TEST_CASE(R19_an_hour_of_agreement_ends_the_pause_and_not_a_moment_less) {
  machine here;
  BOOST_CHECK(here.set(24h) == finding::jumped);
  BOOST_CHECK(here.watched(clock_agreement - 1ms) == finding::nothing);
  BOOST_TEST(here.watch.paused());
  BOOST_CHECK(here.after(1ms) == finding::agreed);
  BOOST_TEST(!here.watch.paused());
  BOOST_CHECK(here.watched(3h) == finding::nothing);
}

BOOST_AUTO_TEST_CASE(R19_a_jump_back_is_a_jump_and_begins_the_hour_anew) {
  machine here;
  BOOST_CHECK(here.set(24h) == finding::jumped);
  BOOST_CHECK(here.watched(59min) == finding::nothing);
  BOOST_CHECK(here.set(-24h) == finding::jumped);
  BOOST_CHECK(here.watch.jumped_by() == -24h);
  BOOST_CHECK(here.watched(59min) == finding::nothing);
  BOOST_TEST(here.watch.paused());
  BOOST_CHECK(here.watched(1min) == finding::agreed);
}

BOOST_AUTO_TEST_CASE(R19_sleep_is_no_agreement) {
  machine here;
  BOOST_CHECK(here.set(24h) == finding::jumped);
  BOOST_CHECK(here.after(8h) == finding::nothing);
  BOOST_TEST(here.watch.paused());
  BOOST_CHECK(here.watched(clock_agreement - clock_unwatched_max) == finding::agreed);
}

BOOST_AUTO_TEST_CASE(R19_a_command_ends_the_pause_and_the_next_jump_pauses_again) {
  machine here;
  BOOST_CHECK(here.set(24h) == finding::jumped);
  BOOST_TEST(here.watch.resume());
  BOOST_TEST(!here.watch.resume());
  BOOST_CHECK(here.watched(2h) == finding::nothing);
  BOOST_CHECK(here.set(-24h) == finding::jumped);
  BOOST_TEST(here.watch.paused());
}

BOOST_AUTO_TEST_CASE(R19_time_since_boot_that_goes_back_never_ends_a_pause) {
  machine here;
  BOOST_CHECK(here.set(24h) == finding::jumped);
  BOOST_CHECK(here.watched(59min) == finding::nothing);
  for (int i = 0; i < 1'000; ++i) {  // the same half minute again and again
    here.boot -= 30s;
    BOOST_CHECK(here.look() == finding::nothing);
    here.boot += 30s;
    BOOST_CHECK(here.look() == finding::nothing);
  }
  here.boot -= 10h;
  BOOST_CHECK(here.look() == finding::jumped);
  BOOST_CHECK(here.watched(9h) == finding::nothing);
  BOOST_TEST(here.watch.paused());
}

BOOST_AUTO_TEST_CASE(R19_drift_never_adds_up_to_a_jump) {
  for (const int ppm : {500, -500, 120}) {
    std::mt19937_64 random(static_cast<std::uint64_t>(ppm + 1'000));
    clock_watch watch;
    std::chrono::nanoseconds boot = 1min;
    const auto wall_at = [ppm](std::chrono::nanoseconds passed) {
      return time_point(std::chrono::floor<std::chrono::milliseconds>(passed + passed / 1'000'000 * ppm));
    };
    // From a millisecond to half an hour between two looks, for a year.
    std::uniform_real_distribution<double> exponent(6.0, 12.25);
    for (int i = 0; boot < 365 * 24h; ++i) {
      boot += std::chrono::nanoseconds(static_cast<std::int64_t>(std::pow(10.0, exponent(random))));
      if (watch.observe(wall_at(boot), boot) != finding::nothing) BOOST_FAIL("paused after " << i << " looks");
    }
  }
}

BOOST_AUTO_TEST_CASE(R19_every_jump_on_the_way_is_found_and_nothing_else_is) {
  std::mt19937_64 random(19);
  machine here;
  std::uniform_int_distribution<std::int64_t> size(301'000, 400'000'000), pause(1, 200'000);
  for (int round = 0; round < 20'000; ++round) {
    const auto between = std::chrono::milliseconds(pause(random));
    const auto found = here.after(between);
    BOOST_REQUIRE(found != finding::jumped);
    const bool was_paused = here.watch.paused();
    if (random() % 8 == 0) {
      const auto by = std::chrono::milliseconds(random() % 2 == 0 ? size(random) : -size(random));
      BOOST_REQUIRE(here.set(by) == finding::jumped);
      BOOST_REQUIRE(here.watch.jumped_by() == by);
    } else {
      BOOST_REQUIRE(here.look() == finding::nothing);
      BOOST_REQUIRE(here.watch.paused() == was_paused);
    }
  }
}

// Whatever the two clocks say: a pause ends only after an hour that the time since boot had never seen before.
BOOST_AUTO_TEST_CASE(R19_whatever_the_clocks_do_no_pause_ends_early) {
  std::mt19937_64 random(7);
  unsigned ended = 0;
  for (int run = 0; run < 400; ++run) {
    clock_watch watch;
    std::int64_t boot = 0, wall = 0, furthest = 0, furthest_at_jump = 0;
    std::ignore = watch.observe(time_point{}, 0ns);
    for (int step = 0; step < 500; ++step) {
      const auto ms = static_cast<std::int64_t>(random() % 120'000);
      const auto kind = random() % 300;
      if (kind == 0) wall = static_cast<std::int64_t>(random());  // anything that fits
      if (kind == 1) boot -= 2 * ms;
      if (kind == 2) wall += ms * 10;
      boot += ms;
      if (wall < std::numeric_limits<std::int64_t>::max() - ms) wall += ms;
      const auto found = watch.observe(time_point(std::chrono::milliseconds(wall)), std::chrono::milliseconds(boot));
      furthest = std::max(furthest, boot);
      if (found == finding::jumped) furthest_at_jump = furthest;
      BOOST_REQUIRE(found != finding::jumped || watch.paused());
      if (found != finding::agreed) continue;
      ++ended;
      BOOST_REQUIRE(std::chrono::milliseconds(furthest - furthest_at_jump) >= clock_agreement);
    }
  }
  BOOST_TEST(ended > 100U);
}

BOOST_AUTO_TEST_SUITE_END()
