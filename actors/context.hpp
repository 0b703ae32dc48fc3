#pragma once
// The actors everyone below the node talks to. Filled by the node in the order of their start, then shared read-only.

#include "actors/interfaces.hpp"
#include "actors/room.hpp"
#include "decisions/services.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace elsec::actors {

struct context {
  shared_services with;
  state_writer_actor writer;
  content_writer_actor content_writer;
  std::vector<passwords_actor> passwords;
  screening_actor screening;
  postal_actor postal;
  directory_actor directory;
  janitor_actor janitor;
  node_actor node;
  std::map<std::string, link_actor> links;  // by peer; this node itself included

  // Passwords are hashed one at a time per two cores; requests take turns.
  [[nodiscard]] const passwords_actor& next_passwords() const {
    return passwords[turn.fetch_add(1, std::memory_order_relaxed) % passwords.size()];
  }
  mutable std::atomic<std::size_t> turn{0};
  std::unique_ptr<room_ledger> room = std::make_unique<room_ledger>();
};

// Whoever has sent a change to a writer waits for its answer: a writer that cannot write ends the process, and a
// decision made without the answer would read old rows. Only the gateway stops waiting, and says so to its client.
inline constexpr auto no_deadline = caf::infinite;

using shared_context = std::shared_ptr<const context>;

// Answers a request whose answer was promised.
template <class Reply>
void reply(caf::typed_response_promise<Reply> promise, Reply value) {
  promise.deliver(std::move(value));
}

template <class Reply>
void reply_error(caf::typed_response_promise<Reply> promise, domain::error_code code, std::string detail) {
  promise.deliver(Reply(domain::fail(code, std::move(detail))));
}

}  // namespace elsec::actors
