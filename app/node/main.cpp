// elsecd: the node. `--config FILE` serves (with `--accept-state` whatever lies in the database); `--make-keys DIR`
// makes a node's keys; `--openapi` prints the description of the API; `--worker pdf` is the child that parses foreign
// files, started by the node itself.

#include "app/node/keys.hpp"
#include "app/node/process.hpp"
#include "app/node/running_node.hpp"
#include "crypto/random.hpp"
#include "gateway/gateway.hpp"
#include "postal/worker.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <cstdlib>
#include <malloc.h>

namespace {

using namespace elsec;

// Where the node hands its socket to the child process.
constexpr int worker_socket = 3;
constexpr int exit_failed = 1;
constexpr int exit_configuration = 2;

// Blocks of documents come and go in sizes that malloc would map and unmap each time, and every new page costs a fault:
// that was a quarter of the work of an upload. So blocks come from the heap, which keeps a little of what is freed.
constexpr int map_from_bytes = 2 << 20;
constexpr int kept_free_bytes = 16 << 20;

void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, map_from_bytes);
  mallopt(M_TRIM_THRESHOLD, kept_free_bytes);
}

int make_keys(const std::string& folder) {
  const auto line = app::make_keys(folder);
  if (!line) {
    std::fprintf(stderr, "elsecd: %s\n", line.error().detail.c_str());
    return exit_failed;
  }
  std::printf("%s\n", line->c_str());
  return 0;
}

int serve(const std::string& file, bool accept_state) {
  const auto signals = app::block_stop_signals();
  auto wanted = app::load(file, app::process_environment());
  if (!wanted) {
    for (const auto& problem : wanted.error()) std::fprintf(stderr, "%s\n", app::to_string(problem).c_str());
    return exit_configuration;
  }
  unsetenv("ELSEC_MASTER_KEY");
  wanted->accept_state = accept_state;
  app::open_log(wanted->log);
  auto node = app::running_node::start(*wanted);
  if (!node) {
    spdlog::critical("cannot start: {}", node.error().detail);
    spdlog::default_logger()->flush();
    std::_Exit(node.error().code == domain::error_code::invalid ? exit_configuration : exit_failed);
  }
  app::wait_for(signals);
  app::guard_stop();
  (*node)->stop();
  spdlog::info("stopped");
  spdlog::default_logger()->flush();
  // The actor library's destructor would wait for timers that nobody needs any more; everything is closed and on disk.
  std::_Exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App options{"elsecd, a node of the elSec network"};
  options.set_version_flag("--version", ELSEC_VERSION);
  std::string config, keys, worker;
  bool describe = false, accept_state = false;
  auto* what = options.add_option_group("one of these");
  what->add_option("--config", config, "serve with this configuration (TOML; see config/elsec.toml)");
  what->add_option("--make-keys", keys, "make this node's keys in a folder and print the public ones");
  what->add_flag("--openapi", describe, "print the description of the API (OpenAPI 3.1, JSON)");
  what->add_option("--worker", worker, "run as a child process of a node")->check(CLI::IsMember({"pdf"}))->group("");
  what->require_option(1);
  options.add_flag("--accept-state", accept_state,
                   "with --config: start although the database is not as it was last written; for once, where there "
                   "is no whole copy to put back");
  try {
    options.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return options.exit(error) == 0 ? 0 : exit_configuration;
  }
  if (describe) {
    const bool written = std::puts(gateway::api_description({.version = ELSEC_VERSION}).c_str()) >= 0;
    return written && std::fflush(stdout) == 0 ? 0 : exit_failed;
  }
  app::harden_process();
  if (!worker.empty()) return postal::run_pdf_worker(worker_socket);
  keep_freed_memory();
  if (const auto started = crypto::start(); !started) {
    std::fprintf(stderr, "elsecd: %s\n", started.error().detail.c_str());
    return exit_failed;
  }
  return keys.empty() ? serve(config, accept_state) : make_keys(keys);
}
