#pragma once
// A stage for actors: a store of its own, CAF's test scheduler, and doubles of the actors that the one under test
// speaks to. Each double does at once what the real one does, unless it is told to hold back; what is held goes on, one
// at a time, when the test lets it.

#include "actors/context.hpp"
#include "crypto/random.hpp"
#include "tests/wear.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <utility>

namespace elsec::actors::testing {

using domain::error_code;

// --- doubles ---------------------------------------------------------------------------------------------------------

struct writer_desk {
  bool holds = false;
  std::optional<domain::error> refuses{};  // instead of writing
  std::deque<std::pair<shared_changes, caf::typed_response_promise<commit_result>>> held{};
  std::size_t taken = 0;
};

inline commit_result write(writer_desk& desk, const services& with, const shared_changes& changes) {
  if (desk.refuses) return std::unexpected(*desk.refuses);
  const std::array batch{changes.get()};
  return with.store->commit(batch).front();
}

inline state_writer_actor::behavior_type writer_double(state_writer_actor::pointer self, writer_desk* desk,
                                                       const services* with) {
  return {
      [self, desk, with](const shared_changes& changes) {
        auto promise = self->make_response_promise<commit_result>();
        ++desk->taken;
        if (desk->holds)
          desk->held.emplace_back(changes, promise);
        else
          promise.deliver(write(*desk, *with, changes));
        return promise;
      },
      [desk, with](flush_atom) {
        auto [changes, promise] = std::move(desk->held.front());
        desk->held.pop_front();
        promise.deliver(write(*desk, *with, changes));
      },
      [](link_atom, const std::string&, const caf::strong_actor_ptr&) {},
      [](stop_atom) {},
  };
}

struct passwords_desk {
  bool holds = false;
  std::optional<domain::error> refuses{};
  std::deque<std::function<void()>> held{};
};

using passwords_double_actor = passwords_actor::extend<caf::reacts_to<flush_atom>>;

inline passwords_double_actor::behavior_type passwords_double(passwords_double_actor::pointer self,
                                                              passwords_desk* desk) {
  const auto later = [desk](auto promise, auto answer) {
    std::function<void()> tell = [desk, promise, answer]() mutable {
      if (desk->refuses)
        promise.deliver(decltype(answer)(std::unexpected(*desk->refuses)));
      else
        promise.deliver(std::move(answer));
    };
    desk->holds ? desk->held.push_back(std::move(tell)) : tell();
    return promise;
  };
  return {
      [self, later](const new_password& what) {
        return later(self->make_response_promise<password_hash>(), password_hash("hash of " + what.password));
      },
      [self, later](const password_check& what) {
        return later(self->make_response_promise<password_verdict>(),
                     password_verdict(what.encoded_hash == "hash of " + what.password));
      },
      [desk](flush_atom) {
        const auto tell = std::move(desk->held.front());
        desk->held.pop_front();
        tell();
      },
  };
}

struct node_desk {
  bool holds = false;
  // What the node answers; without it a command is decided and committed there and then.
  std::function<outcome(const shared_command&)> answers{};
  std::deque<std::pair<shared_command, caf::typed_response_promise<outcome>>> held{};
  std::vector<shared_command> got{};
  std::vector<domain::organisation_id> idle{};
};

inline outcome decide_at_once(const services& with, const command& what) {
  auto decided = [&] { return what.decide({with, *with.store->read(), with.now(), {}}); }();
  if (!decided) return std::unexpected(std::move(decided.error()));
  if (decided->changes) {
    const std::array<const storage::change_set*, 1> batch{&*decided->changes};
    if (auto written = with.store->commit(batch).front(); !written) return std::unexpected(std::move(written.error()));
  }
  return std::move(decided->answer);
}

using node_double_actor = node_actor::extend<caf::reacts_to<flush_atom>>;

inline node_double_actor::behavior_type node_double(node_double_actor::pointer self, node_desk* desk,
                                                    const services* with) {
  const auto settle = [desk, with](const shared_command& what, caf::typed_response_promise<outcome> promise) {
    promise.deliver(desk->answers ? desk->answers(what) : decide_at_once(*with, *what));
  };
  return {
      [self, desk, settle](const shared_command& what) {
        auto promise = self->make_response_promise<outcome>();
        desk->got.push_back(what);
        if (desk->holds)
          desk->held.emplace_back(what, promise);
        else
          settle(what, promise);
        return promise;
      },
      [](const begin_upload&) -> upload_started { return domain::fail(error_code::internal); },
      [](const incoming_transfer&) -> done { return {}; },
      [desk](idle_atom, const domain::organisation_id& who, std::uint64_t) { desk->idle.push_back(who); },
      [](const shared_envelope&) {},
      [](link_atom, const std::string&, bool) {},
      [](stop_atom) { return caf::unit; },
      [desk, settle](flush_atom) {
        auto [what, promise] = std::move(desk->held.front());
        desk->held.pop_front();
        settle(what, promise);
      },
  };
}

struct janitor_desk {
  std::size_t woken = 0;
};

inline janitor_actor::behavior_type janitor_double(janitor_actor::pointer, janitor_desk* desk) {
  return {
      [](tick_atom) {},
      [desk](wake_atom) { ++desk->woken; },
      [](start_atom) {},
      [](stop_atom) {},
  };
}

// The helpers that work for commands beforehand, in one: what they were asked, and what they answer.
struct helpers_desk {
  std::vector<std::string> asked{};
  examined sees = file_examined{.pages = 3};
  made_paper makes = paper_made{.pages = 4, .sheets = 2};
};

inline screening_actor::behavior_type screening_double(screening_actor::pointer, helpers_desk* desk) {
  return {
      [desk](const examine_file& what) {
        desk->asked.push_back("examine " + what.document.str());
        return desk->sees;
      },
      [](stop_atom) {},
  };
}

inline postal_actor::behavior_type postal_double(postal_actor::pointer, helpers_desk* desk) {
  return {
      [desk](const compose_paper& what) {
        desk->asked.push_back("compose " + what.letter.str());
        return desk->makes;
      },
      [desk](const submit_paper& what) {
        desk->asked.push_back("submit " + what.letter.str());
        return desk->makes;
      },
      [](start_atom) {},
      [](tick_atom) {},
      [](stop_atom) {},
  };
}

struct directory_desk {
  std::vector<domain::card> published{};
};

inline directory_actor::behavior_type directory_double(directory_actor::pointer self, directory_desk* desk,
                                                       writer_desk* writer, const services* with,
                                                       const state_writer_actor& to) {
  return {
      [desk, writer, with](const publish_card& what) -> commit_result {
        desk->published.push_back(what.card);
        return write(*writer, *with, what.changes);
      },
      [self, to](const shared_changes& changes) { return self->delegate(to, changes); },
      [](cards_atom, const std::string&, const shared_bytes&) -> done { return {}; },
      [](cards_atom, std::uint64_t) {},
      [](link_atom, const std::string&, const caf::strong_actor_ptr&) {},
  };
}

// --- the stage -------------------------------------------------------------------------------------------------------

struct configuration : caf::actor_system_config {
  configuration() {
    add_message_types<caf::id_block::elsec>();
    set("scheduler.policy", caf::atom("testing"));
  }
};

// How often the caller was left without an answer is a question of its own: `lost`.
struct answer_log {
  std::vector<std::pair<std::string, std::optional<outcome>>> told{};  // nothing: lost

  [[nodiscard]] const outcome& of(const std::string& name) const {
    for (const auto& [asked, result] : told)
      if (asked == name) {
        BOOST_REQUIRE_MESSAGE(result.has_value(), name + " was lost");
        return *result;
      }
    BOOST_FAIL(name + " was not answered");
    throw std::logic_error("not reached");
  }
  [[nodiscard]] std::string names() const {
    std::string all;
    for (const auto& [asked, result] : told) all += (all.empty() ? "" : " ") + asked + (result ? "" : "(lost)");
    return all;
  }
};

class stage {
 public:
  static constexpr unsigned readers_max = 4;

  stage() : folder_(make_folder()), services_(open_services()) {
    system_ = std::make_unique<caf::actor_system>(configuration_);
    system_->await_actors_before_shutdown(false);  // a test that fails may leave some waiting
    spdlog::set_level(spdlog::level::off);         // most tests here are about what goes wrong
    // Not at the clock's beginning, so that "never" lies in the past.
    coordinator().clock().current_time = steady_time{} + std::chrono::hours(24 * 365);
    auto made = std::make_shared<context>();
    made->with = services_;
    writer_ = system_->spawn(writer_double, &writer, raw());
    passwords_ = system_->spawn(passwords_double, &passwords);
    node_ = system_->spawn(node_double, &node, raw());
    made->writer = writer_;
    made->passwords = {passwords_};
    made->node = node_;
    made->screening = system_->spawn(screening_double, &helpers);
    made->postal = system_->spawn(postal_double, &helpers);
    made->janitor = system_->spawn(janitor_double, &janitor);
    made->directory = system_->spawn(directory_double, &directory, &writer, raw(), writer_);
    with_ = made;
  }
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;
  // Actors hold what they work with: they end before the store does.
  ~stage() {
    if (dead_)
      (void)system_.release();
    else
      end_actors();
    with_.reset();
    services_->slots.reset();
    services_->store.reset();
    services_->content.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  // As a process that has ended at once: its actors do not run any more, and free nothing.
  void die() {
    dead_ = true;
    coordinator().jobs.clear();
  }

  [[nodiscard]] caf::scheduler::test_coordinator& coordinator() const {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
  }
  void run() { coordinator().run(); }
  // As if this one's thread were slow: all others, for as long as they have something to do.
  template <class Actor>
  void run_without(const Actor& slow) {
    auto& jobs = coordinator().jobs;
    const auto* waits = job_of(slow);
    while (std::ranges::any_of(jobs, [&](const auto* each) { return each != waits; })) {
      if (jobs.front() == waits) std::ranges::rotate(jobs, jobs.begin() + 1);
      coordinator().run_once();
    }
  }
  // Nothing but the next message of this one.
  template <class Actor>
  void run_next(const Actor& whom) {
    auto& jobs = coordinator().jobs;
    const auto found = std::ranges::find(jobs, job_of(whom));
    BOOST_REQUIRE(found != jobs.end());
    std::rotate(jobs.begin(), found, found + 1);
    coordinator().run_once();
  }
  // Both clocks: the actors', and the one on the wall.
  void pass(std::chrono::milliseconds time) {
    now_ += time;
    coordinator().advance_time(time);
    run();
  }
  void pass_in_steps(std::chrono::milliseconds step, int times) {
    for (int i = 0; i < times; ++i) pass(step);
  }

  template <class Actor, class... Parts>
  auto spawn(Actor what, Parts&&... parts) {
    auto spawned = system_->spawn(what, std::forward<Parts>(parts)...);
    ends_.push_back([this, spawned] {
      tell(spawned, stop_atom_v);
      caf::anon_send_exit(spawned, caf::exit_reason::kill);
    });
    return spawned;
  }

  // The answer stands in `answers` under this name. Sent when the stage runs, in the order of asking.
  template <class Receiver>
  void ask(const Receiver& whom, const std::string& name, shared_command what) {
    system_->spawn(
        [this, name](caf::event_based_actor* self, const Receiver& to, const shared_command& asked) {
          self->request(to, caf::infinite, asked)
              .then([this, name](outcome& result) { answers.told.emplace_back(name, std::move(result)); },
                    [this, name](caf::error&) { answers.told.emplace_back(name, std::nullopt); });
        },
        whom, std::move(what));
  }
  template <class Receiver>
  void ask_now(const Receiver& whom, const std::string& name, shared_command what) {
    ask(whom, name, std::move(what));
    run();
  }

  // Likewise, of something else than a command. Lost: `then` is never called.
  template <class Answer, class Receiver, class Question>
  void ask_for(const Receiver& whom, const Question& question, std::function<void(Answer&)> then) {
    system_->spawn(
        [then](caf::event_based_actor* self, const Receiver& to, const Question& asked) {
          self->request(to, caf::infinite, asked).then([then](Answer& told) { then(told); }, [](const caf::error&) {});
        },
        whom, question);
  }

  template <class Receiver, class... Parts>
  void tell(const Receiver& whom, Parts... parts) {
    caf::anon_send(whom, std::move(parts)...);
    run();
  }
  void release_commit() { tell(writer_, flush_atom_v); }
  void release_password() { tell(passwords_, flush_atom_v); }
  void release_command() { tell(node_, flush_atom_v); }

  [[nodiscard]] shared_context with() const { return with_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] services& open() { return *services_; }
  [[nodiscard]] domain::time_point now() const { return now_; }
  void commit(const storage::change_set& changes) {
    const std::array batch{&changes};
    BOOST_REQUIRE(services_->store->commit(batch).front().has_value());
  }
  template <class Record>
  void damage(const storage::table<Record>& where, const std::string& key) {
    storage::change_set changes;
    changes.put(wear::damaged(where), key, {});
    commit(changes);
  }
  [[nodiscard]] storage::snapshot read() const {
    auto snapshot = services_->store->read();
    BOOST_REQUIRE(snapshot.has_value());
    return std::move(*snapshot);
  }

  writer_desk writer;
  passwords_desk passwords;
  node_desk node;
  helpers_desk helpers;
  janitor_desk janitor;
  directory_desk directory;
  answer_log answers;

 private:
  template <class Actor>
  [[nodiscard]] static caf::resumable* job_of(const Actor& whom) {
    auto* job = dynamic_cast<caf::resumable*>(caf::actor_cast<caf::abstract_actor*>(whom));
    BOOST_REQUIRE(job != nullptr);
    return job;
  }

  void end_actors() {
    writer.holds = passwords.holds = node.holds = false;
    while (!writer.held.empty()) release_commit();
    while (!passwords.held.empty()) release_password();
    while (!node.held.empty()) release_command();
    for (const auto& end_it : ends_) end_it();
    run();
    for (const auto& each : std::initializer_list<caf::actor>{
             caf::actor_cast<caf::actor>(node_), caf::actor_cast<caf::actor>(passwords_),
             caf::actor_cast<caf::actor>(writer_), caf::actor_cast<caf::actor>(with_->screening),
             caf::actor_cast<caf::actor>(with_->postal), caf::actor_cast<caf::actor>(with_->janitor),
             caf::actor_cast<caf::actor>(with_->directory)})
      caf::anon_send_exit(each, caf::exit_reason::kill);
    run();
  }

  static std::filesystem::path make_folder() {
    BOOST_REQUIRE(crypto::start().has_value());
    std::string name = (std::filesystem::temp_directory_path() / "elsec-actors-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    return name;
  }

  std::shared_ptr<services> open_services() {
    auto opened = std::make_shared<services>();
    opened->node_name = "node1";
    opened->now = [this] { return now_; };
    opened->since_boot = [this] { return now_.time_since_epoch(); };
    opened->started_at = now_;
    opened->metrics = std::make_unique<metrics>();
    opened->feeds = std::make_unique<watchers>();
    opened->credentials = std::make_unique<watchers>();
    opened->activity = std::make_unique<decisions::activity>(now_);
    opened->links = std::make_unique<link_board>();
    opened->stop_process = [](const std::string& why) { BOOST_ERROR("the process would have stopped: " + why); };
    auto state = storage::store::open({.folder = folder_ / "state", .map_bytes = 1U << 26, .readers_max = readers_max},
                                      crypto::secret::random());
    auto content = storage::content_store::open(folder_ / "content", 1U << 26);
    BOOST_REQUIRE(state.has_value() && content.has_value());
    opened->store = std::move(*state);
    opened->content = std::move(*content);
    return opened;
  }

  [[nodiscard]] const services* raw() const { return services_.get(); }

  domain::time_point now_ = domain::time_point(std::chrono::milliseconds(1'795'000'000'000));  // in November 2026
  std::filesystem::path folder_;
  std::shared_ptr<services> services_;
  configuration configuration_;
  std::unique_ptr<caf::actor_system> system_;
  state_writer_actor writer_;
  passwords_double_actor passwords_;
  node_double_actor node_;
  shared_context with_;
  std::vector<std::function<void()>> ends_;
  bool dead_ = false;
};

inline domain::organisation_id organisation(std::uint8_t number) {
  return domain::organisation_id::make(domain::time_point{}, {number});
}

}  // namespace elsec::actors::testing
