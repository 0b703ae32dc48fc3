// ./dev simulate --seeds N: runs N seeds, each in a process of its own, and tells which broke a promise. The same seed
// always does the same; `--seed S` replays one and tells everything that happens.

#include "crypto/random.hpp"
#include "tests/simulation/scenario.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <sys/wait.h>
#include <unistd.h>

namespace elsec::simulation {
namespace {

namespace fs = std::filesystem;

constexpr unsigned seconds_per_seed_most = 300;  // a run that hangs is a run that failed

void print(std::uint64_t seed, const verdict& result) {
  std::printf("seed %llu: %s (%u dispatches, %u deaths, trace %016llx)\n", static_cast<unsigned long long>(seed),
              result.complaint.empty() ? "ok" : result.complaint.c_str(), result.dispatches, result.deaths,
              static_cast<unsigned long long>(result.trace));
  std::fflush(stdout);
}

// Leaves without destructors: nodes that died in the run were abandoned as they were.
[[noreturn]] void run_alone(std::uint64_t seed, const founding& from, const fs::path& folder, bool tells_all,
                            bool quiet) {
  ::alarm(seconds_per_seed_most);
  const auto result = run_seed(seed, from, folder, tells_all);
  if (!quiet || !result.complaint.empty()) print(seed, result);
  ::_exit(result.complaint.empty() ? 0 : 1);
}

class crew {
 public:
  crew(const founding& from, fs::path folder, unsigned side_by_side)
      : from_(from), folder_(std::move(folder)), side_by_side_(side_by_side) {}

  void start(std::uint64_t seed) {
    if (working_.size() >= side_by_side_) wait_for_one();
    const auto own = folder_ / std::to_string(seed);
    const pid_t child = ::fork();
    if (child == 0) run_alone(seed, from_, own, false, true);
    if (child > 0) working_.emplace(child, seed);
  }

  void finish() {
    while (!working_.empty()) wait_for_one();
  }

  unsigned passed = 0;
  std::vector<std::uint64_t> failed;

 private:
  void wait_for_one() {
    int status = 0;
    const pid_t child = ::wait(&status);
    const auto which = working_.find(child);
    if (which == working_.end()) return;
    if (WIFSIGNALED(status))
      std::printf("seed %llu: ended by signal %d\n", static_cast<unsigned long long>(which->second), WTERMSIG(status));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
      ++passed;
    else
      failed.push_back(which->second);
    fs::remove_all(folder_ / std::to_string(which->second));
    working_.erase(which);
  }

  const founding& from_;
  fs::path folder_;
  unsigned side_by_side_;
  std::map<pid_t, std::uint64_t> working_;
};

fs::path make_folder(const std::string& wanted) {
  std::string name = wanted + "/elsec-simulation-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw broken{"no folder can be made in " + wanted};
  return name;
}

int simulate(std::uint64_t first, std::uint64_t count, bool replay, unsigned side_by_side, const fs::path& folder) {
  // Founded before any seed, with a generator of its own, so that every seed starts from the same network.
  seed_keys_and_nonces(0);
  const auto from = found_network(folder / "founding");
  if (replay) run_alone(first, from, folder / std::to_string(first), true, false);
  crew workers(from, folder, side_by_side);
  for (auto seed = first; seed < first + count; ++seed) workers.start(seed);
  workers.finish();
  for (const auto seed : workers.failed)
    std::printf("replay: ./dev simulate --seed %llu\n", static_cast<unsigned long long>(seed));
  std::printf("%u passed, %zu failed\n", workers.passed, workers.failed.size());
  return workers.failed.empty() && workers.passed > 0 ? 0 : 1;
}

}  // namespace
}  // namespace elsec::simulation

int main(int argc, char** argv) {
  using namespace elsec::simulation;
  CLI::App options{"the network in one process, on a seed"};
  std::uint64_t first = 1;
  std::uint64_t count = 100;
  std::uint64_t replayed = 0;
  unsigned side_by_side = 2;
  std::string where = fs::exists("/dev/shm") ? "/dev/shm" : "/tmp";
  options.add_option("--first", first, "the first seed");
  options.add_option("--seeds", count, "how many");
  auto* replay = options.add_option("--seed", replayed, "replays this one and tells everything");
  options.add_option("--jobs", side_by_side, "seeds side by side")->check(CLI::Range(1, 64));
  options.add_option("--dir", where, "where the nodes' folders go");
  CLI11_PARSE(options, argc, argv);
  spdlog::set_level(std::getenv("SIMLOG") ? spdlog::level::info : spdlog::level::off);
  try {
    take_the_place_of_system_randomness();
    if (const auto started = elsec::crypto::start(); !started) throw broken{started.error().detail};
    const auto folder = make_folder(where);
    const int status = simulate(*replay ? replayed : first, count, bool(*replay), side_by_side, folder);
    fs::remove_all(folder);
    return status;
  } catch (const broken& what) {
    std::fprintf(stderr, "%s\n", what.what.c_str());
    return 1;
  }
}
