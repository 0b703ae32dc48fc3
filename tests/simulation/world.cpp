#include "tests/simulation/world.hpp"

#include <cstdio>

namespace elsec::simulation {

void world::move_to(moment when) {
  now_ = when;
  while (!agenda_.empty() && agenda_.begin()->first <= now_) {
    const auto what = std::move(agenda_.extract(agenda_.begin()).mapped());
    what();
  }
}

// FNV-1a.
void world::tell(const std::string& line) {
  for (const char letter : line) trace_ = (trace_ ^ static_cast<unsigned char>(letter)) * 1099511628211ULL;
  if (!tells_all_) return;
  const auto seconds = std::chrono::duration<double>(now_.time_since_epoch() - 24h * 365).count();
  std::fprintf(stderr, "%10.6f %s\n", seconds, line.c_str());
}

}  // namespace elsec::simulation
