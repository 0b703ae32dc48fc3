// What the janitor does while the clock is not to be believed.

#include "actors/janitor.hpp"
#include "crypto/random.hpp"
#include "decisions/deadlines.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

using namespace elsec;
using namespace elsec::actors;

namespace {

constexpr auto irrevocable_kind = "irrevocable";
constexpr auto other_kind = "other";

struct named_deadline : decisions::command {
  named_deadline(domain::time_point, const storage::deadline_row& row) : kind(row.kind) {}

  std::string kind;

  [[nodiscard]] decisions::subject whom() const override { return {}; }
  [[nodiscard]] domain::result<decisions::ruling> decide(const decisions::facts&) const override { return {}; }
};

// What reached the one that the janitor gives work to.
struct work_seen {
  std::vector<std::string> kinds{};

  [[nodiscard]] bool began(std::string_view kind) const { return std::ranges::find(kinds, kind) != kinds.end(); }
};

// Commands come to nothing, so their rows stay and are due again.
node_actor::behavior_type idle_node(node_actor::pointer, work_seen* seen) {
  return {
      [seen](const shared_command& what) -> outcome {
        seen->kinds.push_back(dynamic_cast<const named_deadline&>(*what).kind);
        return decisions::answered{};
      },
      [](const begin_upload&) -> upload_started { return domain::fail(domain::error_code::internal); },
      [](const incoming_transfer&) -> done { return {}; },
      [](idle_atom, const domain::organisation_id&, std::uint64_t) {},
      [](const shared_envelope&) {},
      [](link_atom, const std::string&, bool) {},
      [](stop_atom) { return caf::unit; },
  };
}

struct testing_configuration : caf::actor_system_config {
  testing_configuration() {
    add_message_types<caf::id_block::elsec>();
    set("scheduler.policy", caf::atom("testing"));
  }
};

// A janitor whose node has one deadline of each kind due.
struct janitor_with_clocks {
  janitor_with_clocks() {
    BOOST_REQUIRE(crypto::start().has_value());
    BOOST_REQUIRE(::mkdtemp(folder.data()) != nullptr);
    services->now = [this] { return wall; };
    services->since_boot = [this] { return boot; };
    services->metrics = std::make_unique<decisions::metrics>();
    services->registry.deadline_kinds = {
        {irrevocable_kind, &decisions::make_deadline_command<named_deadline>, 64, true},
        {other_kind, &decisions::make_deadline_command<named_deadline>}};
    auto state = storage::store::open({.folder = folder + "/state", .map_bytes = 1U << 26}, crypto::secret::random());
    auto content = storage::content_store::open(folder + "/content", 1U << 26);
    BOOST_REQUIRE(state.has_value() && content.has_value());
    services->store = std::move(*state);
    services->content = std::move(*content);
    leave_work();
    auto made = std::make_shared<context>();
    made->with = services;
    made->node = node = system.spawn(idle_node, &seen);
    with = std::move(made);
  }
  janitor_with_clocks(const janitor_with_clocks&) = delete;
  janitor_with_clocks& operator=(const janitor_with_clocks&) = delete;
  ~janitor_with_clocks() {
    caf::anon_send_exit(cleaner, caf::exit_reason::kill);
    caf::anon_send_exit(node, caf::exit_reason::kill);
    coordinator().run();
    with.reset();
    services->store.reset();
    services->content.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  void leave_work() {
    storage::change_set changes;
    decisions::set_deadline(changes, {irrevocable_kind, wall + std::chrono::hours(1)});
    decisions::set_deadline(changes, {other_kind, wall + std::chrono::hours(1)});
    const std::array batch{&changes};
    BOOST_REQUIRE(services->store->commit(batch).front().has_value());
  }

  [[nodiscard]] caf::scheduler::test_coordinator& coordinator() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  }
  void start() {
    cleaner = system.spawn(janitor, with);
    coordinator().run();
  }
  void pass(std::chrono::seconds time) {
    for (auto gone = std::chrono::seconds{0}; gone < time; gone += janitor_tick) {
      wall += janitor_tick;
      boot += janitor_tick;
      coordinator().advance_time(janitor_tick);
      coordinator().run();
    }
  }

  domain::time_point wall{std::chrono::milliseconds(1'795'000'000'000)};
  std::chrono::nanoseconds boot = std::chrono::hours(5);
  std::string folder = (std::filesystem::temp_directory_path() / "elsec-clock-XXXXXX").string();
  std::shared_ptr<decisions::services> services = std::make_shared<decisions::services>();
  work_seen seen;
  testing_configuration configured;
  caf::actor_system system{configured};
  node_actor node;
  janitor_actor cleaner;
  shared_context with;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(janitor_and_clock, janitor_with_clocks)

BOOST_AUTO_TEST_CASE(R19_after_a_jump_only_what_can_be_undone_is_begun) {
  start();
  BOOST_TEST(seen.kinds.empty());
  wall += std::chrono::hours(24);
  pass(janitor_tick);
  BOOST_TEST(services->clock->current().paused);
  BOOST_TEST(seen.began(other_kind));
  BOOST_TEST(!seen.began(irrevocable_kind));
}

BOOST_AUTO_TEST_CASE(R19_after_the_operators_word_the_rest_is_begun) {
  start();
  wall += std::chrono::hours(24);
  pass(std::chrono::minutes(30));
  BOOST_TEST(!seen.began(irrevocable_kind));
  services->clock->resume({services->now, services->since_boot}, *services->metrics, "looked at it");
  pass(janitor_tick);
  BOOST_TEST(seen.began(irrevocable_kind));
}

BOOST_AUTO_TEST_CASE(R19_after_an_hour_of_agreement_the_rest_is_begun) {
  start();
  wall += std::chrono::hours(24);
  pass(std::chrono::minutes(60));
  BOOST_TEST(!seen.began(irrevocable_kind));
  pass(janitor_tick);
  BOOST_TEST(!services->clock->current().paused);
  BOOST_TEST(seen.began(irrevocable_kind));
}

BOOST_AUTO_TEST_CASE(R19_a_start_believes_its_clock) {
  wall += std::chrono::hours(24);
  start();
  BOOST_TEST(seen.began(irrevocable_kind));
}

BOOST_AUTO_TEST_SUITE_END()
