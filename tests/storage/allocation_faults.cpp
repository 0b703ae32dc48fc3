#include "tests/storage/allocation_faults.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

// Constants from the start: malloc is called before any constructor.
constinit std::atomic<bool> counting{false};
constinit std::atomic<std::uint64_t> count{0};
constinit std::atomic<std::uint64_t> first_failing{0};  // 0: none
constinit std::atomic<std::uint64_t> last_failing{0};

bool fails_now() noexcept {
  if (!counting.load(std::memory_order_relaxed)) return false;
  const auto number = ++count;
  const auto first = first_failing.load(std::memory_order_relaxed);
  if (first == 0 || number < first || number > last_failing.load(std::memory_order_relaxed)) return false;
  errno = ENOMEM;
  return true;
}

}  // namespace

namespace elsec::storage::testing {

void fail_allocation(std::uint64_t which, shortage kind) noexcept {
  count = 0;
  last_failing = kind == shortage::of_one ? which : UINT64_MAX;
  first_failing = which;
  counting = true;
}

void end_shortage() noexcept { first_failing = 0; }

std::uint64_t end_of_allocation_faults() noexcept {
  counting = false;
  return count;
}

}  // namespace elsec::storage::testing

// The C library's own, under the names it keeps for those who replace them; what they give is freed by its free().
extern "C" {

void* __libc_malloc(std::size_t size);                           // NOLINT(bugprone-reserved-identifier)
void* __libc_calloc(std::size_t items, std::size_t size);        // NOLINT(bugprone-reserved-identifier)
void* __libc_realloc(void* old, std::size_t size);               // NOLINT(bugprone-reserved-identifier)
void* __libc_memalign(std::size_t alignment, std::size_t size);  // NOLINT(bugprone-reserved-identifier)

void* malloc(std::size_t size) noexcept { return fails_now() ? nullptr : __libc_malloc(size); }
void* calloc(std::size_t items, std::size_t size) noexcept {
  return fails_now() ? nullptr : __libc_calloc(items, size);
}
void* realloc(void* old, std::size_t size) noexcept { return fails_now() ? nullptr : __libc_realloc(old, size); }
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return fails_now() ? nullptr : __libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) noexcept {
  if (fails_now()) return ENOMEM;
  *out = __libc_memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}
void* mmap(void* where, std::size_t size, int protection, int flags, int file, off_t offset) noexcept {
  if ((flags & MAP_ANONYMOUS) != 0 && fails_now()) return MAP_FAILED;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the system call's number is the address
  return reinterpret_cast<void*>(::syscall(SYS_mmap, where, size, protection, flags, file, offset));
}
}
