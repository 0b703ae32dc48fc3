#pragma once
// A slot file in a folder of its own, and hands that reach into it behind its back.

#include "crypto/slots.hpp"
#include "tests/crypto/support.hpp"

#include <csignal>
#include <fstream>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <utility>
#include <vector>

namespace elsec::crypto_test {

class slots_fixture {
 public:
  explicit slots_fixture(crypto::secret key = crypto::secret::random()) : key_(std::move(key)) {}

  [[nodiscard]] const temporary_folder& folder() const noexcept { return folder_; }
  [[nodiscard]] const crypto::secret& key() const noexcept { return key_; }
  [[nodiscard]] std::string path() const { return folder_.file("slots"); }
  [[nodiscard]] std::string mirror_path() const { return folder_.file("mirror"); }
  [[nodiscard]] crypto::slot_file_options options() const { return {.path = path(), .mirror_path = {}}; }
  [[nodiscard]] crypto::slot_file_options mirrored() const { return {.path = path(), .mirror_path = mirror_path()}; }

  [[nodiscard]] std::unique_ptr<crypto::slot_file> open() const { return open(options()); }
  [[nodiscard]] std::unique_ptr<crypto::slot_file> open(const crypto::slot_file_options& options) const {
    auto opened = crypto::slot_file::open(options, key_);
    if (!opened) BOOST_FAIL(opened.error().detail);
    return std::move(*opened);
  }
  [[nodiscard]] std::unique_ptr<crypto::slot_file> reopen(std::unique_ptr<crypto::slot_file> before) const {
    before.reset();
    return open();
  }

 private:
  temporary_folder folder_;
  crypto::secret key_;
};

inline std::vector<crypto::slot> create(crypto::slot_file& slots, std::uint64_t count) {
  std::vector<crypto::slot> made;
  for (std::uint64_t i = 0; i < count; ++i) made.push_back(slots.create().value());
  BOOST_TEST_REQUIRE(slots.sync().has_value());
  return made;
}

inline std::uint64_t slot_offset(std::uint64_t index) { return 4'096 + index * 128; }

inline std::string read_bytes(const std::string& path, std::uint64_t offset, std::size_t size) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(size, '\0');
  BOOST_TEST_REQUIRE(
      !file.seekg(static_cast<std::streamoff>(offset)).read(bytes.data(), static_cast<std::streamsize>(size)).fail());
  return bytes;
}

inline std::string read_file(const std::string& path) { return read_bytes(path, 0, std::filesystem::file_size(path)); }

inline void write_bytes(const std::string& path, std::uint64_t offset, std::string_view bytes) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(offset)).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  BOOST_TEST_REQUIRE(!file.flush().fail());
}

inline std::string read_slot(const std::string& path, std::uint64_t index) {
  return read_bytes(path, slot_offset(index), 128);
}
inline void write_slot(const std::string& path, std::uint64_t index, std::string_view bytes) {
  write_bytes(path, slot_offset(index), bytes);
}

// As if the slots [from, to) had never reached the disk.
inline void lose_slots(const std::string& path, std::uint64_t from, std::uint64_t to) {
  write_bytes(path, slot_offset(from), std::string((to - from) * 128, '\0'));
}

inline void flip_bit(const std::string& path, std::uint64_t offset, std::size_t bit) {
  auto byte = read_bytes(path, offset, 1);
  byte[0] = static_cast<char>(byte[0] ^ (1 << bit));
  write_bytes(path, offset, byte);
}

// Every write from this offset on fails, as on a broken disk.
class file_size_limit {
 public:
  explicit file_size_limit(rlim_t size_bytes) {
    before_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    BOOST_TEST_REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const rlimit limited{size_bytes, before_.rlim_max};
    BOOST_TEST_REQUIRE(::setrlimit(RLIMIT_FSIZE, &limited) == 0);
  }
  ~file_size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, before_handler_);
  }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;

 private:
  rlimit before_{};
  void (*before_handler_)(int) = SIG_DFL;
};

}  // namespace elsec::crypto_test
