// ./dev simulate --seeds N: plays the known restores and N seeds, each in a process of its own, and tells which broke a
// promise. The same seed always does the same; `--seed S` replays one and tells everything that happens, `--restores R`
// likewise the R-th of the known restores.

#include "crypto/random.hpp"
#include "tests/simulation/restores.hpp"
#include "tests/simulation/scenario.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

namespace elsec::simulation {
namespace {

namespace fs = std::filesystem;

constexpr unsigned seconds_per_run_most = 300;  // a run that hangs is a run that failed

struct play_of {
  std::string name;    // what replays it
  std::string folder;  // its own
  std::function<verdict(const founding& from, const fs::path& folder, bool tells_all)> run;
};

play_of play_of_seed(std::uint64_t seed) {
  return {"--seed " + std::to_string(seed), std::to_string(seed),
          [seed](const founding& from, const fs::path& folder, bool tells_all) {
            return run_seed(seed, from, folder, tells_all);
          }};
}

play_of play_of_restores(std::size_t which) {
  return {"--restores " + std::to_string(which), "restores-" + std::to_string(which),
          [which](const founding& from, const fs::path& folder, bool tells_all) {
            return run_restores(which, from, folder, tells_all);
          }};
}

void print(const std::string& name, const verdict& result) {
  std::printf("%s: %s (%u dispatches, %u deaths, %u restores, trace %016llx)\n", name.c_str(),
              result.complaint.empty() ? "ok" : result.complaint.c_str(), result.dispatches, result.deaths,
              result.restores, static_cast<unsigned long long>(result.trace));
  std::fflush(stdout);
}

// Leaves without destructors: nodes that died in the run were abandoned as they were.
[[noreturn]] void run_alone(const play_of& what, const founding& from, const fs::path& folder, bool tells_all,
                            bool quiet) {
  ::alarm(seconds_per_run_most);
  const auto result = what.run(from, folder / what.folder, tells_all);
  if (!quiet || !result.complaint.empty()) print(what.name, result);
  std::ofstream(folder / (what.folder + ".figures"))
      << result.dispatches << ' ' << result.deaths << ' ' << result.restores << std::flush;
  ::_exit(result.complaint.empty() ? 0 : 1);
}

struct figures {
  unsigned long dispatches = 0;
  unsigned long deaths = 0;
  unsigned long restores = 0;
  unsigned with_several_restores = 0;
  unsigned passed = 0;

  void add(const fs::path& from) {
    std::ifstream file(from);
    unsigned long more_dispatches = 0;
    unsigned long more_deaths = 0;
    unsigned long more_restores = 0;
    file >> more_dispatches >> more_deaths >> more_restores;
    dispatches += more_dispatches;
    deaths += more_deaths;
    restores += more_restores;
    if (more_restores > 1) ++with_several_restores;
  }
};

class crew {
 public:
  crew(const founding& from, fs::path folder, unsigned side_by_side)
      : from_(from), folder_(std::move(folder)), side_by_side_(side_by_side) {}

  void start(const play_of& what) {
    if (working_.size() >= side_by_side_) wait_for_one();
    const pid_t child = ::fork();
    if (child == 0) run_alone(what, from_, folder_, false, true);
    if (child > 0) working_.emplace(child, what);
  }

  void finish() {
    while (!working_.empty()) wait_for_one();
  }

  figures counted;
  std::vector<std::string> failed;

 private:
  void wait_for_one() {
    int status = 0;
    const pid_t child = ::wait(&status);
    const auto which = working_.find(child);
    if (which == working_.end()) return;
    const auto& what = which->second;
    if (WIFSIGNALED(status)) std::printf("%s: ended by signal %d\n", what.name.c_str(), WTERMSIG(status));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
      ++counted.passed;
    else
      failed.push_back(what.name);
    counted.add(folder_ / (what.folder + ".figures"));
    fs::remove_all(folder_ / what.folder);
    working_.erase(which);
  }

  const founding& from_;
  fs::path folder_;
  unsigned side_by_side_;
  std::map<pid_t, play_of> working_;
};

fs::path make_folder(const std::string& wanted) {
  std::string name = wanted + "/elsec-simulation-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw broken{"no folder can be made in " + wanted};
  return name;
}

int simulate_all(std::uint64_t first, std::uint64_t count, unsigned side_by_side, const founding& from,
                 const fs::path& folder) {
  crew workers(from, folder, side_by_side);
  for (std::size_t which = 0; which < known_restores().size(); ++which) workers.start(play_of_restores(which));
  for (auto seed = first; seed < first + count; ++seed) workers.start(play_of_seed(seed));
  workers.finish();
  for (const auto& name : workers.failed) std::printf("replay: ./dev simulate %s\n", name.c_str());
  const auto& sum = workers.counted;
  std::printf("%lu dispatches, %lu deaths, %lu restores; %u runs with several restores\n", sum.dispatches, sum.deaths,
              sum.restores, sum.with_several_restores);
  std::printf("%u passed, %zu failed\n", sum.passed, workers.failed.size());
  return workers.failed.empty() && sum.passed > 0 ? 0 : 1;
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
  auto* seed = options.add_option("--seed", replayed, "replays this one and tells everything");
  auto* restores = options.add_option("--restores", replayed, "likewise one of the known restores, by its number")
                       ->check(CLI::Range(std::size_t{0}, known_restores().size() - 1));
  options.add_option("--jobs", side_by_side, "seeds side by side")->check(CLI::Range(1, 64));
  options.add_option("--dir", where, "where the nodes' folders go");
  CLI11_PARSE(options, argc, argv);
  spdlog::set_level(std::getenv("SIMLOG") ? spdlog::level::info : spdlog::level::off);
  try {
    take_the_place_of_system_randomness();
    if (const auto started = elsec::crypto::start(); !started) throw broken{started.error().detail};
    const auto folder = make_folder(where);
    // Founded before any run, with a generator of its own, so that every run starts from the same network.
    seed_keys_and_nonces(0);
    const auto from = found_network(folder / "founding");
    if (*seed || *restores) {
      const auto what = *seed ? play_of_seed(replayed) : play_of_restores(replayed);
      run_alone(what, from, folder, true, false);
    }
    const int status = simulate_all(first, count, side_by_side, from, folder);
    fs::remove_all(folder);
    return status;
  } catch (const broken& what) {
    std::fprintf(stderr, "%s\n", what.what.c_str());
    return 1;
  }
}
