#pragma once
// What an operator can set: one TOML file (config/elsec.toml documents every setting), overridden by environment
// variables named ELSEC_<SECTION>_<KEY>. The names, ranges and sentences stand in table.cpp, once; the defaults stand
// here, once.
//
// Loading finds every problem, not only the first, and touches nothing: the caller prints the problems and leaves with
// exit status 2. Relative paths are taken from the folder of the configuration file, and are absolute afterwards.

#include "crypto/secret.hpp"

#include <array>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace elsec::app {

using key_bytes = std::array<std::uint8_t, 32>;

// An IP address and a port, written "127.0.0.1:8443" or "[::1]:8443".
struct listen_address {
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const listen_address&) const = default;
};

// One node of the network, this one included: that is how the others learn its keys.
struct node_entry {
  std::string name;
  std::string endpoint;                       // tcp://host:port of its transport listener
  key_bytes curve_key{};                      // proves the node to its peers
  std::optional<key_bytes> next_curve_key{};  // taken as well, while keys are exchanged
  key_bytes receipt_key{};                    // checks its receipts (Ed25519)
  std::optional<key_bytes> next_receipt_key{};
  std::size_t line = 0;  // of its [[nodes]] header, for problems found later
};

struct settings {
  // --accept-state, for this start only: what is in the database counts, whatever was last written.
  bool accept_state = false;

  struct node_section {
    std::string name;
    std::string data_dir;
  } node;

  struct keys_section {
    std::string master_file;
    std::string node_file;    // after loading never empty
    crypto::secret master{};  // from master_file, or from the environment variable ELSEC_MASTER_KEY
  } keys;

  struct slots_section {
    std::string file;
    std::string key_file;
    std::string mirror;  // empty: none
    bool any_file_system = false;
    crypto::secret key{};  // from key_file
  } slots;

  struct storage_section {
    std::uint64_t map_bytes_max = 1'099'511'627'776;    // 1 TiB of addresses, not of disk
    std::uint64_t free_reserve_bytes = 2'147'483'648;   // 2 GiB for closing, acknowledging and auditing
    std::uint64_t tenant_quota_bytes = 53'687'091'200;  // 50 GiB
  } storage;

  struct https_section {
    listen_address listen{"127.0.0.1", 8443};
    std::string public_url;  // "https://elsec.example.org", without a slash at the end; empty: not known
    std::string certificate_file;
    std::string private_key_file;
    bool tls_1_2 = false;
    std::vector<std::string> trusted_proxies;  // IP addresses
  } https;

  struct operator_section {
    listen_address listen{"127.0.0.1", 8444};
    std::string token_file;
  } operator_api;

  struct transport_section {
    std::string listen = "tcp://0.0.0.0:8445";
  } transport;

  std::vector<node_entry> nodes;

  struct spool_section {
    std::string folder;
    bool plaintext = false;
    std::optional<key_bytes> print_room_key{};  // X25519; always there when plaintext is false
    std::uint64_t poll_ms = 1'000;
  } spool;

  struct letters_section {
    std::uint64_t grace_seconds = 300;
    bool color = true;
    bool duplex = true;
  } letters;

  struct retention_section {
    std::uint64_t days = 30;
  } retention;

  struct limits_section {
    std::uint64_t header_bytes_max = 8'192;
    std::uint64_t json_body_bytes_max = 1'048'576;
    std::uint64_t document_bytes_max = 1'073'741'824;
    std::uint64_t handshake_seconds = 5;
    std::uint64_t header_seconds = 10;
    std::uint64_t idle_seconds = 60;
    std::uint64_t body_bytes_per_second_min = 1'024;
    std::uint64_t connections_max = 10'000;
    std::uint64_t connections_per_address_max = 1'000;
    std::uint64_t requests_in_flight_max = 2'000;
    std::uint64_t uploads_max = 512;
    std::uint64_t uploads_per_tenant_max = 128;
    std::uint64_t uploads_per_network_max = 320;
    std::uint64_t uploads_per_address_max = 160;
    std::uint64_t event_stream_bytes_max = 131'072;
    std::uint64_t session_idle_minutes = 30;
    std::uint64_t session_hours_max = 12;
    std::uint64_t password_wait_ms = 2'000;
    std::uint64_t logins_failed_delay_from = 5;
    std::uint64_t idempotency_hours = 24;
    std::uint64_t worker_memory_bytes = 536'870'912;
    std::uint64_t worker_cpu_seconds = 30;
  } limits;

  struct log_section {
    std::string level = "info";  // trace, debug, info, warning or error
    std::string file;            // empty: standard error
  } log;

  struct threads_section {
    std::uint64_t gateway = 0;  // 0: one per core
    std::uint64_t actors = 0;   // 0: one per core
  } threads;

  std::string file;  // the configuration file, absolute

  // This node's entry of the node list. Its keys are compared with the node's own by whoever opens those.
  [[nodiscard]] const node_entry& own_entry() const;
};

// Something wrong with the configuration. `file` is the configuration file or the environment variable, `line` counts
// from 1 (0: the whole file, or a variable), `key` is written "limits.idle_seconds" or "nodes.curve_key".
struct problem {
  std::string file;
  std::size_t line = 0;
  std::string key;
  std::string detail;

  bool operator==(const problem&) const = default;
};

// "elsec.toml:12: limits.idle_seconds: must be from 1 to 3600 seconds"
[[nodiscard]] std::string to_string(const problem& what);

using environment = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] environment process_environment();

// The settings, complete and checked, or everything that is wrong, in the order of the file.
[[nodiscard]] std::expected<settings, std::vector<problem>> load(const std::string& path, const environment& variables);

// The operator's bearer token: 32 to 256 visible ASCII characters, alone in a file that only its owner may read (a line
// end after it is left out). The error is a sentence.
[[nodiscard]] std::expected<std::string, std::string> read_token_file(const std::string& path);

// The text of config/elsec.toml, made from the table.
[[nodiscard]] std::string reference_configuration();

}  // namespace elsec::app
