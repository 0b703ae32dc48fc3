#include "crypto/posix_file.hpp"

#include "crypto/random.hpp"
#include "crypto/seal.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace elsec::crypto {

namespace {

constexpr mode_t owner_only = S_IRUSR | S_IWUSR;
constexpr std::size_t suffix_bytes = 8;

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::unexpected<domain::error> fail_sync(const std::string& path, int cause) {
  return domain::fail(domain::error_code::io, "cannot sync " + path + ": " + std::strerror(cause));
}

// A name of its own for every attempt: two processes creating the same file cannot tear at each other's draft.
std::string draft_of(const std::string& path) {
  std::array<std::uint8_t, suffix_bytes> suffix;
  random_bytes(suffix);
  return path + ".draft-" + to_hex(suffix);
}

// link() and not rename(): it refuses a name that exists, on every file system that knows links.
domain::result<void> publish(const std::string& draft, const std::string& path) {
  if (::link(draft.c_str(), path.c_str()) == 0) return {};
  if (errno == EEXIST) return domain::fail(domain::error_code::conflict, path + " exists already");
  return fail_errno("create", path, errno);
}

domain::result<void> write_draft(const file_handle& file, const std::string& draft, const std::string& path,
                                 const std::function<domain::result<void>(const file_handle&)>& write) {
  if (::fchmod(file.get(), owner_only) != 0) return fail_errno("set the mode of", draft, errno);
  if (auto written = write(file); !written) return written;
  if (auto synced = sync_all(file, draft); !synced) return synced;
  return publish(draft, path);
}

}  // namespace

file_handle::~file_handle() {
  if (is_open()) ::close(descriptor_);
}

std::unexpected<domain::error> fail_errno(std::string_view doing, const std::string& path, int cause) {
  const bool full = cause == ENOSPC || cause == EDQUOT;
  return domain::fail(full ? domain::error_code::storage_full : domain::error_code::io,
                      "cannot " + std::string(doing) + ' ' + path + ": " + std::strerror(cause));
}

domain::result<void> read_at(const file_handle& file, const std::string& path, std::span<std::uint8_t> out,
                             std::uint64_t offset) {
  while (!out.empty()) {
    const auto got = ::pread(file.get(), out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("read", path, errno);
    if (got == 0) return domain::fail(domain::error_code::io, path + " ends too early");
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

domain::result<void> write_at(const file_handle& file, const std::string& path, std::span<const std::uint8_t> data,
                              std::uint64_t offset) {
  while (!data.empty()) {
    const auto put = ::pwrite(file.get(), data.data(), data.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail_errno("write", path, errno);
    data = data.subspan(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return {};
}

domain::result<void> sync_all(const file_handle& file, const std::string& path) {
  if (::fsync(file.get()) != 0) return fail_sync(path, errno);
  return {};
}

domain::result<void> sync_data(const file_handle& file, const std::string& path) {
  if (::fdatasync(file.get()) != 0) return fail_sync(path, errno);
  return {};
}

domain::result<void> sync_folder_of(const std::string& path) {
  const auto name = folder_of(path);
  const file_handle folder(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) return fail_errno("open the folder", name, errno);
  return sync_all(folder, name);
}

domain::result<file_handle> create_whole(const std::string& path,
                                         const std::function<domain::result<void>(const file_handle&)>& write) {
  const auto draft = draft_of(path);
  file_handle file(::open(draft.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, owner_only));
  if (!file.is_open()) return fail_errno("create", path, errno);
  const auto created = write_draft(file, draft, path, write);
  ::unlink(draft.c_str());
  if (!created) return std::unexpected(created.error());
  if (auto synced = sync_folder_of(path); !synced) return std::unexpected(synced.error());
  return file;
}

}  // namespace elsec::crypto
