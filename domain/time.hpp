#pragma once
// Time as records carry it: UTC with milliseconds. The domain never reads a clock; "now" is always an argument.

#include <chrono>

namespace elsec::domain {

using time_point = std::chrono::sys_time<std::chrono::milliseconds>;

}  // namespace elsec::domain
