// The ledger of room that is claimed before it is used: claimed once, given back once, however an upload ends.

#include "actors/room.hpp"

#include "actors/tenant.hpp"
#include "tests/actors/disks.hpp"
#include "tests/actors/upload_support.hpp"

using namespace elsec;
using namespace elsec::actors;
using namespace elsec::actors::testing;

namespace {

constexpr std::uint64_t quota = 1'000'000;
constexpr std::uint64_t announced = 400'000;

struct claiming : uploading {
  claiming() { open().policy.tenant_quota_bytes = quota; }

  // Through the organisation's actor, as the gateway begins one.
  upload_started begin(std::uint64_t size) {
    auto what = upload_of("text/plain");
    what.size = size;
    upload_started started;
    ask_for<upload_started>(tenant, what, [&](upload_started& answer) { started = std::move(answer); });
    run();
    return started;
  }
  // What of the quota is neither stored nor claimed.
  [[nodiscard]] std::uint64_t left() {
    std::uint64_t fits = 0;
    for (auto step = std::uint64_t{1} << 20; step > 0; step /= 2) {
      room_claim probe(open(), *all->room, organisation(1));
      if (probe.cover(fits + step)) fits += step;
    }
    return fits;
  }

  tenant_actor tenant = spawn(actors::tenant, all, organisation(1), beginning{});
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(claimed_room, claiming)

BOOST_AUTO_TEST_CASE(what_an_upload_announces_is_claimed_at_its_beginning) {
  const auto first = begin(announced);
  BOOST_REQUIRE(first.has_value());
  BOOST_TEST(left() == quota - announced);
  const auto second = begin(announced);
  BOOST_REQUIRE(second.has_value());
  const auto third = begin(announced);
  BOOST_REQUIRE(!third.has_value());
  BOOST_CHECK(third.error().code == error_code::storage_full);
  BOOST_TEST(left() == quota - 2 * announced);
}

BOOST_AUTO_TEST_CASE(an_upload_that_is_stored_counts_once) {
  const auto one = begin(announced);
  const auto other = begin(announced);
  BOOST_TEST(sent_and_finished(*one, std::string(announced, 'x')));
  BOOST_TEST(left() == quota - 2 * announced);  // stored, and the other's claim
  BOOST_TEST(sent_and_finished(*other, std::string(announced, 'y')));
  BOOST_TEST(left() == quota - 2 * announced);
}

BOOST_AUTO_TEST_CASE(an_aborted_upload_gives_back_its_own_claim_and_no_other) {
  const auto one = begin(announced);
  const auto other = begin(announced);
  tell(*one, abort_upload{});
  BOOST_TEST(left() == quota - announced);
  tell(*one, abort_upload{});
  BOOST_TEST(left() == quota - announced);
}

BOOST_AUTO_TEST_CASE(an_upload_that_fails_gives_back_its_claim) {
  const auto one = begin(announced);
  const auto other = begin(announced);
  BOOST_TEST(!sent_and_finished(*one, "too little"));
  BOOST_TEST(left() == quota - announced);
}

BOOST_AUTO_TEST_CASE(an_upload_whose_commit_is_refused_gives_back_its_claim) {
  const auto one = begin(announced);
  writer.refuses = domain::error{error_code::storage_full, "no space", {}};
  BOOST_TEST(!sent_and_finished(*one, std::string(announced, 'x')));
  BOOST_TEST(left() == quota);
}

BOOST_AUTO_TEST_CASE(one_that_announces_nothing_claims_what_comes) {
  auto what = upload_of("text/plain");
  upload_started started;
  ask_for<upload_started>(tenant, what, [&](upload_started& answer) { started = std::move(answer); });
  run();
  BOOST_REQUIRE(started.has_value());
  const auto before = left();
  send(*started, std::string(100'000, 'x'));
  BOOST_TEST(before - left() >= 100'000U);
  tell(*started, abort_upload{});
  BOOST_TEST(left() == quota);
}

BOOST_AUTO_TEST_CASE(R12_claimed_bytes_that_lie_on_the_disk_are_missing_there_already) {
  open().policy.tenant_quota_bytes = UINT64_MAX / 2;
  const auto free = open().content->free_bytes().value();
  room_claim one(open(), *all->room, organisation(1));
  BOOST_REQUIRE(one.cover(free / 2).has_value());
  room_claim other(open(), *all->room, organisation(2));
  BOOST_TEST(!other.cover(free / 4 * 3).has_value());
  one.written(free / 2);
  BOOST_TEST(other.cover(free / 4 * 3).has_value());
}

BOOST_AUTO_TEST_CASE(R12_what_an_upload_has_stored_is_claimed_on_the_disk_no_more) {
  open().policy.tenant_quota_bytes = UINT64_MAX / 2;
  std::optional<disk_with> disk(1'000'000);
  const auto one = begin(announced);
  BOOST_REQUIRE(one.has_value());
  send(*one, std::string(announced, 'x'));
  disk.emplace(600'000);
  room_claim other(open(), *all->room, organisation(2));
  BOOST_TEST(
      other.cover(600'000 - crypto::chunk_plain_max).has_value());  // what is less than a chunk is not stored yet
  BOOST_TEST(!other.cover(600'000).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(guests_of_an_organisation, claiming)

BOOST_AUTO_TEST_CASE(it_does_not_sleep_before_its_uploads_have_ended) {
  const auto one = begin(announced);
  pass_in_steps(tenant_idle, 3);
  BOOST_TEST(node.idle.empty());
  tell(*one, abort_upload{});
  pass_in_steps(tenant_idle, 2);
  BOOST_TEST(!node.idle.empty());
}

BOOST_AUTO_TEST_SUITE_END()
