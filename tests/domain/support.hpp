#pragma once

#include "domain/ids.hpp"

namespace elsec::domain_test {

// That many milliseconds after the epoch.
inline domain::time_point at(std::int64_t ms) { return domain::time_point{std::chrono::milliseconds{ms}}; }

}  // namespace elsec::domain_test
