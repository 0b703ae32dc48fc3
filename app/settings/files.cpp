#include "app/settings/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace elsec::app {
namespace {

namespace fs = std::filesystem;

constexpr mode_t group_and_others = S_IRWXG | S_IRWXO;
constexpr std::size_t token_characters_min = 32, token_characters_max = 256;

// `closed_to` are the permission bits that must not be set.
or_sentence<void> check_file(const std::string& path, mode_t closed_to) {
  struct stat about{};
  if (stat(path.c_str(), &about) != 0) return wrong(fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
  if (!S_ISREG(about.st_mode)) return wrong(fmt::format("{} is not a file", path));
  if (access(path.c_str(), R_OK) != 0) return wrong(fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
  if ((about.st_mode & closed_to) == 0) return {};
  return wrong(fmt::format("{} is open to others (mode {:04o}); close it with: chmod {} {}", path,
                           about.st_mode & 07777U, closed_to == group_and_others ? "600" : "o-rwx", path));
}

or_sentence<void> check_writable_folder(const fs::path& folder) {
  std::error_code failure;
  if (!fs::is_directory(folder, failure)) return wrong(fmt::format("{} is not a folder", folder.string()));
  if (access(folder.c_str(), W_OK | X_OK) != 0)
    return wrong(fmt::format("{} cannot be written: {}", folder.string(), std::strerror(errno)));
  return {};
}

or_sentence<void> check_folder(const fs::path& folder) {
  std::error_code failure;
  if (fs::exists(folder, failure)) return check_writable_folder(folder);
  return check_writable_folder(folder.parent_path());
}

or_sentence<void> check_new_file(const fs::path& file) {
  std::error_code failure;
  if (!fs::exists(file, failure)) return check_writable_folder(file.parent_path());
  if (!fs::is_regular_file(file, failure)) return wrong(fmt::format("{} is not a file", file.string()));
  if (access(file.c_str(), R_OK | W_OK) == 0) return {};
  return wrong(fmt::format("{} cannot be written: {}", file.string(), std::strerror(errno)));
}

}  // namespace

or_sentence<void> check_path(form shape, const std::string& path) {
  switch (shape) {
    case form::readable_file:
      return check_file(path, 0);
    case form::private_file:
      return check_file(path, S_IRWXO);
    case form::key_file:
      return check_file(path, group_and_others);
    case form::folder:
      return check_folder(path);
    case form::new_file:
      return check_new_file(path);
    case form::token_file:
      if (auto token = read_token_file(path); !token) return std::unexpected(std::move(token.error()));
      return {};
    default:
      return {};
  }
}

bool lies_in(const std::string& path, const std::string& folder) {
  std::error_code failure;
  const auto inner = fs::weakly_canonical(path, failure), outer = fs::weakly_canonical(folder, failure);
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

std::expected<std::string, std::string> read_token_file(const std::string& path) {
  if (auto ok = check_file(path, group_and_others); !ok) return std::unexpected(std::move(ok.error()));
  std::ifstream file(path, std::ios::binary);
  std::string token(token_characters_max + 3, '\0');  // room for a line end, and to notice that it is too long
  file.read(token.data(), static_cast<std::streamsize>(token.size()));
  token.resize(static_cast<std::size_t>(file.gcount()));
  if (token.ends_with('\n')) token.pop_back();
  if (token.ends_with('\r')) token.pop_back();
  const auto visible = [](char c) { return c > ' ' && c <= '~'; };
  if (token.size() < token_characters_min || token.size() > token_characters_max ||
      !std::ranges::all_of(token, visible))
    return wrong(fmt::format("{} must hold a token of 32 to 256 visible characters and nothing else", path));
  return token;
}

}  // namespace elsec::app
