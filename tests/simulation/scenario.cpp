#include "tests/simulation/scenario.hpp"

#include "tests/simulation/faults.hpp"
#include "tests/simulation/restores.hpp"

namespace elsec::simulation {
namespace {

constexpr auto storm = 25s;              // faults happen in this time
constexpr auto look_every = 5s;          // whether anything is wrong
constexpr auto patience = 20min;         // of the fault-free time in which every promise must come true
constexpr std::uint64_t exact_each = 4;  // one of so many seeds plays exact restores

void judge_safety(const run& in) {
  if (auto wrong = first_wrong(in.promised, in.nodes)) throw broken{*wrong};
}

// Whatever else happens or does not: what these nodes' organisations were promised comes true in bounded time.
void judge_liveness(run& in, const std::function<bool(const std::string&)>& counts) {
  std::string missing = "the time is over";
  const bool kept = in.until(in.world.now() + patience, 1s, [&] {
    for (const auto& one : in.offices)
      if (counts(one->who().node) && !one->done()) {
        missing = "an office is not done";
        return false;
      }
    const auto first = first_missing(in.promised, in.nodes, counts);
    missing = first.value_or("");
    return !first;
  });
  if (!kept) throw broken{missing};
  judge_safety(in);
}

bool all_count(const std::string&) { return true; }

void play_a_storm(run& in, archive& copies) {
  faults trouble(in, copies);
  for (const auto& one : in.offices) one->open(static_cast<unsigned>(2 + in.world.dice.below(6)));
  trouble.plan_all(storm);
  for (const auto end = in.world.now() + storm; in.world.now() < end;) {
    in.pass(look_every);
    judge_safety(in);
  }
  trouble.heal_a_core();
  judge_liveness(in, [&](const std::string& node) { return trouble.is_in_core(node); });
  trouble.heal_all();
  judge_liveness(in, all_count);
}

void play_exactly(run& in, archive& copies, const std::string& steps) {
  in.pass(1s);  // until all have met
  play(in, copies, steps);
  judge_liveness(in, all_count);
}

verdict judged(std::uint64_t seed, const founding& from, const std::filesystem::path& folder, bool tells_all,
               const std::function<void(run&, archive&)>& played) {
  seed_keys_and_nonces(seed);
  run in(seed, tells_all);
  archive copies(in);
  verdict result;
  try {
    move_in(in, from, folder);
    played(in, copies);
  } catch (const broken& promise) {
    result.complaint = promise.what;
  }
  result.trace = in.world.trace();
  result.deaths = in.deaths;
  result.restores = copies.restores;
  result.dispatches = static_cast<unsigned>(in.promised.dispatches.size());
  return result;
}

}  // namespace

verdict run_seed(std::uint64_t seed, const founding& from, const std::filesystem::path& folder, bool tells_all) {
  return judged(seed, from, folder, tells_all, [seed](run& in, archive& copies) {
    if (seed % exact_each == 0)
      play_exactly(in, copies, restores_by_chance(in.world.dice));
    else
      play_a_storm(in, copies);
  });
}

verdict run_restores(std::size_t which, const founding& from, const std::filesystem::path& folder, bool tells_all) {
  return judged(0, from, folder, tells_all,
                [which](run& in, archive& copies) { play_exactly(in, copies, known_restores().at(which).steps); });
}

}  // namespace elsec::simulation
