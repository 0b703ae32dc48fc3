#pragma once
// Wakes one waiting coroutine, from any thread.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <memory>

namespace elsec::gateway {

namespace asio = boost::asio;

// A wait whose error is a part of its result.
inline constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

class wake_signal : public std::enable_shared_from_this<wake_signal> {
 public:
  explicit wake_signal(const asio::any_io_executor& executor) : timer_(executor) {}

  // On the executor's thread.
  void raise() {
    raised_ = true;
    timer_.cancel();
  }

  // A function for other threads. It keeps `anchor` alive, which must keep the executor alive.
  [[nodiscard]] auto remote(std::shared_ptr<void> anchor) {
    return [weak = weak_from_this(), executor = timer_.get_executor(), anchor = std::move(anchor)] {
      asio::post(executor, [weak] {
        if (const auto alive = weak.lock()) alive->raise();
      });
    };
  }

  // True when it was raised since the last wait, false when the time came first.
  [[nodiscard]] asio::awaitable<bool> wait_until(std::chrono::steady_clock::time_point deadline) {
    if (!raised_) {
      timer_.expires_at(deadline);
      co_await timer_.async_wait(as_result);
    }
    co_return std::exchange(raised_, false);
  }

 private:
  asio::steady_timer timer_;
  bool raised_ = false;
};

}  // namespace elsec::gateway
