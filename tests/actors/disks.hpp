#pragma once
// Disks that fail, and such as hold what a test says.

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace elsec::actors::testing {

// Every descriptor of a file that this process has open leads to another file. What stands for a disk that takes no
// write: /dev/null, open for reading only. What takes every write and cannot be synced: /dev/zero.
class broken_file {
 public:
  broken_file(const std::filesystem::path& file, const char* by, int flags) {
    std::vector<int> descriptors;
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code closed;  // the one that reads the folder
      if (std::filesystem::equivalent(each.path(), file, closed))
        descriptors.push_back(std::stoi(each.path().filename().string()));
    }
    BOOST_REQUIRE(!descriptors.empty());
    const int other = ::open(by, flags | O_CLOEXEC);
    for (const auto each : descriptors) {
      before_.emplace_back(each, ::dup(each));
      BOOST_REQUIRE(::dup2(other, each) == each);
    }
    ::close(other);
  }
  ~broken_file() {
    for (const auto& [each, kept] : before_) {
      ::dup2(kept, each);
      ::close(kept);
    }
  }
  broken_file(const broken_file&) = delete;
  broken_file& operator=(const broken_file&) = delete;

 private:
  std::vector<std::pair<int, int>> before_;
};

// What every disk has left in this program: while it is set, the C library's statvfs says so, and its posix_fallocate
// gives no more.
extern std::optional<std::uint64_t> free_bytes_everywhere;

class disk_with {
 public:
  explicit disk_with(std::uint64_t free_bytes) { free_bytes_everywhere = free_bytes; }
  ~disk_with() { free_bytes_everywhere.reset(); }
  disk_with(const disk_with&) = delete;
  disk_with& operator=(const disk_with&) = delete;
};

}  // namespace elsec::actors::testing
