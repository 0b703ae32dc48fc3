#pragma once
// "Decide, commit, act" for an actor that owns an aggregate: one decision at a time. The next command is looked at only
// when the change set before it is on disk, so every decision sees what all earlier ones have written.

#include "actors/context.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <utility>

namespace elsec::actors {

// What a command comes to. Without changes it is answered at once; with a card the directory commits it.
template <class Reply>
struct decision {
  Reply answer{};
  std::optional<storage::change_set> changes{};
  std::optional<domain::card> card{};
  std::function<void()> act{};  // after the commit, before the answer
};

template <class Self>
class aggregate {
 public:
  explicit aggregate(Self* self) : self_(self) {}

  // `decide` runs when its turn comes: result<decision<Reply>>(). Its error is the answer.
  template <class Reply, class Decide>
  caf::typed_response_promise<Reply> perform(const shared_context& with, Decide decide) {
    auto promise = self_->template make_response_promise<Reply>();
    enqueue([this, with, promise, decide = std::move(decide)]() mutable {
      auto decided = decide();
      if (!decided)
        finish(promise, Reply(std::unexpected(std::move(decided.error()))));
      else if (!decided->changes)
        finish(promise, std::move(decided->answer));
      else
        commit(with, promise, std::move(*decided));
    });
    return promise;
  }

  // A command of several steps: `job` must call `done()` at its end.
  void enqueue(std::function<void()> job) {
    waiting_.push_back(std::move(job));
    if (!busy_) next();
  }
  void done() { next(); }

  [[nodiscard]] bool idle() const noexcept { return !busy_ && waiting_.empty(); }
  // True once after each activity; for noticing silence.
  [[nodiscard]] bool was_active() noexcept { return std::exchange(active_, false); }

 private:
  void next() {
    busy_ = !waiting_.empty();
    if (!busy_) return;
    active_ = true;
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    job();
  }

  template <class Reply>
  void finish(caf::typed_response_promise<Reply>& promise, Reply reply) {
    promise.deliver(std::move(reply));
    next();
  }

  template <class Reply>
  void commit(const shared_context& with, caf::typed_response_promise<Reply> promise, decision<Reply> decided) {
    auto changes = std::make_shared<const storage::change_set>(std::move(*decided.changes));
    auto on_result = [this, promise, answer = std::move(decided.answer),
                      act = std::move(decided.act)](commit_result& result) mutable {
      if (!result) return finish(promise, Reply(std::unexpected(std::move(result.error()))));
      if (act) act();
      finish(promise, std::move(answer));
    };
    auto on_error = [this, promise](caf::error&) mutable {
      finish(promise,
             Reply(domain::fail(domain::error_code::timed_out, "the disk did not answer in time; repeat later")));
    };
    if (decided.card)
      self_->request(with->directory, commit_deadline, publish_card{*decided.card, changes})
          .then(std::move(on_result), std::move(on_error));
    else
      self_->request(with->writer, commit_deadline, changes).then(std::move(on_result), std::move(on_error));
  }

  Self* self_;
  std::deque<std::function<void()>> waiting_;
  bool busy_ = false;
  bool active_ = true;
};

// Keeps an answer for its repetition, in the same change set as what it answers. `id` names the created object.
void keep_answer(storage::change_set& changes, const services& with, const maybe_idempotent& repeat,
                 const answered& answer, const std::string& id, bool secret, const std::string& fingerprint = {});

// Key of an answer row that belongs to a tenant's client_ref.
[[nodiscard]] std::string client_ref_key(const services& with, const domain::organisation_id& of,
                                         const std::string& client_ref);

// The tag of an object as the API shows it, compared with an If-Match header ("*" fits all).
[[nodiscard]] bool fits(const std::optional<std::string>& if_match, std::string_view json);

}  // namespace elsec::actors
