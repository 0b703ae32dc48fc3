#include "app/cli/session.hpp"

#include "app/cli/files.hpp"
#include "app/cli/limits.hpp"
#include "app/cli/text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <cerrno>
#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>

namespace elsec::cli {
namespace {

namespace fs = std::filesystem;

std::string first_of(const std::string& option, const environment& env, const char* name) {
  return option.empty() ? env(name).value_or("") : option;
}

outcome<void> make_private_folder(const fs::path& folder) {
  std::error_code ec;
  if (folder.empty() || fs::exists(folder, ec)) return {};
  if (folder.has_parent_path()) fs::create_directories(folder.parent_path(), ec);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return file_failure("creating", folder, errno);
  return {};
}

}  // namespace

environment process_environment() {
  return [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    if (!value || !*value) return std::nullopt;
    return value;
  };
}

outcome<fs::path> session_path(const std::string& option, const environment& env) {
  if (const auto chosen = first_of(option, env, "ELSEC_SESSION"); !chosen.empty()) return fs::path(chosen);
  if (const auto config = env("XDG_CONFIG_HOME")) return fs::path(*config) / "elsec" / "session.json";
  if (const auto home = env("HOME")) return fs::path(*home) / ".config" / "elsec" / "session.json";
  return fail(exit_code::usage, "There is no place for the session.", "Set HOME, or give --session FILE.");
}

outcome<std::optional<session>> load_session(const fs::path& path) {
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return file_failure("reading", path, errno);
  }
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fail(exit_code::local_file, path.string() + " is open to other users.",
                "It holds a credential: run `chmod 600` on it, or log in again after deleting it.");
  const auto text = read_file(path, settings_file_max_bytes);
  if (!text) return std::unexpected(text.error());
  boost::system::error_code unreadable;
  const auto value = boost::json::parse(*text, unreadable);
  session found{text_of(value, "node"), text_of(value, "token"), text_of(value, "ca_file"),
                text_of(value, "expires_at")};
  if (unreadable || found.node.empty() || found.token.empty())
    return fail(exit_code::local_file, path.string() + " is not a session.", "Delete it and log in again.");
  return found;
}

outcome<void> save_session(const fs::path& path, const session& what) {
  if (auto ok = make_private_folder(path.parent_path()); !ok) return ok;
  boost::json::object value{{"node", what.node}, {"token", what.token}};
  if (!what.ca_file.empty()) value["ca_file"] = what.ca_file;
  if (!what.expires_at.empty()) value["expires_at"] = what.expires_at;
  return write_file(path, json_text(value) + '\n', overwrite::yes);
}

outcome<void> remove_session(const fs::path& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return file_failure("deleting", path, errno);
}

outcome<connection> choose_connection(const connection_options& options, const environment& env) {
  const auto path = session_path(options.session_file, env);
  if (!path) return std::unexpected(path.error());
  const auto chosen = first_of(options.node, env, "ELSEC_NODE");
  const auto token = env("ELSEC_TOKEN");
  const auto stored = load_session(*path);
  // A damaged session must not stop who needs nothing from it.
  if (!stored && (chosen.empty() || !token)) return std::unexpected(stored.error());
  const auto remembered = stored ? *stored : std::nullopt;
  if (chosen.empty() && !remembered)
    return fail(exit_code::usage, "Which node?", "Give --node URL, set ELSEC_NODE, or log in first.");
  auto node = parse_node_url(chosen.empty() ? remembered->node : chosen);
  if (!node) return std::unexpected(std::move(node.error()));
  const bool same_node = remembered && remembered->node == node->str();
  auto proxy = choose_proxy(options.proxy, env, *node);
  if (!proxy) return std::unexpected(std::move(proxy.error()));
  connection with{std::move(*node), first_of(options.ca_file, env, "ELSEC_CA_FILE"), {}, std::move(*proxy)};
  if (with.ca_file.empty() && same_node) with.ca_file = remembered->ca_file;
  if (token)
    with.token = *token;
  else if (same_node)
    with.token = remembered->token;
  return with;
}

}  // namespace elsec::cli
