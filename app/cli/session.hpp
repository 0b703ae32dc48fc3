#pragma once
// Where a log-in is remembered, and which node and token a command uses.

#include "app/cli/environment.hpp"
#include "app/cli/https.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace elsec::cli {

struct session {
  std::string node{};  // as node_url::str() gives it
  std::string token{};
  std::string ca_file{};  // absolute; empty: the system's authorities
  std::string expires_at{};
};

// --session, else ELSEC_SESSION, else $XDG_CONFIG_HOME/elsec/session.json, else $HOME/.config/elsec/session.json.
[[nodiscard]] outcome<std::filesystem::path> session_path(const std::string& option, const environment& env);

// Nothing when there is no such file. `local_file` when others may read it, or when it is no session.
[[nodiscard]] outcome<std::optional<session>> load_session(const std::filesystem::path& path);

// Creates the folder with mode 0700 and replaces the file atomically with mode 0600.
[[nodiscard]] outcome<void> save_session(const std::filesystem::path& path, const session& what);

// Forgets it; no error when there is none.
[[nodiscard]] outcome<void> remove_session(const std::filesystem::path& path);

struct connection_options {
  std::string node{};
  std::string ca_file{};
  std::string session_file{};
  std::string proxy{};
};

// Node: --node, ELSEC_NODE, the session's. CA file: --ca, ELSEC_CA_FILE, the session's if it is for this node. Token:
// ELSEC_TOKEN, else the session's, which never goes to another node than the one that gave it. No token is no error
// here. Proxy: choose_proxy(); no session remembers it, for it belongs to the place where one works.
[[nodiscard]] outcome<connection> choose_connection(const connection_options& options, const environment& env);

}  // namespace elsec::cli
