// Reading while another thread creates and closes.
#include "tests/crypto/slots_support.hpp"

#include <array>
#include <atomic>
#include <thread>

using namespace elsec;
using namespace elsec::crypto_test;
using domain::error_code;

namespace {

constexpr std::uint64_t rounds = 5'000;

struct shared_state {
  std::array<crypto::secret, rounds> keys;
  std::atomic<std::uint64_t> created = 0;
  std::atomic<std::uint64_t> wrong = 0;
  std::atomic<std::uint64_t> reads = 0;
  std::atomic<bool> done = false;
};

// Every slot given out is live with its key or closed, never damaged.
void keep_reading(const crypto::slot_file& slots, shared_state& state, std::uint64_t step) {
  for (std::uint64_t at = step; !state.done; at += step) {
    const auto created = state.created.load(std::memory_order_acquire);
    if (created == 0) continue;
    const auto index = created - 1 - at % std::min<std::uint64_t>(created, 8);
    const auto key = slots.read(index);
    const bool right = key ? *key == state.keys[index] : key.error().code == error_code::closed;
    if (!right) ++state.wrong;
    ++state.reads;
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(reads_alongside_creating_and_closing_are_always_right) {
  slots_fixture on;
  const auto slots = on.open(on.mirrored());
  shared_state state;
  {
    std::vector<std::jthread> readers;
    for (const std::uint64_t step : {1U, 3U, 5U})
      readers.emplace_back([&, step] { keep_reading(*slots, state, step); });
    for (std::uint64_t round = 0; round < rounds; ++round) {
      auto made = slots->create();
      BOOST_TEST_REQUIRE(made.has_value());
      state.keys[round] = made->key;
      state.created.store(round + 1, std::memory_order_release);
      if (round >= 4 && round % 2 == 0) BOOST_TEST_REQUIRE(slots->close(round - 4).has_value());
    }
    while (state.reads == 0) std::this_thread::yield();
    state.done = true;
  }
  BOOST_TEST(state.wrong == 0U);
}
