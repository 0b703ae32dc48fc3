#include "tests/simulation/scenario.hpp"

#include "codec/json.hpp"
#include "tests/simulation/print_room.hpp"

#include <boost/json.hpp>

#include <array>

namespace elsec::simulation {
namespace {

namespace fs = std::filesystem;

constexpr std::array node_names{"north", "south", "west"};
constexpr unsigned parties_per_node = 2;
constexpr auto offices_open = 25s;  // faults happen in this time
constexpr auto patience = 20min;    // of the fault-free time in which every promise must come true
constexpr auto print_every = 1s;
constexpr std::uint64_t steps_most = 3'000'000;

class run {
 public:
  run(std::uint64_t seed, bool tells_all) : world(seed, tells_all), wire(world) {}

  void add_nodes(const std::vector<node_identity>& all) {
    std::vector<decisions::known_node> known;
    for (const auto& one : all)
      known.push_back({one.name, {crypto::signing_key::from_seed(one.signing_seed).verify_key()}});
    for (const auto& one : all) nodes.emplace(one.name, std::make_unique<node>(world, wire, one, known));
    for (auto& [name, one] : nodes) one->start();
  }

  // One thing that can happen now, or the clock moves on. False when nothing is left before `end`.
  bool go_on(moment end) {
    std::vector<node*> busy;
    for (auto& [name, one] : nodes)
      if (one->has_work()) busy.push_back(one.get());
    if (!busy.empty()) {
      if (++steps_ > steps_most) throw broken{"the network never comes to rest"};
      busy[world.dice.below(busy.size())]->step();
      world.throw_complaint();
      return true;
    }
    auto next = world.next();
    for (auto& [name, one] : nodes)
      if (one->runs()) next = std::min(next, one->next());
    const bool before = next <= end;
    world.move_to(std::max(world.now(), std::min(next, end)));
    for (auto& [name, one] : nodes)
      if (one->runs()) one->advance_to(world.now());
    return before;
  }

  // Until `end` or until it holds; looked at whenever the clock has moved by `every`.
  bool until(moment end, std::chrono::milliseconds every, const std::function<bool()>& holds) {
    while (world.now() < end) {
      const auto look = std::min(end, world.now() + every);
      while (go_on(look)) {
      }
      if (holds()) return true;
    }
    return false;
  }

  simulation::world world;
  network wire;
  std::map<std::string, std::unique_ptr<node>> nodes;
  ledger promised;
  unsigned deaths = 0;

 private:
  std::uint64_t steps_ = 0;
};

// ---- the founding ----

std::string registration_of(const std::string& name) {
  return R"({"organisation":{"name":")" + name +
         R"(","sector":"hospital","employees":20,"address":{"street":"Am Markt 1",)"
         R"("postal_code":"12345","city":"Musterstadt"}},"user":{"first_name":"Juliane",)"
         R"("last_name":"Musterfrau","email":")" +
         name + R"(@example.org","password":"ein langes Kennwort 7"},"acts_for_business":true})";
}

void register_party(run& in, node& home, const std::string& name) {
  bool granted = false;
  const auto grant = [&](const domain::organisation_id& id) {
    auto command = home.make("grant_capabilities",
                             {.parts = {{"id", id.str()}}, .body = R"({"receive":true,"reason":"Contract checked"})"});
    home.ask<actors::outcome>(home.front(), std::move(command), [&](const actors::outcome& result) {
      if (!result) return in.world.complain("a grant was refused: " + result.error().detail);
      granted = true;
    });
  };
  home.ask<actors::outcome>(home.front(), home.make("register_organisation", {.body = registration_of(name)}),
                            [&](const actors::outcome& result) {
                              if (!result)
                                return in.world.complain("a registration was refused: " + result.error().detail);
                              const auto made = codec::from_json<domain::registered>(result->body).value();
                              party who{.id = made.organisation_id, .node = home.name(), .name = name, .who = {}};
                              who.who.organisation_id = made.organisation_id;
                              who.who.user_id = made.user_id;
                              who.who.scopes = domain::scopes_of({domain::role::admin, domain::role::member});
                              in.promised.parties.push_back(std::move(who));
                              grant(made.organisation_id);
                            });
  if (!in.until(in.world.now() + 1min, 10ms, [&] { return granted; })) throw broken{"a registration takes too long"};
}

bool everyone_knows_everyone(const run& in) {
  return std::ranges::all_of(in.nodes, [&](const auto& one) {
    const auto found = one.second->show("search_directory", {.query = {{"can_receive", true}}});
    return found.at("items").as_array().size() == in.promised.parties.size();
  });
}

void stop_all(run& in) {
  unsigned down = 0;
  for (auto& [name, one] : in.nodes) one->stop([&] { ++down; });
  if (!in.until(in.world.now() + 1min, 10ms, [&] { return down == in.nodes.size(); }))
    throw broken{"the nodes do not stop"};
}

// ---- what goes wrong ----

class trouble {
 public:
  trouble(run& in, std::vector<std::unique_ptr<office>>& offices) : in_(in), offices_(offices) {}

  void choose() {
    auto& dice = in_.world.dice;
    in_.wire.quality.lost = std::array{0.0, 0.0, 0.005, 0.05}[dice.below(4)];
    in_.wire.quality.repeated = std::array{0.0, 0.0, 0.02, 0.1}[dice.below(4)];
    in_.wire.quality.delay_most = std::array<std::chrono::microseconds, 4>{500us, 5ms, 50ms, 2s}[dice.below(4)];
    in_.wire.quality.in_order = dice.happens(0.5);
    const double at_commit = std::array{0.0, 0.002, 0.01, 0.03}[dice.below(4)];
    const double in_a_helper = std::array{0.0, 0.0, 0.1, 0.5}[dice.below(4)];
    for (auto& [name, one] : in_.nodes) {
      one->death_at_commit = at_commit;
      one->helper_failure = in_a_helper;
    }
    plan(dice.below(5), [this] { kill_one(); });
    plan(dice.below(2), [this] { stop_one(); });
    plan(dice.below(4), [this] { cut_one(); });
    plan(dice.happens(0.3) ? 3 : 0, [this] { move_a_clock(); });
    plan(dice.happens(0.3) ? 1 : 0, [this] { copy_one(); });
    keep_them_running();
  }

  void end() {
    over_ = true;
    in_.wire.quality = {};
    for (auto& [name, one] : in_.nodes) {
      one->death_at_commit = one->helper_failure = 0;
      for (auto& [other, unused] : in_.nodes)
        if (other != name) in_.wire.heal(name, other);
      if (!one->runs()) one->start();
      confirm_the_clock_of(*one);
    }
  }

 private:
  void plan(std::uint64_t times, const std::function<void()>& what) {
    for (std::uint64_t i = 0; i < times; ++i)
      in_.world.after(in_.world.dice.between(0ms, offices_open), [this, what] {
        if (!over_) what();
      });
  }
  node& any() {
    return *std::next(in_.nodes.begin(), static_cast<std::ptrdiff_t>(in_.world.dice.below(in_.nodes.size())))->second;
  }

  void kill_one() {
    auto& one = any();
    if (one.runs()) one.die();
  }

  void stop_one() {
    auto& one = any();
    if (one.runs()) one.stop([] {});
  }

  void cut_one() {
    auto& one = any();
    auto& other = any();
    if (&one == &other) return;
    in_.world.tell("cut between " + one.name() + " and " + other.name());
    in_.wire.cut(one.name(), other.name());
    in_.world.after(in_.world.dice.between(0ms, 12s),
                    [this, &one, &other] { in_.wire.heal(one.name(), other.name()); });
  }

  void move_a_clock() {
    auto& one = any();
    one.clock_off = std::chrono::duration_cast<std::chrono::milliseconds>(in_.world.dice.between(0ms, 2h)) - 1h;
    in_.world.tell("the clock of " + one.name() + " is moved");
  }

  // Letters that wait since a clock was moved would wait for longer than the judge. A node that stops just now does
  // not hear it, and forgets that its clock was moved.
  void confirm_the_clock_of(node& one) {
    one.ask<actors::outcome>(one.front(), one.make("resume_clock", {.body = R"({"reason":"Looked at it"})"}),
                             [](const actors::outcome&) {});
  }

  // Whoever is down, by whatever cause, comes back a little later.
  void keep_them_running() {
    if (over_) return;
    for (auto& [name, one] : in_.nodes) {
      if (one->runs() || waiting_.contains(name)) continue;
      ++in_.deaths;
      waiting_.insert(name);
      in_.world.after(in_.world.dice.between(0ms, 4s), [this, name = name] {
        waiting_.erase(name);
        if (!in_.nodes.at(name)->runs()) in_.nodes.at(name)->start();
      });
    }
    in_.world.after(100ms, [this] { keep_them_running(); });
  }

  // A copy of a node's data is taken, and put back later: what it promised in between is gone, but nothing else.
  void copy_one() {
    auto& one = any();
    const auto copy = one.folder() / "copy";
    if (!one.runs() || fs::exists(copy)) return;
    in_.world.tell("copy of " + one.name());
    for (const char* part : {"state", "content", "slots"}) {
      fs::create_directories(copy);
      fs::copy(one.folder() / part, copy / part, fs::copy_options::recursive);
    }
    const auto uploads = in_.promised.uploads.size();
    std::set<std::string> answered;
    for (const auto& promise : in_.promised.dispatches)
      if (promise->id) answered.insert(promise->client_ref);
    in_.world.after(in_.world.dice.between(100ms, 15s), [this, &one, copy, uploads, answered] {
      if (!over_) put_back(one, copy, uploads, answered);
    });
  }

  // `uploads` and `answered`: what had been answered when the copy was taken.
  void put_back(node& one, const fs::path& copy, std::size_t uploads, const std::set<std::string>& answered) {
    if (one.runs()) one.die();
    in_.world.tell("the copy of " + one.name() + " is put back");
    for (const char* part : {"state", "content", "slots"}) {
      fs::remove_all(one.folder() / part);
      fs::copy(copy / part, one.folder() / part, fs::copy_options::recursive);
    }
    for (auto i = uploads; i < in_.promised.uploads.size(); ++i)
      if (in_.promised.uploads[i]->owner->node == one.name()) in_.promised.uploads[i]->forgotten = true;
    for (auto& promise : in_.promised.dispatches)
      if (promise->sender->node == one.name() && !answered.contains(promise->client_ref)) promise->forgotten = true;
    for (auto& office : offices_)
      if (office->who().node == one.name()) office->start_over();
  }

  run& in_;
  std::vector<std::unique_ptr<office>>& offices_;
  std::set<std::string> waiting_;
  bool over_ = false;
};

void print_regularly(run& in) {
  for (auto& [name, one] : in.nodes) print_all(one->folder() / "spool", in.promised);
  in.world.after(print_every, [&in] { print_regularly(in); });
}

std::vector<node_identity> copy_nodes(const founding& from, const fs::path& folder) {
  std::vector<node_identity> copies;
  for (const auto& one : from.nodes) {
    fs::create_directories(folder);
    fs::copy(one.folder, folder / one.name, fs::copy_options::recursive);
    copies.push_back({one.name, folder / one.name, one.master, one.slot_key, one.signing_seed});
  }
  return copies;
}

std::string judge(run& in, std::vector<std::unique_ptr<office>>& offices) {
  std::optional<std::string> complaint;
  const bool kept = in.until(in.world.now() + patience, 1s, [&] {
    if (!std::ranges::all_of(offices, [](const auto& one) { return one->done(); })) {
      complaint = "an office is not done";
      return false;
    }
    complaint = first_complaint(in.promised, in.nodes);
    return !complaint;
  });
  return kept ? std::string() : complaint.value_or("the time is over");
}

}  // namespace

founding found_network(const fs::path& folder) {
  run in(1, false);
  founding made;
  for (const char* name : node_names)
    made.nodes.push_back(
        {name, folder / name, crypto::secret::random(), crypto::secret::random(), crypto::secret::random()});
  for (const auto& one : made.nodes) fs::create_directories(one.folder);
  in.add_nodes(made.nodes);
  for (auto& [name, one] : in.nodes)
    for (unsigned i = 1; i <= parties_per_node; ++i) register_party(in, *one, "klinik-" + name + std::to_string(i));
  if (!in.until(in.world.now() + 5min, 1s, [&] { return everyone_knows_everyone(in); }))
    throw broken{"the cards do not reach every node"};
  stop_all(in);
  made.parties = in.promised.parties;
  return made;
}

verdict run_seed(std::uint64_t seed, const founding& from, const fs::path& folder, bool tells_all) {
  seed_keys_and_nonces(seed);
  run in(seed, tells_all);
  verdict result;
  std::vector<std::unique_ptr<office>> offices;
  trouble faults(in, offices);
  try {
    in.promised.parties = from.parties;
    in.add_nodes(copy_nodes(from, folder));
    for (const auto& who : in.promised.parties) {
      const auto jobs = static_cast<unsigned>(2 + in.world.dice.below(4));
      offices.push_back(std::make_unique<office>(in.world, in.promised, who, *in.nodes.at(who.node), jobs));
      offices.back()->open();
    }
    print_regularly(in);
    faults.choose();
    in.until(in.world.now() + offices_open, 1s, [] { return false; });
    faults.end();
    result.complaint = judge(in, offices);
  } catch (const broken& promise) {
    result.complaint = promise.what;
  }
  result.trace = in.world.trace();
  result.deaths = in.deaths;
  result.dispatches = static_cast<unsigned>(in.promised.dispatches.size());
  return result;
}

}  // namespace elsec::simulation
