#pragma once
// "Decide, commit, act" for an actor that owns an aggregate: one decision at a time. The next command is looked at only
// when the change set before it is on disk, so every decision sees what all earlier ones have written.

#include "actors/context.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <utility>

namespace elsec::actors {

template <class Self>
class aggregate {
 public:
  explicit aggregate(Self* self) : self_(self) {}

  // The command is decided when its turn comes; what it comes to is on disk before the answer.
  caf::typed_response_promise<outcome> perform(const shared_context& with, const shared_command& what) {
    auto promise = self_->template make_response_promise<outcome>();
    enqueue([this, with, what, promise]() mutable { decide(with, *what, std::move(promise)); });
    return promise;
  }

  // After everything asked before.
  void enqueue(std::function<void()> job) {
    waiting_.push_back(std::move(job));
    if (!busy_) next();
  }

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

  void decide(const shared_context& with, const command& what, caf::typed_response_promise<outcome> promise) {
    auto decided = ruling_of(*with->with, what);
    if (!decided) return finish(promise, std::unexpected(std::move(decided.error())));
    if (decided->changes) return commit(with, std::move(promise), std::move(*decided));
    for (const auto& each : decided->notices) tell(*with, each);
    finish(promise, std::move(decided->answer));
  }

  // The snapshot is closed before anything follows: what waits must not pile up read transactions.
  static domain::result<ruling> ruling_of(const services& with, const command& what) {
    auto snapshot = with.store->read();
    if (!snapshot) return std::unexpected(std::move(snapshot.error()));
    return what.decide({with, *snapshot, with.now()});
  }

  void finish(caf::typed_response_promise<outcome>& promise, outcome answer) {
    promise.deliver(std::move(answer));
    next();
  }

  void commit(const shared_context& with, caf::typed_response_promise<outcome> promise, ruling decided) {
    auto changes = std::make_shared<const storage::change_set>(std::move(*decided.changes));
    auto on_result = [this, with, promise, answer = std::move(decided.answer),
                      notices = std::move(decided.notices)](commit_result& result) mutable {
      if (!result) return finish(promise, std::unexpected(std::move(result.error())));
      for (const auto& each : notices) tell(*with, each);
      finish(promise, std::move(answer));
    };
    auto on_error = [this, promise](caf::error&) mutable {
      finish(promise, domain::fail(domain::error_code::timed_out, "the disk did not answer in time; repeat later"));
    };
    if (decided.card)
      self_->request(with->directory, commit_deadline, publish_card{*decided.card, changes})
          .then(std::move(on_result), std::move(on_error));
    else
      self_->request(with->writer, commit_deadline, changes).then(std::move(on_result), std::move(on_error));
  }

  void tell(const context& with, const notice& what) {
    if (const auto* ended = std::get_if<credential_ended>(&what)) {
      with.with->activity->forget(ended->credential);
      with.with->credentials->notify(ended->credential);
    } else if (const auto* next_command = std::get_if<shared_command>(&what)) {
      caf::anon_send(with.node, *next_command);
    } else {
      self_->send(with.postal, wake_atom_v);
    }
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
