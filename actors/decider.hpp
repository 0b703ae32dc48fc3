#pragma once
// "Decide, commit, act" for an actor that decides: an organisation, or one of its objects. One decision at a time: the
// next command is looked at only when the change set before it is on disk, so every decision sees what all earlier ones
// have written.

#include "actors/context.hpp"
#include "decisions/rows.hpp"

#include <spdlog/spdlog.h>

#include <deque>
#include <exception>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>

namespace elsec::actors {

// What an actor that decides begins with.
struct beginning {
  // Held by all that decide for one organisation: while any of them is there, no other may begin in their place.
  std::shared_ptr<const void> household{};
  bool anew = false;  // after one that has died
};

// Answers that are owed. CAF forgets whoever waits for an actor that has died; here they are told.
class debts {
 public:
  using promise_type = caf::typed_response_promise<outcome>;

  debts() = default;
  debts(const debts&) = delete;
  debts& operator=(const debts&) = delete;
  ~debts() {
    for (auto& [number, promise] : owed_)
      promise.deliver(outcome(domain::fail(domain::error_code::internal, "it was cut short and may have been done")));
  }

  [[nodiscard]] std::uint64_t owe(promise_type promise) {
    owed_.emplace(++last_, std::move(promise));
    return last_;
  }
  void pay(std::uint64_t number, outcome what) {
    if (auto debt = owed_.extract(number)) debt.mapped().deliver(std::move(what));
  }

 private:
  std::unordered_map<std::uint64_t, promise_type> owed_;
  std::uint64_t last_ = 0;
};

// One of them. Not used after the end of its actor.
class owed_outcome {
 public:
  owed_outcome(debts& of, std::uint64_t number) : of_(&of), number_(number) {}

  void pay(outcome what) const { of_->pay(number_, std::move(what)); }
  void refuse(domain::error why) const { pay(std::unexpected(std::move(why))); }

 private:
  debts* of_;
  std::uint64_t number_;
};

template <class Self>
class decider {
 public:
  using promise_type = debts::promise_type;

  explicit decider(Self* self) : self_(self) {}

  // The command is decided when its turn comes; what it comes to is on disk before the answer. What it needs beforehand
  // is done outside the queue: nobody waits behind a password.
  promise_type perform(const shared_context& with, const shared_command& what) {
    ++taken_;
    auto promise = self_->template make_response_promise<outcome>();
    const owed_outcome owed(debts_, debts_.owe(promise));
    auto wanted = guarded([&] { return what->before(*with->with); });
    if (!wanted) {
      owed.refuse(std::move(wanted.error()));
    } else if (std::holds_alternative<std::monostate>(*wanted)) {
      await_turn(with, what, {}, owed);
    } else {
      prepare(with, what, std::move(*wanted), owed);
    }
    return promise;
  }

  // Another one that decided the same has died. What that has sent to the disk comes first, by the directory or without
  // it: the first decision would read rows that are about to change.
  void wait_for_predecessor(const shared_context& with) {
    busy_ = true;
    const auto begin = [this] {
      busy_ = false;
      go_on();
    };
    self_->request(with->directory, no_deadline, share({}))
        .then([begin](const commit_result&) { begin(); }, [begin](const caf::error&) { begin(); });
  }

  // After everything that waits already, and what is being prepared: whoever asked gets the answer.
  void finish(std::function<void()> job) {
    last_ = std::move(job);
    go_on();
  }

  [[nodiscard]] bool idle() const noexcept { return !busy_ && waiting_.empty() && preparing_ == 0; }
  // Commands that it was given so far. Whoever has sent all of them, and no more, knows that none is on its way.
  [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }
  // True once after each activity; for noticing silence.
  [[nodiscard]] bool was_active() noexcept { return std::exchange(active_, false); }

 private:
  // What a command throws is a defect of that command; the subject goes on with the next one.
  template <class Function>
  static auto guarded(Function&& function) -> decltype(function()) {
    try {
      return function();
    } catch (const std::exception& thrown) {
      spdlog::error("a command, or what it tells, has thrown: {}", thrown.what());
      return domain::fail(domain::error_code::internal, "the command could not be decided");
    }
  }

  void prepare(const shared_context& with, const shared_command& what, preparation wanted, const owed_outcome& owed) {
    if (auto* hash = std::get_if<hash_password>(&wanted))
      ask_passwords<password_hash>(with, what, new_password{std::move(hash->password), self_->clock().now()}, owed,
                                   [](std::string encoded) { return password_hashed{std::move(encoded)}; });
    else if (auto* check = std::get_if<check_password>(&wanted))
      ask_passwords<password_verdict>(
          with, what, password_check{std::move(check->encoded_hash), std::move(check->password), self_->clock().now()},
          owed, [](bool fits) { return password_checked{fits}; });
    else if (const auto* file = std::get_if<examine_file>(&wanted))
      ask_helper<file_examined>(with, what, with->screening, *file, owed);
    else if (const auto* letter = std::get_if<compose_paper>(&wanted))
      ask_helper<paper_made>(with, what, with->postal, *letter, owed);
    else if (const auto* composed = std::get_if<submit_paper>(&wanted))
      ask_helper<paper_made>(with, what, with->postal, *composed, owed);
  }

  template <class Done, class Helper, class Question>
  void ask_helper(const shared_context& with, const shared_command& what, const Helper& helper,
                  const Question& question, const owed_outcome& owed) {
    ++preparing_;
    self_->request(helper, helper_patience, question)
        .then(
            [this, with, what, owed](domain::result<Done>& came_of_it) {
              --preparing_;
              await_turn(with, what, std::move(came_of_it), owed);
            },
            [this, owed](const caf::error&) { not_begun(owed); });
  }

  // They refuse by themselves what has waited for too long; what they have begun is worth waiting for.
  template <class Reply, class Question, class Result>
  void ask_passwords(const shared_context& with, const shared_command& what, Question question,
                     const owed_outcome& owed, Result result) {
    ++preparing_;
    self_->request(with->next_passwords(), no_deadline, std::move(question))
        .then(
            [this, with, what, owed, result](Reply& reply) {
              --preparing_;
              if (reply) return await_turn(with, what, result(std::move(*reply)), owed);
              owed.refuse(std::move(reply.error()));
              go_on();
            },
            [this, owed](const caf::error&) { not_begun(owed); });
  }

  void not_begun(const owed_outcome& owed) {
    --preparing_;
    owed.refuse({domain::error_code::overloaded, "it could not be begun; repeat later", {}});
    go_on();
  }

  void await_turn(const shared_context& with, const shared_command& what, prepared ready, const owed_outcome& owed) {
    waiting_.emplace_back(
        [this, with, what, ready = std::move(ready), owed]() mutable { decide(with, *what, std::move(ready), owed); });
    go_on();
  }

  // A loop, since what comes to nothing would otherwise pile up calls of the next.
  void go_on() {
    if (std::exchange(going_on_, true)) return;
    while (!busy_ && !waiting_.empty()) {
      active_ = true;
      auto job = std::move(waiting_.front());
      waiting_.pop_front();
      job();
    }
    going_on_ = false;
    if (last_ && idle()) std::exchange(last_, nullptr)();
  }

  void decide(const shared_context& with, const command& what, prepared ready, const owed_outcome& owed) {
    auto decided = ruling_of(*with->with, what, std::move(ready));
    if (!decided) return owed.refuse(std::move(decided.error()));
    if (decided->changes) return commit(with, owed, std::move(*decided));
    act(*with, *decided, owed);
  }

  // The snapshot is closed before anything follows: what waits must not pile up read transactions.
  static domain::result<ruling> ruling_of(const services& with, const command& what, prepared ready) {
    auto snapshot = with.store->read();
    if (!snapshot) return std::unexpected(std::move(snapshot.error()));
    if (auto holds = decisions::check_credential(*snapshot, what.credential()); !holds)
      return std::unexpected(std::move(holds.error()));
    return guarded([&] { return what.decide({with, *snapshot, with.now(), std::move(ready)}); });
  }

  void commit(const shared_context& with, const owed_outcome& owed, ruling decided) {
    busy_ = true;
    const auto changes = share(std::move(*decided.changes));
    decided.changes.reset();
    auto card = std::move(decided.card);
    auto on_result = [this, with, owed, decided = std::move(decided)](commit_result& result) mutable {
      busy_ = false;
      if (result)
        act(*with, decided, owed);
      else
        owed.refuse(std::move(result.error()));
      go_on();
    };
    auto on_error = [this, owed](const caf::error&) {
      busy_ = false;
      owed.refuse({domain::error_code::timed_out, "the disk did not answer in time; repeat later", {}});
      go_on();
    };
    if (card)
      self_->request(with->directory, no_deadline, publish_card{std::move(*card), changes})
          .then(std::move(on_result), std::move(on_error));
    else
      self_->request(with->writer, no_deadline, changes).then(std::move(on_result), std::move(on_error));
  }

  void act(const context& with, ruling& decided, const owed_outcome& owed) {
    for (const auto& each : decided.notices)
      (void)guarded([&]() -> done {
        tell(with, each);
        return {};
      });
    if (decided.refusal)
      owed.refuse(std::move(*decided.refusal));
    else
      owed.pay(std::move(decided.answer));
  }

  void tell(const context& with, const notice& what) {
    if (const auto* told = std::get_if<news>(&what))
      (*told)(*with.with);
    else if (const auto* next = std::get_if<shared_command>(&what))
      caf::anon_send(with.node, *next);
    else
      self_->send(with.janitor, wake_atom_v);
  }

  Self* self_;
  debts debts_;
  std::deque<std::function<void()>> waiting_;
  std::function<void()> last_;  // when all that is done
  std::size_t preparing_ = 0;
  std::uint64_t taken_ = 0;
  bool busy_ = false;      // a change set is on its way to the disk
  bool going_on_ = false;  // inside the loop that takes from the queue
  bool active_ = true;
};

}  // namespace elsec::actors
