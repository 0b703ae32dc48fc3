#pragma once
// What `elsec` tells the program that called it. The numbers are part of the interface and never change their meaning.

#include <array>
#include <string_view>

namespace elsec::cli {

enum class exit_code : int {
  ok = 0,
  refused = 1,
  usage = 2,
  not_logged_in = 3,
  unreachable = 4,
  node_failed = 5,
  verification_failed = 6,
  local_file = 7,
  wait_timed_out = 8,
};

struct exit_code_meaning {
  exit_code code;
  std::string_view sentence;
};

// Printed by `elsec --help`.
inline constexpr std::array exit_code_meanings{
    exit_code_meaning{exit_code::ok, "done"},
    exit_code_meaning{exit_code::refused, "the node refused the request (4xx), or a dispatch ended in another state"},
    exit_code_meaning{exit_code::usage, "the command line is wrong"},
    exit_code_meaning{exit_code::not_logged_in, "not logged in, or the credential is not accepted (401)"},
    exit_code_meaning{exit_code::unreachable, "the node cannot be reached, or TLS failed"},
    exit_code_meaning{exit_code::node_failed, "the node failed (5xx) or gave an answer that cannot be understood"},
    exit_code_meaning{exit_code::verification_failed, "a receipt or a digest is wrong"},
    exit_code_meaning{exit_code::local_file, "a local file cannot be read or written"},
    exit_code_meaning{exit_code::wait_timed_out, "the awaited state was not reached in time"},
};

}  // namespace elsec::cli
