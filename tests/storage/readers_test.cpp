#include "tests/storage/support.hpp"

#include <atomic>
#include <csignal>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace elsec::storage::testing {
namespace {

store_options few_readers(const temp_folder& folder, unsigned readers_max) {
  auto options = options_in(folder);
  options.readers_max = readers_max;
  return options;
}

// A process that holds some reader slots until it is killed; returns once it does.
pid_t hold_slots(const temp_folder& folder, unsigned count, unsigned readers_max) {
  int ready[2];
  if (::pipe(ready) != 0) throw std::runtime_error("pipe");
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) {
    const auto held = store::open(few_readers(folder, readers_max), master());
    std::vector<domain::result<snapshot>> snapshots;
    for (unsigned i = 0; held && i < count; ++i) snapshots.push_back((*held)->read());
    const char told = !snapshots.empty() && snapshots.back().has_value() ? 'y' : 'n';
    if (::write(ready[1], &told, 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char told = 'n';
  if (::read(ready[0], &told, 1) != 1 || told != 'y') throw std::runtime_error("the child holds no slots");
  ::close(ready[0]);
  ::close(ready[1]);
  return child;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(readers)

BOOST_AUTO_TEST_CASE(give_their_slots_back) {
  const temp_folder folder;
  const auto store = store::open(few_readers(folder, 3), master()).value();
  for (int i = 0; i < 2'000; ++i) {
    auto one = store->read();
    const auto two = store->read();
    BOOST_REQUIRE((one && two));
    const auto moved = std::move(one);
    BOOST_REQUIRE(moved->contains("meta", "schema").value());
  }
}

BOOST_AUTO_TEST_CASE(beyond_the_bound_are_refused_as_overload_until_one_ends) {
  const temp_folder folder;
  const auto store = store::open(few_readers(folder, 2), master()).value();
  auto one = std::make_unique<domain::result<snapshot>>(store->read());
  const auto two = store->read();
  BOOST_REQUIRE((*one && two));
  const auto three = store->read();
  BOOST_REQUIRE(!three.has_value());
  BOOST_TEST((three.error().code == error_code::overloaded));
  const auto key = store->tenant_key(org(1));
  BOOST_TEST((!key && key.error().code == error_code::overloaded));
  one.reset();
  BOOST_TEST(store->read().has_value());
}

BOOST_AUTO_TEST_CASE(of_a_dead_process_are_cleared) {
  const temp_folder folder;
  const pid_t child = hold_slots(folder, 2, 3);
  const auto store = store::open(few_readers(folder, 3), master()).value();
  const auto one = store->read();
  BOOST_TEST(one.has_value());
  store->check_readers();
  BOOST_TEST(!store->read().has_value());  // the slots of a living process stay
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  store->check_readers();
  const auto two = store->read(), three = store->read();
  BOOST_TEST((two && three));
}

BOOST_AUTO_TEST_CASE(see_whole_commits_only_while_others_commit) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  const auto left = key_of(org(1), id<domain::dispatch_id>(1)), right = key_of(org(2), id<domain::dispatch_id>(2));
  std::atomic<bool> done = false;
  std::atomic<int> torn = 0, looked = 0;
  const auto look = [&] {
    while (!done) {
      const auto view = store->read();
      const auto one = view->get(tables::received_dispatches, left);
      const auto two = view->get(tables::received_dispatches, right);
      const bool whole =
          one && two && one->has_value() == two->has_value() && (!one->has_value() || (*one)->value == (*two)->value);
      torn += !whole;
      ++looked;
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(look);
  for (int i = 0; i < 300 || looked < 1'000; ++i) {
    change_set changes;
    changes.put(tables::received_dispatches, left, {std::to_string(i)});
    changes.put(tables::received_dispatches, right, {std::to_string(i)});
    must_commit(*store, changes);
  }
  done = true;
  threads.clear();
  BOOST_TEST(torn == 0);
}

BOOST_AUTO_TEST_CASE(of_short_life_keep_the_file_from_growing) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  const auto key = key_of(org(1), id<domain::dispatch_id>(1));
  const auto rewrite = [&](int times) {
    for (int i = 0; i < times; ++i) {
      change_set changes;
      changes.put(tables::received_dispatches, key, {std::string(1'000, 'x')});
      must_commit(*store, changes);
      BOOST_REQUIRE(store->read()->contains("meta", "schema").value());
    }
    return std::filesystem::file_size(folder.in("state/data.mdb"));
  };
  const auto settled = rewrite(50);
  BOOST_TEST(rewrite(150) == settled);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::storage::testing
