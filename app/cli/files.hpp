#pragma once
// Local files: read within a bound, written whole or not at all.

#include "app/cli/failure.hpp"
#include "app/cli/https.hpp"
#include "crypto/seal.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace elsec::cli {

// A file descriptor that closes itself.
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int number) noexcept : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept;
  ~descriptor();
  [[nodiscard]] int number() const noexcept { return number_; }

 private:
  int number_ = -1;
};

// `local_file` naming the path and the system's reason.
[[nodiscard]] std::unexpected<failure> file_failure(std::string_view doing, const std::filesystem::path& path,
                                                    int system_error);

[[nodiscard]] outcome<std::string> read_file(const std::filesystem::path& path, std::size_t size_max_bytes);

enum class overwrite { no, yes };

// A temporary file (mode 0600) beside its target; gone with this object unless it was kept.
class part_file {
 public:
  // Fails at once when the target exists and may not be overwritten.
  [[nodiscard]] static outcome<part_file> beside(const std::filesystem::path& target, overwrite allowed);
  part_file(part_file&& other) noexcept = default;
  part_file& operator=(part_file&&) = delete;
  ~part_file();

  [[nodiscard]] outcome<void> write(std::string_view data);
  // Back to an empty file.
  [[nodiscard]] outcome<void> restart();
  // On disk, then under the target's name. Another program's file of that name is not overwritten unasked.
  [[nodiscard]] outcome<void> keep();

 private:
  part_file(std::filesystem::path target, std::string path, descriptor file, overwrite allowed)
      : target_(std::move(target)), path_(std::move(path)), file_(std::move(file)), allowed_(allowed) {}

  std::filesystem::path target_;
  std::string path_;  // empty once moved from or kept
  descriptor file_;
  overwrite allowed_;
};

[[nodiscard]] outcome<void> write_file(const std::filesystem::path& target, std::string_view data, overwrite allowed);

// A file to upload: its size and digest, read once before the first byte is sent.
struct local_file {
  std::filesystem::path path;
  std::string name;  // as the recipient sees it
  std::string media_type;
  std::uint64_t size_bytes = 0;
  crypto::digest sha256{};
};
[[nodiscard]] outcome<local_file> inspect(const std::filesystem::path& path);

// Reads the file from its start; `on_read` hears how many bytes each time.
[[nodiscard]] outcome<body_reader> open_reader(const std::filesystem::path& path,
                                               std::function<void(std::size_t)> on_read);

// By the name's ending; `application/octet-stream` when it is unknown. The node looks at the content anyway.
[[nodiscard]] std::string media_type_of(const std::filesystem::path& name);

// The node's file name made fit to be created here: no folders, no hidden file, no characters that steer a terminal or
// mean something to a shell or another file system, at most `file_name_max_bytes`. `fallback` when nothing is left.
[[nodiscard]] std::string safe_file_name(std::string_view name, std::string_view fallback);

}  // namespace elsec::cli
