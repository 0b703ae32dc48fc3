#pragma once
// One request as the application sees it.
//
// A rule for every coroutine here: no co_await inside the condition of an `if` or `while`; name its result first. g++
// 12 puts such a condition's temporary at the front of the coroutine's frame, where the resume pointers belong, when it
// stands at the outermost level, and the first resumption then jumps through garbage.

#include "gateway/clients.hpp"
#include "gateway/connection.hpp"
#include "gateway/response.hpp"

#include <functional>
#include <memory>

namespace elsec::gateway {

struct exchange {
  const request_head& head;
  body_reader& body;
  asio::any_io_executor executor;  // of the session's thread; everything of this request runs there
  std::weak_ptr<void> anchor;      // locked, it keeps the executor alive for callbacks from other threads
  clients& everyone;               // who has how much under way; outlives the request
};

// Answers one request. It must not throw; if it does, the client gets 500.
using application = std::function<asio::awaitable<response>(exchange&)>;

}  // namespace elsec::gateway
