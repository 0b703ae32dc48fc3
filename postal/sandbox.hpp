#pragma once
// What a process gives up before it touches a foreign file.

#include "domain/error.hpp"

#include <chrono>
#include <cstdint>

namespace elsec::postal {

struct resource_limits {
  std::uint64_t address_space_bytes = 0;
  std::uint64_t cpu_s = 0;
  std::uint64_t file_bytes = 0;  // the largest file it can write
};

// No core dumps, bounded memory, CPU time and file sizes. A write beyond `file_bytes` fails with EFBIG.
[[nodiscard]] domain::result<void> limit_resources(const resource_limits& limits);

// From here on: computing, memory, and reading and writing the files that are open. Any other system call, in any
// thread, kills the process. There is no way back.
[[nodiscard]] domain::result<void> enter_sandbox();

}  // namespace elsec::postal
