// Key files of secret.hpp.
#include "crypto/posix_file.hpp"
#include "crypto/secret.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace elsec::crypto {

namespace {

constexpr mode_t owner_may = S_IRUSR | S_IWUSR;
constexpr mode_t mode_bits = 07777;

domain::result<void> check(const struct stat& what, const std::string& path) {
  const auto refuse = [&](const char* why) { return domain::fail(domain::error_code::invalid, path + why); };
  if (!S_ISREG(what.st_mode)) return refuse(" must be a regular file");
  if (what.st_uid != ::geteuid()) return refuse(" must belong to the user this program runs as (chown)");
  if ((what.st_mode & mode_bits & ~owner_may) != 0) return refuse(" must be its owner's alone (chmod 600)");
  if (what.st_size != secret::size) return refuse(" must hold exactly 32 bytes");
  return {};
}

}  // namespace

domain::result<secret> read_key_file(const char* path) {
  // Without O_NONBLOCK, a pipe of that name would hold up the start.
  const file_handle file(::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.is_open() && errno == ENOENT)
    return domain::fail(domain::error_code::invalid,
                        std::string(path) + " is missing: restore this key, or make a new one");
  if (!file.is_open()) return fail_errno("open", path, errno);
  struct stat what{};
  if (::fstat(file.get(), &what) != 0) return fail_errno("examine", path, errno);
  if (auto good = check(what, path); !good) return std::unexpected(good.error());
  domain::result<void> read;
  auto key = secret::filled_by([&](std::span<std::uint8_t, secret::size> out) { read = read_at(file, path, out, 0); });
  if (!read) return std::unexpected(read.error());
  return key;
}

domain::result<secret> create_key_file(const char* path) {
  auto key = secret::random();
  const auto created = create_whole(path, [&](const file_handle& file) { return write_at(file, path, key.view(), 0); });
  if (!created) return std::unexpected(created.error());
  return key;
}

}  // namespace elsec::crypto
