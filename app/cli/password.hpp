#pragma once
// Passwords: from the terminal without echo, a file, standard input or ELSEC_PASSWORD; never from the command line,
// where other users of the machine could read them.

#include "app/cli/failure.hpp"
#include "app/cli/session.hpp"

#include <functional>
#include <istream>
#include <string>

namespace elsec::cli {

struct password_source {
  std::string file{};  // first line of this file
  bool from_stdin = false;
};

// Asks a person something that is not shown; `usage` when there is no terminal.
using secret_prompt = std::function<outcome<std::string>(const std::string& question)>;
[[nodiscard]] outcome<std::string> ask_at_terminal(const std::string& question);

enum class ask_twice { no, yes };

// In this order: file, standard input, ELSEC_PASSWORD, the person at the terminal (twice for a new password).
[[nodiscard]] outcome<std::string> obtain_password(const password_source& source, const environment& env,
                                                   std::istream& input, const secret_prompt& ask, ask_twice twice);

}  // namespace elsec::cli
