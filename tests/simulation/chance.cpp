#include "tests/simulation/chance.hpp"

#include <sodium.h>

#include <cstring>

namespace elsec::simulation {
namespace {

std::mt19937_64& generator() {
  static std::mt19937_64 engine;
  return engine;
}

const char* generator_name() { return "seeded"; }

std::uint32_t next_number() { return static_cast<std::uint32_t>(generator()()); }

void fill(void* out, std::size_t size) {
  auto* bytes = static_cast<unsigned char*>(out);
  while (size > 0) {
    const std::uint64_t number = generator()();
    const std::size_t part = std::min(size, sizeof number);
    std::memcpy(bytes, &number, part);
    bytes += part;
    size -= part;
  }
}

randombytes_implementation seeded{generator_name, next_number, nullptr, nullptr, fill, nullptr};

}  // namespace

void take_the_place_of_system_randomness() { randombytes_set_implementation(&seeded); }
void seed_keys_and_nonces(std::uint64_t seed) { generator().seed(seed); }

}  // namespace elsec::simulation
