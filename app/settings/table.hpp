#pragma once
// The table of settings: parsing, environment overrides and the reference configuration all walk it.

#include "app/settings/settings.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace elsec::app {

// Where a setting's value lives in its owner (the settings, or one node of the list).
template <class Owner>
using place =
    std::variant<bool& (*)(Owner&), std::uint64_t& (*)(Owner&), std::string& (*)(Owner&), listen_address& (*)(Owner&),
                 key_bytes& (*)(Owner&), std::optional<key_bytes>& (*)(Owner&), std::vector<std::string>& (*)(Owner&)>;

// What a text must be, beyond being a text.
enum class form : std::uint8_t {
  plain,
  node_name,      // [a-z0-9-]{1,40}
  endpoint,       // tcp://host:port
  bind_endpoint,  // tcp://address:port, to listen on
  log_level,
  https_origin,   // https://host or https://host:port, or empty
  readable_file,  // exists and can be read
  private_file,   // … and is closed to everyone but owner and group
  token_file,     // … holds an operator token, for the owner only
  key_file,       // … holds a 32-byte key, for the owner only; read by load() itself
  folder,         // a folder that can be written, or made
  new_file,       // a file that may be missing; its folder can be written
  z85,            // 40 characters for 32 bytes (ZeroMQ RFC 32)
  base64url       // 43 characters for 32 bytes (RFC 4648, without padding)
};

template <class Owner>
struct setting {
  std::string_view section;
  std::string_view key;
  place<Owner> where;
  std::string_view sentence;
  form shape = form::plain;
  std::string_view unit{};
  std::uint64_t min = 0;
  std::uint64_t max = 0;
  std::string_view example{};  // of a required setting, as TOML; empty: the setting has a default
  bool optional = false;       // may be left out although it has no default
};

// A setting that must be given.
template <class Owner>
[[nodiscard]] constexpr bool is_required(const setting<Owner>& row) {
  return !row.example.empty() && !row.optional;
}

template <class Owner>
[[nodiscard]] constexpr bool is_path(const setting<Owner>& row) {
  return row.shape >= form::readable_file && row.shape <= form::new_file;
}

[[nodiscard]] std::span<const setting<settings>> setting_table();
[[nodiscard]] std::span<const setting<node_entry>> node_table();

inline constexpr std::string_view nodes_section = "nodes";
inline constexpr std::string_view master_key_variable = "ELSEC_MASTER_KEY";

// "limits", "idle_seconds" -> "limits.idle_seconds"
[[nodiscard]] std::string dotted(std::string_view section, std::string_view key);
// "limits", "idle_seconds" -> "ELSEC_LIMITS_IDLE_SECONDS"
[[nodiscard]] std::string variable_name(std::string_view section, std::string_view key);

}  // namespace elsec::app
