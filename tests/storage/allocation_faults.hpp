#pragma once
// Memory that runs out: the process' allocations are counted, and one of them fails. That means malloc and its kin,
// whoever calls them (operator new, LMDB, libsodium, OpenSSL), and anonymous mmap, from which libsodium takes what it
// locks. What fails says so as the C library does: null, or MAP_FAILED, with ENOMEM.

#include <cstdint>

namespace elsec::storage::testing {

enum class shortage : std::uint8_t { of_one, from_one_on };

// Counts from 0 from now on; the allocation with this number (from 1) fails, or it and all that follow; none for 0. For
// one thread's test.
void fail_allocation(std::uint64_t which, shortage kind) noexcept;
// There is memory again.
void end_shortage() noexcept;
// Allocations since the beginning; none are counted any more.
std::uint64_t end_of_allocation_faults() noexcept;

}  // namespace elsec::storage::testing
