#include "app/cli/files.hpp"

#include "app/cli/limits.hpp"
#include "app/cli/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/fs.h>
#include <memory>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace elsec::cli {
namespace {

namespace fs = std::filesystem;

// read(2) until the span is full or the file ends.
outcome<std::size_t> read_some(int file, const fs::path& path, std::span<char> into) {
  std::size_t count = 0;
  while (count < into.size()) {
    const auto got = ::read(file, into.data() + count, into.size() - count);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_failure("reading", path, errno);
    if (got == 0) break;
    count += static_cast<std::size_t>(got);
  }
  return count;
}

outcome<descriptor> open_regular(const fs::path& path) {
  descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (file.number() < 0) return file_failure("opening", path, errno);
  struct stat about{};
  if (::fstat(file.number(), &about) != 0) return file_failure("opening", path, errno);
  if (S_ISDIR(about.st_mode)) return file_failure("opening", path, EISDIR);
  return file;
}

fs::path folder_of(const fs::path& target) { return target.has_parent_path() ? target.parent_path() : fs::path("."); }

std::string lower_extension(const fs::path& name) {
  auto extension = name.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return extension;
}

// At most `size` bytes of the text, cut between two characters.
std::string_view cut(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
  return text.substr(0, size);
}

}  // namespace

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

descriptor::~descriptor() {
  if (number_ >= 0) ::close(number_);
}

std::unexpected<failure> file_failure(std::string_view doing, const fs::path& path, int system_error) {
  return fail(exit_code::local_file, fmt::format("{} {} failed.", doing, path.string()),
              std::generic_category().message(system_error));
}

outcome<std::string> read_file(const fs::path& path, std::size_t size_max_bytes) {
  const auto file = open_regular(path);
  if (!file) return std::unexpected(file.error());
  std::string content;
  std::vector<char> block(block_size_bytes);
  while (true) {
    const auto count = read_some(file->number(), path, block);
    if (!count) return std::unexpected(count.error());
    if (*count == 0) return content;
    content.append(block.data(), *count);
    if (content.size() > size_max_bytes)
      return fail(exit_code::local_file, fmt::format("{} is too large.", path.string()),
                  fmt::format("At most {} are read.", size_text(size_max_bytes)));
  }
}

outcome<part_file> part_file::beside(const fs::path& target, overwrite allowed) {
  std::error_code ec;
  if (allowed == overwrite::no && fs::exists(fs::symlink_status(target, ec)))
    return fail(exit_code::local_file, target.string() + " exists already.", "Use --force to overwrite it.");
  auto path = (folder_of(target) / ".elsec-XXXXXX").string();
  descriptor file(::mkostemp(path.data(), O_CLOEXEC));
  if (file.number() < 0) return file_failure("creating a file beside", target, errno);
  return part_file(target, std::move(path), std::move(file), allowed);
}

part_file::~part_file() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

outcome<void> part_file::write(std::string_view data) {
  while (!data.empty()) {
    const auto count = ::write(file_.number(), data.data(), data.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_failure("writing", target_, errno);
    data.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

outcome<void> part_file::restart() {
  if (::ftruncate(file_.number(), 0) != 0 || ::lseek(file_.number(), 0, SEEK_SET) != 0)
    return file_failure("writing", target_, errno);
  return {};
}

outcome<void> part_file::keep() {
  if (::fsync(file_.number()) != 0) return file_failure("writing", target_, errno);
  const auto flags = allowed_ == overwrite::yes ? 0U : static_cast<unsigned>(RENAME_NOREPLACE);
  auto renamed = ::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target_.c_str(), flags) == 0;
  // Some network file systems do not know RENAME_NOREPLACE; a hard link refuses an existing name, too.
  if (!renamed && errno == EINVAL && allowed_ == overwrite::no) {
    renamed = ::link(path_.c_str(), target_.c_str()) == 0;
    if (renamed) ::unlink(path_.c_str());
  }
  if (!renamed) return file_failure("naming", target_, errno);
  path_.clear();
  const descriptor folder(::open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.number() >= 0 && ::fsync(folder.number()) != 0) return file_failure("writing", target_, errno);
  return {};
}

outcome<void> write_file(const fs::path& target, std::string_view data, overwrite allowed) {
  auto part = part_file::beside(target, allowed);
  if (!part) return std::unexpected(std::move(part.error()));
  if (auto ok = part->write(data); !ok) return ok;
  return part->keep();
}

outcome<local_file> inspect(const fs::path& path) {
  const auto file = open_regular(path);
  if (!file) return std::unexpected(file.error());
  local_file what{path, path.filename().string(), media_type_of(path), 0, {}};
  crypto::sha256_stream hash;
  std::vector<char> block(block_size_bytes);
  while (true) {
    const auto count = read_some(file->number(), path, block);
    if (!count) return std::unexpected(count.error());
    if (*count == 0) break;
    hash.add({reinterpret_cast<const std::uint8_t*>(block.data()), *count});
    what.size_bytes += *count;
  }
  what.sha256 = hash.finish();
  return what;
}

outcome<body_reader> open_reader(const fs::path& path, std::function<void(std::size_t)> on_read) {
  auto file = open_regular(path);
  if (!file) return std::unexpected(std::move(file.error()));
  auto shared = std::make_shared<descriptor>(std::move(*file));
  return [shared, path, on_read = std::move(on_read)](std::span<char> into) {
    auto count = read_some(shared->number(), path, into);
    if (count && on_read) on_read(*count);
    return count;
  };
}

std::string media_type_of(const fs::path& name) {
  struct pair {
    std::string_view extension, type;
  };
  constexpr std::array known{pair{".pdf", "application/pdf"},
                             pair{".txt", "text/plain"},
                             pair{".csv", "text/csv"},
                             pair{".xml", "application/xml"},
                             pair{".json", "application/json"},
                             pair{".png", "image/png"},
                             pair{".jpg", "image/jpeg"},
                             pair{".jpeg", "image/jpeg"},
                             pair{".tif", "image/tiff"},
                             pair{".tiff", "image/tiff"},
                             pair{".dcm", "application/dicom"},
                             pair{".zip", "application/zip"},
                             pair{".rtf", "application/rtf"},
                             pair{".odt", "application/vnd.oasis.opendocument.text"},
                             pair{".ods", "application/vnd.oasis.opendocument.spreadsheet"},
                             pair{".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
                             pair{".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}};
  const auto extension = lower_extension(name);
  const auto found = std::ranges::find(known, extension, &pair::extension);
  return std::string(found == known.end() ? "application/octet-stream" : found->type);
}

std::string safe_file_name(std::string_view name, std::string_view fallback) {
  if (const auto slash = name.find_last_of("/\\"); slash != std::string_view::npos) name.remove_prefix(slash + 1);
  std::string safe;
  while (!name.empty()) {
    const auto next = first_code_point(name);
    const auto length = std::max<std::size_t>(next.length, 1);
    constexpr std::string_view special = ":*?\"<>|$`'&;";
    const bool unfit = next.length == 0 || steers_terminal(next.value) ||
                       (length == 1 && special.find(name.front()) != std::string_view::npos);
    safe += unfit ? std::string_view("_") : name.substr(0, length);
    name.remove_prefix(length);
  }
  while (safe.ends_with(' ') || safe.ends_with('.')) safe.pop_back();
  if (safe.empty()) return std::string(fallback);
  if (safe.front() == '.' || safe.front() == '-' || safe.front() == '~' || safe.front() == ' ') safe.front() = '_';
  if (safe.size() <= file_name_max_bytes) return safe;
  constexpr std::size_t extension_max_bytes = 10;
  const auto extension = fs::path(safe).extension().string();
  if (extension.size() > extension_max_bytes) return std::string(cut(safe, file_name_max_bytes));
  return std::string(cut(safe, file_name_max_bytes - extension.size())) + extension;
}

}  // namespace elsec::cli
