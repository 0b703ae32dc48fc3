#pragma once
// Runs one command. Everything outside comes in as `surroundings`, so that tests need neither node nor terminal.

#include "app/cli/arguments.hpp"
#include "app/cli/client.hpp"
#include "app/cli/exit_codes.hpp"
#include "app/cli/password.hpp"
#include "app/cli/session.hpp"

#include <chrono>
#include <functional>
#include <istream>
#include <ostream>

namespace elsec::cli {

struct surroundings {
  std::istream& in;
  std::ostream& out;  // what was asked for
  std::ostream& err;  // everything else: notices, progress, failures
  bool err_is_terminal = false;
  environment env;
  secret_prompt ask;
  std::function<outcome<response>(const connection&, const request&)> transport = exchange;
  std::function<void(std::chrono::milliseconds)> pause;
};

// Prints the command's result, or the failure on `err`.
[[nodiscard]] exit_code run(const invocation& what, surroundings& with);

}  // namespace elsec::cli
