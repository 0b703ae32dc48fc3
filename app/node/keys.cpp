#include "app/node/keys.hpp"

#include "crypto/seal.hpp"

#include <zmq.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace elsec::app {

using domain::error_code;

namespace {

// node.keys: two seeds, one after the other, sealed by the master key.
constexpr auto identity_context = "node identity";

node_identity identity_of(const crypto::secret& signing_seed, const crypto::secret& curve_seed) {
  return {crypto::signing_key::from_seed(signing_seed), transport::curve_pair_from_seed(curve_seed)};
}

domain::result<void> write_new_file(const std::string& path, std::span<const std::uint8_t> data) {
  const auto failed = [&](const char* what) {
    return domain::fail(error_code::io, path + ": " + what + ": " + std::strerror(errno));
  };
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return failed("cannot be created");
  const bool written =
      ::write(file, data.data(), data.size()) == static_cast<ssize_t>(data.size()) && ::fsync(file) == 0;
  if (::close(file) != 0 || !written) return failed("cannot be written");
  return {};
}

domain::result<void> sync_folder(const std::string& folder) {
  const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = handle >= 0 && ::fsync(handle) == 0;
  if (handle >= 0) ::close(handle);
  if (!synced) return domain::fail(error_code::io, folder + ": cannot be synced: " + std::strerror(errno));
  return {};
}

domain::result<void> make_identity(const std::string& path, const crypto::secret& master) {
  domain::bytes seeds;
  for (int i = 0; i < 2; ++i) {
    const auto seed = crypto::secret::random();
    seeds.insert(seeds.end(), seed.view().begin(), seed.view().end());
  }
  const auto sealed = crypto::seal(master, seeds, identity_context);
  std::ranges::fill(seeds, std::uint8_t{0});
  return write_new_file(path, sealed);
}

domain::result<crypto::secret> read_or_create(const std::string& path) {
  if (std::filesystem::exists(path)) return crypto::read_key_file(path.c_str());
  return crypto::create_key_file(path.c_str());
}

std::string public_line(const node_identity& identity) {
  std::array<char, 41> z85{};
  zmq_z85_encode(z85.data(), identity.curve.public_key.data(), identity.curve.public_key.size());
  return std::string(R"({"curve_key":")") + z85.data() + R"(","receipt_key":")" +
         crypto::to_base64url(identity.signing.verify_key()) + "\"}";
}

}  // namespace

domain::result<node_identity> read_identity(const std::string& path, const crypto::secret& master) {
  std::ifstream file(path, std::ios::binary);
  const domain::bytes sealed{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.good() && !file.eof()) return domain::fail(error_code::io, path + ": cannot be read");
  if (sealed.empty()) return domain::fail(error_code::io, path + ": is missing or empty; make it with --make-keys");
  auto seeds = crypto::open(master, sealed, identity_context);
  if (!seeds || seeds->size() != 2 * crypto::secret::size)
    return domain::fail(error_code::integrity, path + ": does not belong to this master key");
  const auto signing = crypto::secret::from(std::span(*seeds).first(crypto::secret::size));
  const auto curve = crypto::secret::from(std::span(*seeds).last(crypto::secret::size));
  std::ranges::fill(*seeds, std::uint8_t{0});
  if (!signing || !curve) return domain::fail(error_code::internal, path + ": cannot be kept in locked memory");
  return identity_of(*signing, *curve);
}

domain::result<std::string> make_keys(const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return domain::fail(error_code::io, folder + ": " + failed.message());
  ::chmod(folder.c_str(), 0700);
  const auto master = read_or_create(folder + "/master.key");
  if (!master) return std::unexpected(master.error());
  if (const auto slots = read_or_create(folder + "/slots.key"); !slots) return std::unexpected(slots.error());
  const auto identity_path = folder + "/node.keys";
  if (!std::filesystem::exists(identity_path))
    if (auto made = make_identity(identity_path, *master); !made) return std::unexpected(made.error());
  if (auto synced = sync_folder(folder); !synced) return std::unexpected(synced.error());
  const auto identity = read_identity(identity_path, *master);
  if (!identity) return std::unexpected(identity.error());
  return public_line(*identity);
}

}  // namespace elsec::app
