#pragma once
// Asking an actor from a coroutine: nobody's thread blocks. A small actor per question waits for the answer and posts
// it back to the coroutine's executor.

#include "domain/error.hpp"
#include "gateway/exchange.hpp"
#include "gateway/wake_signal.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace elsec::gateway {

namespace detail {

template <class Reply>
struct answer_slot {
  explicit answer_slot(const asio::any_io_executor& executor) : wake(std::make_shared<wake_signal>(executor)) {}
  std::optional<Reply> reply;  // touched on the executor only
  std::shared_ptr<wake_signal> wake;
};

// Brings the answer home, exactly one: if the asking actor dies with its system, its destructor brings an error.
template <class Reply>
class messenger {
 public:
  messenger(asio::any_io_executor executor, std::shared_ptr<void> anchor, std::weak_ptr<answer_slot<Reply>> slot)
      : executor_(std::move(executor)), anchor_(std::move(anchor)), slot_(std::move(slot)) {}
  messenger(const messenger&) = delete;
  messenger& operator=(const messenger&) = delete;
  ~messenger() {
    if (anchor_ != nullptr) bring(domain::fail(domain::error_code::overloaded, "The node is stopping."));
  }

  void bring(Reply reply) {
    asio::post(executor_, [slot = slot_, reply = std::move(reply)]() mutable {
      const auto home = slot.lock();
      if (home == nullptr) return;
      home->reply = std::move(reply);
      home->wake->raise();
    });
    anchor_.reset();
  }

 private:
  asio::any_io_executor executor_;
  std::shared_ptr<void> anchor_;
  std::weak_ptr<answer_slot<Reply>> slot_;
};

// What a failed request means to the client.
[[nodiscard]] inline domain::error failed() { return {domain::error_code::overloaded, "Repeat the request.", {}}; }
[[nodiscard]] inline domain::error silent() {
  return {domain::error_code::timed_out, "There was no answer in time; it may still take effect.", {}};
}

template <class Reply, class Handle, class Message>
void attempt(caf::event_based_actor* self, const Handle& to, const std::shared_ptr<const Message>& message,
             const std::shared_ptr<messenger<Reply>>& home, bool again) {
  // No deadline here, it is kept by who waits: CAF's clock is a thread of its own, which each one would wake.
  self->request(to, caf::infinite, *message)
      .then([home](const Reply& reply) { home->bring(reply); },
            [=](const caf::error& error) {
              // An actor that has just gone to sleep did nothing with it; the next one will.
              if (again && error == caf::sec::request_receiver_down)
                return attempt<Reply>(self, to, message, home, false);
              home->bring(std::unexpected(failed()));
            });
}

}  // namespace detail

// A question under way.
template <class Reply>
class asked {
 public:
  asked(std::shared_ptr<detail::answer_slot<Reply>> slot, std::chrono::steady_clock::time_point deadline)
      : slot_(std::move(slot)), deadline_(deadline) {}

  [[nodiscard]] asio::awaitable<Reply> answer() {
    const auto slot = slot_;
    bool in_time = true;
    while (!slot->reply && in_time) in_time = co_await slot->wake->wait_until(deadline_);
    if (!slot->reply) co_return std::unexpected(detail::silent());
    co_return std::move(*slot->reply);
  }

 private:
  std::shared_ptr<detail::answer_slot<Reply>> slot_;
  std::chrono::steady_clock::time_point deadline_;
};

// Asks now; the answer can be awaited later. Reply is a domain::result.
template <class Reply, class Handle, class Message>
[[nodiscard]] asked<Reply> begin_ask(caf::actor_system& system, const asio::any_io_executor& executor,
                                     const std::weak_ptr<void>& anchor, const Handle& to,
                                     std::chrono::milliseconds deadline, Message message) {
  const auto slot = std::make_shared<detail::answer_slot<Reply>>(executor);
  const auto home = std::make_shared<detail::messenger<Reply>>(executor, anchor.lock(), slot);
  const auto shared = std::make_shared<const Message>(std::move(message));
  // CAF 0.17.6 dereferences a null tuple when a function is spawned without arguments, so `home` is one.
  system.spawn(
      [to, shared](caf::event_based_actor* self, const std::shared_ptr<detail::messenger<Reply>>& bearer) {
        detail::attempt<Reply>(self, to, shared, bearer, true);
      },
      home);
  return asked<Reply>(slot, std::chrono::steady_clock::now() + deadline);
}

template <class Reply, class Handle, class Message>
[[nodiscard]] asked<Reply> begin_ask(caf::actor_system& system, const exchange& http, const Handle& to,
                                     std::chrono::milliseconds deadline, Message message) {
  return begin_ask<Reply>(system, http.executor, http.anchor, to, deadline, std::move(message));
}

template <class Reply, class Handle, class Message>
[[nodiscard]] asio::awaitable<Reply> ask(caf::actor_system& system, const exchange& http, Handle to,
                                         std::chrono::milliseconds deadline, Message message) {
  auto question = begin_ask<Reply>(system, http, to, deadline, std::move(message));
  co_return co_await question.answer();
}

}  // namespace elsec::gateway
