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
[[nodiscard]] inline domain::error error_of(const caf::error& what) {
  if (what == caf::sec::request_timeout)
    return {domain::error_code::timed_out, "There was no answer in time; it may still take effect.", {}};
  return {domain::error_code::overloaded, "Repeat the request.", {}};
}

template <class Reply, class Handle, class Message>
void attempt(caf::event_based_actor* self, const Handle& to, std::chrono::milliseconds deadline,
             const std::shared_ptr<const Message>& message, const std::shared_ptr<messenger<Reply>>& home, bool again) {
  self->request(to, deadline, *message)
      .then([home](const Reply& reply) { home->bring(reply); },
            [=](const caf::error& error) {
              // An actor that has just gone to sleep did nothing with it; the next one will.
              if (again && error == caf::sec::request_receiver_down)
                return attempt<Reply>(self, to, deadline, message, home, false);
              home->bring(std::unexpected(error_of(error)));
            });
}

}  // namespace detail

// A question under way.
template <class Reply>
class asked {
 public:
  explicit asked(std::shared_ptr<detail::answer_slot<Reply>> slot) : slot_(std::move(slot)) {}

  [[nodiscard]] asio::awaitable<Reply> answer() {
    const auto slot = slot_;
    while (!slot->reply) co_await slot->wake->wait_until(std::chrono::steady_clock::time_point::max());
    co_return std::move(*slot->reply);
  }

 private:
  std::shared_ptr<detail::answer_slot<Reply>> slot_;
};

// Asks now; the answer can be awaited later. Reply is a domain::result.
template <class Reply, class Handle, class Message>
[[nodiscard]] asked<Reply> begin_ask(caf::actor_system& system, const exchange& http, const Handle& to,
                                     std::chrono::milliseconds deadline, Message message) {
  const auto slot = std::make_shared<detail::answer_slot<Reply>>(http.executor);
  const auto home = std::make_shared<detail::messenger<Reply>>(http.executor, http.anchor.lock(), slot);
  const auto shared = std::make_shared<const Message>(std::move(message));
  // CAF 0.17.6 dereferences a null tuple when a function is spawned without arguments, so `home` is one.
  system.spawn(
      [to, deadline, shared](caf::event_based_actor* self, const std::shared_ptr<detail::messenger<Reply>>& bearer) {
        detail::attempt<Reply>(self, to, deadline, shared, bearer, true);
      },
      home);
  return asked<Reply>(slot);
}

template <class Reply, class Handle, class Message>
[[nodiscard]] asio::awaitable<Reply> ask(caf::actor_system& system, const exchange& http, Handle to,
                                         std::chrono::milliseconds deadline, Message message) {
  auto question = begin_ask<Reply>(system, http, to, deadline, std::move(message));
  co_return co_await question.answer();
}

}  // namespace elsec::gateway
