#include "tests/crypto/disk_watch.hpp"

#include <map>
#include <mutex>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::mutex guard;  // slots are written and read by several threads

std::map<ino_t, std::uint64_t>& unsynced() {
  static auto* const by_file = new std::map<ino_t, std::uint64_t>;  // also while the process ends
  return *by_file;
}

ino_t file_of(int descriptor) {
  struct stat about{};
  return ::fstat(descriptor, &about) == 0 ? about.st_ino : 0;
}

int synced(int descriptor, long result) {
  if (result != 0) return static_cast<int>(result);
  const std::scoped_lock lock(guard);
  unsynced().erase(file_of(descriptor));
  return 0;
}

}  // namespace

namespace elsec::crypto_test {

std::uint64_t unsynced_bytes(const std::string& path) {
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) return 0;
  const std::scoped_lock lock(guard);
  const auto found = unsynced().find(about.st_ino);
  return found == unsynced().end() ? 0 : found->second;
}

}  // namespace elsec::crypto_test

extern "C" {

ssize_t pwrite(int descriptor, const void* data, size_t size, off_t offset) {
  const auto written = ::syscall(SYS_pwrite64, descriptor, data, size, offset);
  const std::scoped_lock lock(guard);
  if (written > 0) unsynced()[file_of(descriptor)] += static_cast<std::uint64_t>(written);
  return written;
}
int fdatasync(int descriptor) { return synced(descriptor, ::syscall(SYS_fdatasync, descriptor)); }
int fsync(int descriptor) { return synced(descriptor, ::syscall(SYS_fsync, descriptor)); }
}
