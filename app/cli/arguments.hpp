#pragma once
// The command line as values. Everything a person types is checked here as far as that needs no node.

#include "app/cli/files.hpp"
#include "app/cli/limits.hpp"
#include "app/cli/password.hpp"
#include "app/cli/session.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace elsec::cli {

// The members of a JSON object that were given on the command line.
using given_texts = std::vector<std::pair<std::string, std::string>>;  // member name, value

struct register_command {
  boost::json::object organisation;  // POST /registrations without the password
  boost::json::object user;
  std::vector<std::string> accept;
  bool consulting_requested = false;
  bool acts_for_business = false;
  password_source password;
};

struct login_command {
  std::string email, totp;
  password_source password;
};

struct logout_command {
  bool local_only = false;
};

struct whoami_command {};

struct directory_command {
  given_texts filters;
  bool can_receive = false;
  std::size_t limit = listed_items_default;
};

struct send_command {
  std::vector<std::string> files;  // the document, then attachments
  boost::json::object dispatch;    // POST /documents/{id}/dispatches without attachments
  std::string media_type;          // of the first file; empty: by its name
};

struct inbox_command {
  bool unread = false;
  std::size_t limit = listed_items_default;
};

struct outbox_command {
  bool dispatches = false;  // the dispatches instead of the documents
  std::string state, client_ref;
  std::size_t limit = listed_items_default;
};

struct get_command {
  std::string document, output;
  bool force = false;
};

struct status_command {
  std::string id;          // dsp_… or doc_…
  std::string wait_state;  // empty: do not wait
  std::chrono::seconds timeout{0};
};

struct receipts_command {
  std::string document, output;
  bool force = false;
};

struct verify_command {
  std::string file, keys_file;
};

struct nodes_command {
  std::string output;
  bool force = false;
};

struct events_command {
  std::string after;
};

struct token_create_command {
  boost::json::object token;  // POST /api-tokens
};

struct token_list_command {};

struct token_delete_command {
  std::string id;
};

// For the print room that empties a node's spool.
struct print_room_keys_command {
  std::string file;  // the private key, created
};

struct print_room_open_command {
  std::string key_file, letter, output;
  bool force = false;
};

using command = std::variant<register_command, login_command, logout_command, whoami_command, directory_command,
                             send_command, inbox_command, outbox_command, get_command, status_command, receipts_command,
                             verify_command, nodes_command, events_command, token_create_command, token_list_command,
                             token_delete_command, print_room_keys_command, print_room_open_command>;

struct invocation {
  connection_options where;
  bool json = false;
  bool progress = false;  // even when stderr is no terminal
  command what;
};

// Help and version (`ok`, for stdout) or what is wrong with the command line (`usage`, for stderr).
struct early_end {
  exit_code code;
  std::string text;
};

// `arguments` without the program's name.
[[nodiscard]] std::expected<invocation, early_end> parse_arguments(std::vector<std::string> arguments);

}  // namespace elsec::cli
