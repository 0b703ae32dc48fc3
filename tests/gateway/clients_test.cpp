// Who is slowed, who is refused, and who never is.

#include "gateway/clients.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

using namespace elsec;
using namespace elsec::gateway;
using namespace std::chrono_literals;
using boost::asio::ip::make_address;
using use = clients::body_use;

namespace {

origin at(const char* address) { return origin_at(make_address(address)); }

const fading_counts::time start{};

std::shared_ptr<clients> with(void (*change)(limits&)) {
  limits bounds;
  change(bounds);
  return std::make_shared<clients>(bounds);
}

void four_bodies_of_an_address(limits& bounds) { bounds.late_bodies_per_address_max = 4; }
void four_failures_of_an_address(limits& bounds) { bounds.failures_per_address_max = 4; }

}  // namespace

BOOST_AUTO_TEST_SUITE(client_counts)

BOOST_AUTO_TEST_CASE(an_ipv4_client_is_its_address_and_its_network_a_slash_24) {
  BOOST_TEST(at("192.0.2.1").address != at("192.0.2.2").address);
  BOOST_TEST(at("192.0.2.1").network == at("192.0.2.255").network);
  BOOST_TEST(at("192.0.2.1").network != at("192.0.3.1").network);
  BOOST_TEST((at("::ffff:192.0.2.1") == at("192.0.2.1")));
}

BOOST_AUTO_TEST_CASE(an_ipv6_client_is_a_slash_64_and_its_network_a_slash_48) {
  BOOST_TEST((at("2001:db8:1:2::1") == at("2001:db8:1:2:ffff::9")));
  BOOST_TEST(at("2001:db8:1:2::1").address != at("2001:db8:1:3::1").address);
  BOOST_TEST(at("2001:db8:1:2::1").network == at("2001:db8:1:3::1").network);
  BOOST_TEST(at("2001:db8:1::1").network != at("2001:db8:2::1").network);
}

BOOST_AUTO_TEST_CASE(late_bodies_of_an_address_are_slowed_before_they_are_refused) {
  const auto all = with(&four_bodies_of_an_address);
  std::vector<clients::claim> held;
  for (int i = 0; i < 5; ++i) held.push_back(all->late_body(at("192.0.2.1"), use::json));
  BOOST_TEST((held[0].how.delay == 0ms && held[1].how.delay == 0ms && held[2].how.delay == 0ms));
  BOOST_TEST((held[3].how.delay > 0ms && held[3].how.delay < 2'000ms));
  BOOST_TEST((held[3].how.refused == burden::none));
  BOOST_TEST((held[4].how.refused == burden::bodies_of_address));
  BOOST_TEST(!held[4].place);
  BOOST_TEST((all->late_body(at("192.0.2.2"), use::json).how.refused == burden::none));
  held[0].place.release();
  BOOST_TEST((all->late_body(at("192.0.2.1"), use::json).how.refused == burden::none));
}

BOOST_AUTO_TEST_CASE(late_bodies_have_caps_by_network_and_in_all) {
  const auto all = with(+[](limits& bounds) {
    bounds.late_bodies_per_network_max = 2;
    bounds.late_bodies_max = 3;
  });
  const auto one = all->late_body(at("192.0.2.1"), use::json);
  auto two = all->late_body(at("192.0.2.2"), use::json);
  BOOST_TEST((all->late_body(at("192.0.2.3"), use::json).how.refused == burden::bodies_of_network));
  const auto three = all->late_body(at("198.51.100.1"), use::json);
  BOOST_TEST((three.how.refused == burden::none));
  BOOST_TEST((all->late_body(at("203.0.113.1"), use::json).how.refused == burden::bodies));
  BOOST_TEST(all->late_bodies(use::json) == 3U);
  two.place.release();
  BOOST_TEST((all->late_body(at("192.0.2.3"), use::json).how.refused == burden::none));
}

BOOST_AUTO_TEST_CASE(late_uploads_are_counted_apart_from_other_bodies) {
  const auto all = with(+[](limits& bounds) {
    bounds.uploads_per_address_max = 1;
    bounds.late_bodies_per_address_max = 1;
    bounds.uploads_per_network_max = 2;
  });
  const auto upload = all->late_body(at("192.0.2.1"), use::upload);
  const auto body = all->late_body(at("192.0.2.1"), use::json);
  BOOST_TEST((body.how.refused == burden::none));
  BOOST_TEST((all->late_body(at("192.0.2.1"), use::upload).how.refused == burden::uploads_of_address));
  const auto neighbour = all->late_body(at("192.0.2.2"), use::upload);
  BOOST_TEST((all->late_body(at("192.0.2.3"), use::upload).how.refused == burden::uploads_of_network));
}

BOOST_AUTO_TEST_CASE(uploads_have_caps_by_tenant_and_in_all) {
  const auto all = with(+[](limits& bounds) {
    bounds.uploads_per_tenant_max = 2;
    bounds.uploads_max = 3;
  });
  auto one = all->upload("org_a");
  const auto two = all->upload("org_a");
  BOOST_TEST((all->upload("org_a").how.refused == burden::uploads_of_tenant));
  const auto three = all->upload("org_b");
  BOOST_TEST((all->upload("org_b").how.refused == burden::uploads));
  BOOST_TEST(all->uploads() == 3U);
  one.place.release();
  BOOST_TEST((all->upload("org_a").how.refused == burden::none));
  BOOST_TEST(all->uploads() == 2U);  // a place ends with its holder
}

BOOST_AUTO_TEST_CASE(failures_of_an_address_are_slowed_before_they_are_refused) {
  const auto all = with(&four_failures_of_an_address);
  std::vector<clients::verdict> told;
  for (int i = 0; i < 6; ++i) told.push_back(all->failed(at("192.0.2.1"), start));
  BOOST_TEST((told[0].delay == 0ms));
  BOOST_TEST((told[1].delay > 0ms && told[2].delay > told[1].delay && told[3].delay == 2'000ms));
  for (int i = 0; i < 4; ++i) BOOST_TEST((told[static_cast<std::size_t>(i)].refused == burden::none));
  BOOST_TEST((told[4].refused == burden::failures_of_address && told[5].refused == burden::failures_of_address));
  BOOST_TEST((all->failed(at("192.0.2.2"), start).refused == burden::none));
}

BOOST_AUTO_TEST_CASE(failures_are_forgotten_within_minutes_even_the_worst) {
  const auto all = with(&four_failures_of_an_address);
  for (int i = 0; i < 1'000; ++i) (void)all->failed(at("192.0.2.1"), start);
  BOOST_TEST((all->failed(at("192.0.2.1"), start + 30s).refused == burden::failures_of_address));
  BOOST_TEST((all->failed(at("192.0.2.1"), start + 2min).refused == burden::none));
  BOOST_TEST((all->failed(at("192.0.2.1"), start + 10min).delay < 5ms));
}

BOOST_AUTO_TEST_CASE(a_hundred_failures_a_minute_of_an_address_cost_it_nothing) {
  clients all{limits{}};
  auto now = start;
  for (int i = 0; i < 1'000; ++i, now += 610ms) BOOST_TEST_REQUIRE((all.failed(at("192.0.2.1"), now).delay == 0ms));
}

BOOST_AUTO_TEST_CASE(failures_of_many_addresses_of_a_network_add_up_and_one_addresss_alone_do_not) {
  const auto all = with(+[](limits& bounds) {
    bounds.failures_per_address_max = 4;
    bounds.failures_per_network_max = 10;
  });
  for (int i = 0; i < 100; ++i) (void)all->failed(at("192.0.2.1"), start);
  BOOST_TEST((all->failed(at("192.0.2.2"), start).refused == burden::none));
  for (int i = 0; i < 4; ++i) (void)all->failed(at("192.0.2.3"), start);
  (void)all->failed(at("192.0.2.4"), start);
  BOOST_TEST((all->failed(at("192.0.2.5"), start).refused == burden::failures_of_network));
  BOOST_TEST((all->failed(at("192.0.3.5"), start).refused == burden::none));
}

BOOST_AUTO_TEST_CASE(of_too_many_who_fail_those_who_fail_least_are_forgotten) {
  fading_counts counts(100, 1'000);
  for (int i = 0; i < 50; ++i) counts.add(7, start);
  for (std::uint64_t who = 1'000; who < 100'000; ++who) counts.add(who, start);
  BOOST_TEST(counts.entries() <= 100U);
  BOOST_TEST(counts.count(7, start) == 50);
  fading_counts one(1, 10);
  one.add(1, start);
  one.add(2, start);
  BOOST_TEST(one.entries() == 1U);
}

BOOST_AUTO_TEST_CASE(every_burden_has_a_name_and_a_sentence_that_says_what_to_do) {
  for (auto each = std::to_underlying(burden::bodies); each <= std::to_underlying(burden::failures_of_address);
       ++each) {
    const auto told = error_of(static_cast<burden>(each));
    const bool of_all = each == std::to_underlying(burden::bodies) || each == std::to_underlying(burden::uploads);
    BOOST_TEST((told.code == (of_all ? domain::error_code::overloaded : domain::error_code::too_many_requests)));
    BOOST_TEST(told.detail.contains("; "), told.detail);
    BOOST_TEST(!name_of(static_cast<burden>(each)).empty());
  }
}

BOOST_AUTO_TEST_CASE(many_threads_leave_nothing_held) {
  const auto all = std::make_shared<clients>(limits{});
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < 4; ++number)
    threads.emplace_back([&all, number] {
      const auto who = origin_at(boost::asio::ip::address_v4(0xC0000200U + number));
      for (int i = 0; i < 2'000; ++i) {
        const auto body = all->late_body(who, use::json);
        const auto slow = all->late_body(who, use::upload);
        const auto upload = all->upload("org_a");
        (void)all->failed(who, start);
      }
    });
  for (auto& each : threads) each.join();
  BOOST_TEST(all->late_bodies(use::json) == 0U);
  BOOST_TEST(all->late_bodies(use::upload) == 0U);
  BOOST_TEST(all->uploads() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
