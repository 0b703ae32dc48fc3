#include "tests/actors/disks.hpp"

#include <cerrno>
#include <sys/statvfs.h>
#include <sys/syscall.h>

namespace elsec::actors::testing {

std::optional<std::uint64_t> free_bytes_everywhere;

}  // namespace elsec::actors::testing

extern "C" {

int statvfs(const char* path, struct statvfs* info) noexcept {
  const int folder = ::open(path, O_PATH | O_CLOEXEC);
  if (folder < 0) return -1;
  const int result = ::fstatvfs(folder, info);
  const int why = errno;
  ::close(folder);
  errno = why;
  if (result != 0 || !elsec::actors::testing::free_bytes_everywhere) return result;
  info->f_frsize = 1;
  info->f_bavail = *elsec::actors::testing::free_bytes_everywhere;
  return 0;
}
int posix_fallocate(int file, off_t offset, off_t size) {
  const auto& left = elsec::actors::testing::free_bytes_everywhere;
  if (left && *left < static_cast<std::uint64_t>(size)) return ENOSPC;
  return ::syscall(SYS_fallocate, file, 0, offset, size) == 0 ? 0 : errno;
}
}
