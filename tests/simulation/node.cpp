#include "tests/simulation/node.hpp"

#include "capabilities/all.hpp"
#include "decisions/card_index.hpp"
#include "tests/simulation/pdf_double.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace elsec::simulation {
namespace {

constexpr std::uint64_t map_bytes = 256ULL << 20;

constexpr std::uint64_t messages_while_dying = 50;

struct died : std::exception {};

template <class Value>
Value must(domain::result<Value> result) {
  if (!result) throw broken{"a node cannot do it: " + result.error().detail};
  return std::move(*result);
}

const capabilities::route& route_of(std::string_view operation) {
  for (const auto& capability : capabilities::all())
    for (const auto& each : capability.routes)
      if (each.id == operation) return each;
  throw broken{"there is no operation " + std::string(operation)};
}

// A dead process frees nothing: its actors may not run again, and their destructors would.
template <class Thing>
void abandon(std::unique_ptr<Thing>& thing) {
  static std::vector<Thing*> graveyard;
  graveyard.push_back(thing.release());
}

}  // namespace

struct node::configuration : caf::actor_system_config {
  configuration() {
    add_message_types<caf::id_block::elsec>();
    set("scheduler.policy", caf::atom("testing"));
  }
};

node::node(world& in, network& wire, node_identity who, std::vector<decisions::known_node> all)
    : world_(in), wire_(wire), who_(std::move(who)), all_(std::move(all)) {}

node::~node() {
  if (runs()) die();
}

domain::time_point node::time() const {
  constexpr auto begin = domain::time_point(std::chrono::milliseconds(1'795'000'000'000));  // in November 2026
  return begin + std::chrono::floor<std::chrono::milliseconds>(world_.now().time_since_epoch()) + clock_off;
}

std::shared_ptr<decisions::services> node::open_services() {
  auto opened = std::make_shared<decisions::services>();
  opened->node_name = who_.name;
  opened->signing = crypto::signing_key::from_seed(who_.signing_seed);
  opened->nodes = all_;
  opened->registry = capabilities::everything_registered();
  opened->policy.letter_grace = std::chrono::seconds(2);
  opened->policy.free_reserve_bytes = 0;
  opened->now = [this] { return time(); };
  opened->since_boot = [this] { return world_.now().time_since_epoch(); };
  opened->started_at = time();
  opened->stop_process = [this](const std::string& why) { world_.complain("the process would have stopped: " + why); };
  opened->metrics = std::make_unique<decisions::metrics>();
  opened->feeds = std::make_unique<decisions::watchers>();
  opened->credentials = std::make_unique<decisions::watchers>();
  opened->activity = std::make_unique<decisions::activity>(opened->started_at);
  opened->links = std::make_unique<decisions::link_board>();
  opened->ready = &ready_;
  opened->store = must(storage::store::open({.folder = who_.folder / "state", .map_bytes = map_bytes}, who_.master,
                                            decisions::state_schema()));
  opened->content = must(storage::content_store::open(who_.folder / "content", map_bytes));
  opened->slots = must(crypto::slot_file::open(
      {.path = who_.folder / "slots", .mirror_path = {}, .any_file_system = true}, who_.slot_key));
  opened->send = [this](const std::string& peer, const transport::envelope& envelope) {
    return wire_.send(who_.name, peer, envelope);
  };
  opened->committing = [this] { before_commit(); };
  opened->committed = [this] { after_commit(); };
  return opened;
}

void node::start() {
  ++life_;
  services_ = open_services();
  auto carrier = must(postal::open_spool(
      {.folder = who_.folder / "spool", .transform = {}, .now = [this] { return services_->now(); }}));
  configuration_ = std::make_unique<configuration>();
  system_ = std::make_unique<caf::actor_system>(*configuration_);
  coordinator().clock().current_time = world_.now();
  const auto child = std::make_shared<pdf_double>([this] { return world_.dice.happens(helper_failure); });
  actors::node_tools tools{
      .screening_worker = child, .postal = {child, std::move(carrier)}, .peers = {}, .own_threads = false};
  for (const auto& one : all_) tools.peers.push_back(one.name);
  front_ = system_->spawn(actors::node, decisions::shared_services(services_), std::move(tools));
  wire_.join(who_.name, {.received =
                             [this](const transport::envelope& envelope) {
                               caf::anon_send(front_, std::make_shared<const transport::envelope>(envelope));
                             },
                         .link_changed = [this](const std::string& peer,
                                                bool up) { caf::anon_send(front_, actors::link_atom_v, peer, up); }});
  world_.tell(who_.name + " starts");
}

void node::die() {
  world_.tell(who_.name + " dies");
  bury();
}

void node::bury() {
  wire_.leave(who_.name);
  dying_ = committing_ = false;
  front_ = nullptr;
  abandon(system_);
  abandon(configuration_);
  services_->slots.reset();
  services_->content.reset();
  services_->store.reset();
  services_.reset();
}

void node::stop(std::function<void()> then) {
  world_.tell(who_.name + " stops");
  wire_.leave(who_.name);
  auto* const stopping = system_.get();
  const auto asking = [this, stopping, then = std::move(then)](caf::event_based_actor* self,
                                                               const actors::node_actor& front) {
    // Untyped: CAF answers `unit` with an empty message, which a typed request refuses.
    self->request(caf::actor_cast<caf::actor>(front), caf::infinite, actors::stop_atom_v).then([this, stopping, then] {
      // Not from inside one of its actors. It may have died in the meantime.
      world_.after(0us, [this, stopping, then] {
        if (system_.get() != stopping) return;
        world_.tell(who_.name + " is down");
        bury();
        then();
      });
    });
  };
  stopping->spawn(asking, front_);
}

decisions::shared_command node::make(std::string_view operation, const capabilities::request& from) const {
  return must(route_of(operation).make(*services_, from));
}

boost::json::value node::show(std::string_view operation, const capabilities::request& asked) const {
  const auto snapshot = must(services_->store->read());
  return boost::json::parse(must(route_of(operation).show({*services_, snapshot, time()}, asked)).body);
}

caf::scheduler::test_coordinator& node::coordinator() const {
  return dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
}

void node::step() {
  if (world_.dice.happens(deaths.at_message)) return die();
  one_message();
  if (dying_) bury();
}

void node::one_message() {
  auto& jobs = coordinator().jobs;
  const auto which = static_cast<std::ptrdiff_t>(world_.dice.below(jobs.size()));
  std::rotate(jobs.begin(), jobs.begin() + which, jobs.begin() + which + 1);
  coordinator().run_once();
}

// A writer waits for its disk on a thread of its own: until the process is dead, the others go on.
void node::before_commit() {
  if (committing_ || !world_.dice.happens(deaths.before_commit)) return;
  committing_ = true;
  for (auto left = world_.dice.below(messages_while_dying); left > 0 && !dying_ && has_work(); --left) one_message();
  world_.tell(who_.name + " dies within a commit");
  dying_ = true;
  throw died{};
}

void node::after_commit() {
  if (!world_.dice.happens(deaths.after_commit)) return;
  world_.tell(who_.name + " dies after a commit");
  dying_ = true;
  throw died{};
}

moment node::next() const {
  const auto& timers = coordinator().clock().schedule();
  return timers.empty() ? moment::max() : timers.begin()->first;
}

void node::advance_to(moment when) {
  auto& clock = coordinator().clock();
  clock.advance_time(when - clock.current_time);
}

}  // namespace elsec::simulation
