#pragma once
// A node with all its actors, none of them a double.

#include "actors/node.hpp"
#include "tests/actors/commands.hpp"

namespace elsec::actors::testing {

[[nodiscard]] inline shared_command about(const std::string& object, scripted what) {
  what.about.object = object;
  return as_command(std::move(what));
}

// What an actor knows, among it others whom nobody else can name.
template <class State, class Actor>
[[nodiscard]] const State& state_of(const Actor& of) {
  const auto* one =
      dynamic_cast<typename Actor::template stateful_pointer<State>>(caf::actor_cast<caf::abstract_actor*>(of));
  BOOST_REQUIRE(one != nullptr);
  return one->state;
}

// A child process that cannot even be spoken to.
struct broken_child : postal::pdf_service {
  domain::result<postal::inspection> inspect(std::span<const std::uint8_t>, const std::string&) override {
    throw std::runtime_error("inspect");
  }
  domain::result<postal::composed_letter> compose(const postal::cover&,
                                                  const std::vector<std::span<const std::uint8_t>>&) override {
    throw std::runtime_error("compose");
  }
};
struct broken_carrier : postal::carrier {
  [[nodiscard]] std::string name() const override { return "broken"; }
  domain::result<void> submit(const postal::ticket&, std::span<const std::uint8_t>) override { return {}; }
  domain::result<std::vector<postal::report>> poll() override { throw std::runtime_error("poll"); }
  domain::result<void> settle(const std::string&) override { return {}; }
  domain::result<bool> has_settled(const std::string&) override { return false; }
  domain::result<void> forget_settled(domain::time_point) override { return {}; }
};

// A node with all its actors.
struct living : stage {
  living() {
    open().stop_process = [this](const std::string& why) {
      stopped.push_back(why);
      die();
    };
    open().send = [](const std::string&, const transport::envelope&) { return transport::sent::queued; };
    open().policy.spool_poll = std::chrono::hours(1'000);
    const auto child = std::make_shared<broken_child>();
    node_tools tools{.screening_worker = child,
                     .postal = {child, std::make_shared<broken_carrier>()},
                     .peers = {"node1", "node2"},
                     .own_threads = false};
    all = spawn(actors::node, shared_services(with()->with), tools);
    run();
  }
  [[nodiscard]] const node_state& inside() const { return state_of<node_state>(all); }
  [[nodiscard]] tenant_actor tenant_here() const { return inside().tenants.at(organisation(1)).actor; }
  template <class Actor>
  void kill(const Actor& whom) {
    caf::anon_send_exit(whom, caf::exit_reason::kill);
    run();
  }
  // While the first change set is being written from now on.
  void during_the_next_commit(std::function<void()> job) {
    open().committing = [once = std::move(job), done = false]() mutable {
      if (!std::exchange(done, true)) once();
    };
  }
  void check_stopped(const std::string& because) {
    if (stopped.empty()) die();  // the others would wait for what is gone
    BOOST_REQUIRE(!stopped.empty());
    BOOST_TEST(stopped.front().starts_with(because + " has ended: "));
  }
  [[nodiscard]] std::string told(const std::string& name) const {
    const auto& result = answers.of(name);
    return result ? result->body : std::string(domain::name_of(result.error().code));
  }

  std::vector<std::string> stopped;
  node_actor all;
};

}  // namespace elsec::actors::testing
