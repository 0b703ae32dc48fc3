// Promise 1 as far as killing the process alone can show it: what was acknowledged is there, nothing is there by half.

#include "tests/storage/support.hpp"

#include <csignal>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

namespace elsec::storage::testing {
namespace {

constexpr int rounds = 30;

// Everything commit `number` writes: two rows, an event, an envelope.
change_set numbered(std::uint64_t number) {
  change_set changes;
  changes.insert(tables::received_dispatches, numbered_key(number), {std::to_string(number)});
  changes.insert(tables::cards_by_term, big_endian(number), {});
  changes.publish(org(1), {.type = std::string(domain::document_received), .state = std::to_string(number)});
  changes.send("peer", {.kind = "test", .id = std::to_string(number)});
  return changes;
}

std::uint64_t count(const snapshot& in, std::string_view table_name, const std::string& prefix) {
  std::uint64_t rows = 0;
  const auto walked = in.scan_keys(table_name, prefix, "", direction::forward, [&](std::string_view key) {
    ++rows;
    BOOST_TEST(trailing_number(key) == rows);  // without a gap
    return true;
  });
  BOOST_TEST(walked.has_value());
  return rows;
}

// Commits batches of two change sets and writes down the number of each acknowledged one, until it is killed.
[[noreturn]] void commit_forever(const temp_folder& folder, std::uint64_t from, int acknowledged) {
  const auto store = store::open(options_in(folder), master());
  if (!store) ::_exit(1);
  for (auto number = from;; number += 2) {
    for (const auto& result : commit_all(**store, {numbered(number), numbered(number + 1)}))
      if (!result) ::_exit(2);
    const auto last = number + 1;
    if (::write(acknowledged, &last, sizeof last) != sizeof last) ::_exit(3);
  }
}

// Lets a child commit, kills it after about `wanted` acknowledgements, gives the last acknowledged number.
std::uint64_t run_and_kill(const temp_folder& folder, std::uint64_t from, unsigned wanted) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("pipe");
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) {
    ::close(ends[0]);
    commit_forever(folder, from, ends[1]);
  }
  ::close(ends[1]);
  std::uint64_t last = 0, told = 0;
  for (unsigned i = 0; i < wanted && ::read(ends[0], &told, sizeof told) == sizeof told; ++i) last = told;
  ::kill(child, SIGKILL);
  while (::read(ends[0], &told, sizeof told) == sizeof told) last = told;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFSIGNALED(status)) throw std::runtime_error("the child ended by itself: " + std::to_string(status));
  return last;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_killed_process_leaves_every_acknowledged_change_and_no_half_one) {
  const temp_folder folder;
  must_commit(*open_store(folder), founding(org(1)));
  std::mt19937 random(42);  // NOLINT: a fixed seed; the moments are the scheduler's anyway
  std::uint64_t present = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto acknowledged = run_and_kill(folder, present + 1, static_cast<unsigned>(1 + random() % 40));
    const auto store = open_store(folder);
    const auto view = store->read();
    const auto rows = count(*view, tables::received_dispatches.name, org(1).str());
    BOOST_TEST(rows >= acknowledged);
    BOOST_TEST(rows % 2 == 0U);  // a batch is one transaction
    BOOST_TEST(count(*view, tables::cards_by_term.name, "") == rows);
    BOOST_TEST(count(*view, tables::feed.name, org(1).str()) == rows);
    BOOST_TEST(count(*view, tables::outbox.name, key_of(std::string("peer"), '\0')) == rows);
    for (auto number = present + 1; number <= rows; ++number) {
      BOOST_TEST(view->get(tables::received_dispatches, numbered_key(number)).value()->value == std::to_string(number));
      BOOST_TEST(view->get(tables::feed, numbered_key(number)).value()->state.value() == std::to_string(number));
    }
    present = rows;
  }
  BOOST_TEST(present > static_cast<std::uint64_t>(rounds));
}

}  // namespace elsec::storage::testing
