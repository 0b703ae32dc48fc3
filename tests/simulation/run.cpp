#include "tests/simulation/run.hpp"

#include "tests/simulation/print_room.hpp"

namespace elsec::simulation {
namespace {

constexpr auto print_every = 1s;
constexpr std::uint64_t steps_most = 3'000'000;

}  // namespace

void run::add_nodes(const std::vector<node_identity>& all) {
  std::vector<decisions::known_node> known;
  for (const auto& one : all)
    known.push_back({one.name, {crypto::signing_key::from_seed(one.signing_seed).verify_key()}});
  for (const auto& one : all) nodes.emplace(one.name, std::make_unique<node>(world, wire, one, known));
  for (auto& [name, one] : nodes) one->start();
}

void run::add_offices() {
  for (const auto& who : promised.parties)
    offices.push_back(std::make_unique<office>(world, promised, who, *nodes.at(who.node)));
}

node& run::any_node() {
  return *std::next(nodes.begin(), static_cast<std::ptrdiff_t>(world.dice.below(nodes.size())))->second;
}

bool run::go_on(moment end) {
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

bool run::until(moment end, std::chrono::milliseconds every, const std::function<bool()>& holds) {
  while (world.now() < end) {
    const auto look = std::min(end, world.now() + every);
    while (go_on(look)) {
    }
    if (holds()) return true;
  }
  return false;
}

void run::pass(std::chrono::microseconds time) {
  const auto end = world.now() + time;
  while (go_on(end)) {
  }
}

void run::print_regularly() {
  for (auto& [name, one] : nodes) print_all(one->folder() / "spool", promised);
  world.after(print_every, [this] { print_regularly(); });
}

}  // namespace elsec::simulation
