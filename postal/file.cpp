#include "postal/file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace elsec::postal {

void unique_fd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

std::unexpected<domain::error> fail_errno(int number, const char* operation) {
  const bool full = number == ENOSPC || number == EDQUOT;
  return domain::fail(full ? domain::error_code::storage_full : domain::error_code::io,
                      std::string(operation) + " failed (errno " + std::to_string(number) + ").");
}

domain::result<void> write_all(int fd, std::span<const std::uint8_t> data) {
  while (!data.empty()) {
    const ssize_t written = ::write(fd, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_errno(errno, "write");
    data = data.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

domain::result<domain::bytes> read_all(int fd, std::size_t bytes_max) {
  struct stat about{};
  if (::fstat(fd, &about) != 0) return fail_errno(errno, "fstat");
  if (static_cast<std::size_t>(about.st_size) > bytes_max)
    return domain::fail(domain::error_code::too_large, "The file is larger than allowed.");
  domain::bytes data(static_cast<std::size_t>(about.st_size));
  std::size_t done = 0;
  while (done < data.size()) {
    const ssize_t got = ::pread(fd, data.data() + done, data.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(errno, "read");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  data.resize(done);
  return data;
}

domain::result<unique_fd> make_memory_file(const char* name) {
  unique_fd file(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return fail_errno(errno, "memfd_create");
  return file;
}

domain::result<void> seal(int memory_file) {
  if (::fcntl(memory_file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
    return fail_errno(errno, "sealing");
  return {};
}

}  // namespace elsec::postal
