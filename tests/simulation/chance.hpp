#pragma once
// Everything random in a run comes from its seed, keys and nonces included: the generator takes the place of
// libsodium's own.

#include <chrono>
#include <cstdint>
#include <random>

namespace elsec::simulation {

class chance {
 public:
  explicit chance(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t number() { return engine_(); }
  // From 0 to `bound` - 1. Precondition: bound > 0.
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  bool happens(double probability) {
    constexpr double scale = 1.0 / 9007199254740992.0;  // 2^53
    return static_cast<double>(engine_() >> 11U) * scale < probability;
  }
  // Evenly between the two, in microseconds' steps.
  std::chrono::microseconds between(std::chrono::microseconds least, std::chrono::microseconds most) {
    return least + std::chrono::microseconds(below(static_cast<std::uint64_t>((most - least).count()) + 1));
  }

 private:
  std::mt19937_64 engine_;
};

// Before crypto::start(): libsodium asks this generator from now on.
void take_the_place_of_system_randomness();
// Begins the generator anew.
void seed_keys_and_nonces(std::uint64_t seed);

}  // namespace elsec::simulation
