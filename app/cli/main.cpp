// `elsec`, the command line.

#include "app/cli/run.hpp"
#include "crypto/random.hpp"

#include <csignal>
#include <exception>
#include <iostream>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace {

// Passwords and tokens are in memory: never in a core file.
void forbid_core_dumps() {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) std::cerr << "elsec: core dumps could not be switched off\n";
}

elsec::cli::exit_code run(int count, char** texts) {
  using namespace elsec;
  if (const auto ready = crypto::start(); !ready) {
    std::cerr << "elsec: " << ready.error().detail << '\n';
    return cli::exit_code::local_file;
  }
  const auto what = cli::parse_arguments(std::vector<std::string>(texts + 1, texts + count));
  if (!what) {
    (what.error().code == cli::exit_code::ok ? std::cout : std::cerr) << what.error().text << std::flush;
    return what.error().code;
  }
  cli::surroundings with{.in = std::cin,
                         .out = std::cout,
                         .err = std::cerr,
                         .err_is_terminal = ::isatty(STDERR_FILENO) == 1,
                         .env = cli::process_environment(),
                         .ask = cli::ask_at_terminal,
                         .pause = [](std::chrono::milliseconds pause) { std::this_thread::sleep_for(pause); }};
  return cli::run(*what, with);
}

}  // namespace

int main(int count, char** texts) {
  try {
    forbid_core_dumps();
    // A pipe or connection closed by its reader is an error to report, not a reason to die.
    std::signal(SIGPIPE, SIG_IGN);
    return static_cast<int>(run(count, texts));
  } catch (const std::exception& broken) {
    std::cerr << "elsec: " << broken.what() << '\n';
    return static_cast<int>(elsec::cli::exit_code::local_file);
  }
}
