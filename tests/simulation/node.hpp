#pragma once
// One node: the real actors, storage, slots and spool, on CAF's test scheduler, which runs one message of one actor at
// a time. It can die between any two messages, within a commit before it takes effect, while the others still go on for
// a while, and after one before anything follows from it.

#include "actors/node.hpp"
#include "actors/queries.hpp"
#include "capabilities/route.hpp"
#include "tests/simulation/network.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace elsec::simulation {

// What outlives a node's death besides its folder.
struct node_identity {
  std::string name;
  std::filesystem::path folder;
  crypto::secret master;
  crypto::secret slot_key;
  crypto::secret signing_seed;
};

// Probabilities: at each message, and at each commit.
struct deaths_of_node {
  double at_message = 0;
  double before_commit = 0;
  double after_commit = 0;
};

class node {
 public:
  node(world& in, network& wire, node_identity who, std::vector<decisions::known_node> all);
  ~node();
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  void start();
  // As by SIGKILL or a power cut: nothing of it runs again; what was committed stays.
  void die();
  // As by SIGTERM; `then` when it is down.
  void stop(std::function<void()> then);

  [[nodiscard]] bool runs() const { return system_ != nullptr; }
  // Counts its starts.
  [[nodiscard]] unsigned life() const { return life_; }
  [[nodiscard]] bool has_work() const { return runs() && coordinator().has_job(); }
  // One message of one actor, or nothing. The node may die with it.
  void step();
  // The next timer of its actors.
  [[nodiscard]] moment next() const;
  void advance_to(moment when);

  // Sends a command as the gateway does. `then` is never called if the node dies before it has answered.
  template <class Reply, class Receiver, class Command>
  void ask(const Receiver& receiver, Command command, std::function<void(Reply)> then) {
    const auto asking = [receiver, then = std::move(then)](caf::event_based_actor* self, const Command& what) {
      self->request(receiver, caf::infinite, what)
          .then([then](Reply& reply) { then(std::move(reply)); },
                [then](caf::error&) { then(std::unexpected(domain::error{domain::error_code::timed_out, {}, {}})); });
    };
    system_->spawn(asking, std::move(command));
  }
  [[nodiscard]] const actors::node_actor& front() const { return front_; }
  [[nodiscard]] actors::queries read() const { return actors::queries(services_); }
  // The command of an operation of the API, and what one shows: as the gateway asks for them.
  [[nodiscard]] decisions::shared_command make(std::string_view operation, const capabilities::request& from) const;
  [[nodiscard]] boost::json::value show(std::string_view operation, const capabilities::request& asked) const;
  [[nodiscard]] const std::string& name() const { return who_.name; }
  [[nodiscard]] const std::filesystem::path& folder() const { return who_.folder; }
  [[nodiscard]] domain::time_point time() const;

  deaths_of_node deaths;
  double helper_failure = 0;              // probability per look at a file, and per letter composed
  std::chrono::milliseconds clock_off{};  // of its wall clock

 private:
  struct configuration;
  [[nodiscard]] caf::scheduler::test_coordinator& coordinator() const;
  [[nodiscard]] std::shared_ptr<decisions::services> open_services();
  void bury();
  void one_message();
  void before_commit();
  void after_commit();

  world& world_;
  network& wire_;
  node_identity who_;
  std::vector<decisions::known_node> all_;
  std::shared_ptr<decisions::services> services_;
  std::unique_ptr<configuration> configuration_;
  std::unique_ptr<caf::actor_system> system_;
  actors::node_actor front_;
  std::atomic<bool> ready_{true};
  bool dying_ = false;
  bool committing_ = false;
  unsigned life_ = 0;
};

}  // namespace elsec::simulation
