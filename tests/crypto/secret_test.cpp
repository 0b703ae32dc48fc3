// Secrets and the locked memory they live in (R13).
#include "crypto/secret.hpp"

#include "crypto/locked_arena.hpp"
#include "tests/crypto/support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace elsec;
using namespace elsec::crypto_test;
using crypto::secret;

namespace {

bool all_zero(const std::uint8_t* cell) {
  return std::all_of(cell, cell + crypto::locked_arena::cell_bytes, [](std::uint8_t byte) { return byte == 0; });
}

// The kernel's flags for the mapping that holds `address` ("VmFlags: rd wr … lo … dd").
std::string flags_of_mapping(const std::uint8_t* address) {
  std::ifstream maps("/proc/self/smaps");
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t from = 0;
    std::uintptr_t to = 0;
    char dash = 0;
    std::istringstream head(line);
    if (head >> std::hex >> from >> dash >> to && dash == '-') inside = from <= wanted && wanted < to;
    if (inside && line.starts_with("VmFlags:")) return line + ' ';
  }
  return {};
}

// In a child without the right to lock memory: 0 if the refusal came and named the limit.
int refused_without_lockable_memory() {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_MEMLOCK, &none) != 0) return 2;
  constexpr uid_t nobody = 65'534;
  if (::geteuid() == 0 && ::setresuid(nobody, nobody, nobody) != 0) return 3;  // root may lock without limit
  std::vector<secret> held;
  try {
    // Other cases may have left slabs with free cells behind.
    constexpr std::size_t more_than_are_free = 64 * crypto::locked_arena::cells_per_slab;
    while (held.size() < more_than_are_free) held.push_back(secret::random());
  } catch (const std::bad_alloc& refusal) {
    return std::string_view(refusal.what()).find("RLIMIT_MEMLOCK is 0 KiB") != std::string_view::npos ? 0 : 4;
  }
  return 1;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_secret_holds_what_it_was_made_from) {
  const auto raw = counting();
  const auto made = secret::from(raw);
  BOOST_TEST_REQUIRE(made.has_value());
  BOOST_TEST(std::ranges::equal(made->view(), raw));
}

BOOST_AUTO_TEST_CASE(only_32_bytes_make_a_secret) {
  const std::vector<std::uint8_t> raw(33);
  for (std::size_t size = 0; size <= raw.size(); ++size)
    if (size != secret::size)
      BOOST_TEST(failed_with(secret::from(std::span(raw).first(size)), domain::error_code::invalid));
}

BOOST_AUTO_TEST_CASE(random_secrets_differ) { BOOST_TEST(!(secret::random() == secret::random())); }

BOOST_AUTO_TEST_CASE(secrets_compare_by_every_byte) {
  const auto raw = counting();
  const auto one = secret_of(raw);
  BOOST_TEST((one == secret_of(raw)));
  for_every_flipped_bit(raw, [&](const auto& other, std::size_t) { BOOST_TEST(!(one == secret_of(other))); });
}

BOOST_AUTO_TEST_CASE(empty_secrets_equal_only_each_other) {
  BOOST_TEST((secret() == secret()));
  BOOST_TEST(!(secret() == secret::random()));
  BOOST_TEST(!(secret::random() == secret()));
}

BOOST_AUTO_TEST_CASE(copies_share_their_bytes_and_a_moved_from_one_is_empty) {
  auto first = secret::random();
  const auto copy = first;
  BOOST_TEST(copy.view().data() == first.view().data());
  const auto moved = std::move(first);
  BOOST_TEST(first.empty());  // NOLINT(bugprone-use-after-move)
  BOOST_TEST((moved == copy));
}

BOOST_AUTO_TEST_CASE(the_last_copy_wipes_the_bytes) {
  auto first = std::make_unique<secret>(secret::random());
  auto second = std::make_unique<secret>(*first);
  const auto* cell = first->view().data();
  first.reset();
  BOOST_TEST(!all_zero(cell));
  second.reset();
  BOOST_TEST(all_zero(cell));  // the arena keeps its slabs
}

BOOST_AUTO_TEST_CASE(filling_starts_from_zeros_and_stays_in_place) {
  const auto made = secret::filled_by([](std::span<std::uint8_t, secret::size> out) {
    BOOST_TEST(all_zero(out.data()));
    out[31] = 7;
  });
  BOOST_TEST(made.view()[31] == 7);
}

BOOST_AUTO_TEST_CASE(secrets_are_locked_and_left_out_of_core_dumps_R13) {
  const auto made = secret::random();
  const auto flags = flags_of_mapping(made.view().data());
  BOOST_TEST_CONTEXT(flags) {
    BOOST_TEST(flags.find(" dd ") != std::string::npos);
    if (locks_for_real) BOOST_TEST(flags.find(" lo ") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(without_lockable_memory_there_is_no_secret_and_the_limit_is_named) {
  if (!locks_for_real) return;
  const auto child = ::fork();
  BOOST_TEST_REQUIRE(child >= 0);
  if (child == 0) ::_exit(refused_without_lockable_memory());
  int status = -1;
  BOOST_TEST_REQUIRE(::waitpid(child, &status, 0) == child);
  BOOST_TEST_REQUIRE(WIFEXITED(status));
  BOOST_TEST(WEXITSTATUS(status) == 0);
}

BOOST_AUTO_TEST_CASE(the_arena_wipes_what_comes_back_and_gives_it_out_again) {
  crypto::locked_arena arena;
  auto* cell = arena.take();
  BOOST_TEST(all_zero(cell));
  std::fill_n(cell, crypto::locked_arena::cell_bytes, std::uint8_t{0xAA});
  arena.give_back(cell);
  BOOST_TEST(all_zero(cell));
  BOOST_TEST(arena.take() == cell);
}

BOOST_AUTO_TEST_CASE(the_arena_takes_a_slab_per_2047_cells_and_keeps_it) {
  crypto::locked_arena arena;
  std::set<std::uint8_t*> cells;
  for (std::size_t i = 0; i < crypto::locked_arena::cells_per_slab; ++i) cells.insert(arena.take());
  BOOST_TEST(arena.slab_count() == 1U);
  cells.insert(arena.take());
  BOOST_TEST(arena.slab_count() == 2U);
  BOOST_TEST(cells.size() == crypto::locked_arena::cells_per_slab + 1);
  for (auto* cell : cells) arena.give_back(cell);
  for (std::size_t i = 0; i < 2 * crypto::locked_arena::cells_per_slab; ++i) cells.insert(arena.take());
  BOOST_TEST(arena.slab_count() == 2U);
  BOOST_TEST(cells.size() == 2 * crypto::locked_arena::cells_per_slab);
}

BOOST_AUTO_TEST_CASE(threads_never_share_a_cell) {
  crypto::locked_arena arena;
  std::atomic<int> disturbed = 0;
  const auto work = [&](std::uint8_t mark) {
    for (int round = 0; round < 20'000; ++round) {
      auto* cell = arena.take();
      if (!all_zero(cell)) ++disturbed;
      std::fill_n(cell, crypto::locked_arena::cell_bytes, mark);
      if (std::count(cell, cell + crypto::locked_arena::cell_bytes, mark) != 32) ++disturbed;
      arena.give_back(cell);
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::uint8_t mark = 1; mark <= 4; ++mark) threads.emplace_back(work, mark);
  }
  BOOST_TEST(disturbed == 0);
  BOOST_TEST(arena.slab_count() == 1U);
}
