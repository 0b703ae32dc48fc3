#pragma once
// What the routes stand on: reads on the gateway's own threads, commands to the actors, and the answers both give.

#include "actors/interfaces.hpp"
#include "actors/queries.hpp"
#include "gateway/ask.hpp"
#include "gateway/limits.hpp"
#include "gateway/router.hpp"

#include <memory>
#include <optional>
#include <string>

namespace elsec::gateway {

struct backend {
  decisions::shared_services with;
  std::shared_ptr<const actors::queries> read;
  caf::actor_system* system;
  actors::node_actor node;
  limits bounds;
};
using shared_backend = std::shared_ptr<const backend>;

using route_function = asio::awaitable<reply> (*)(const backend& api, call& request);
// A route's handler from its function.
[[nodiscard]] inline handler on(shared_backend api, route_function function) {
  return [api = std::move(api), function](call& request) { return function(*api, request); };
}

// What serves a route that a capability describes: its command or its read.
[[nodiscard]] handler serve(shared_backend api, const capabilities::route& what);

// The request without anything of HTTP; its body is not read.
[[nodiscard]] domain::result<capabilities::request> request_of(const call& request);

// Reads what a route shows.
[[nodiscard]] reply view(const backend& api, const call& request);

// The command of the route, asked of whoever decides it.
[[nodiscard]] asio::awaitable<decisions::outcome> perform(const backend& api, const call& request,
                                                          const capabilities::request& asked);

// An actor's answer as a response.
[[nodiscard]] reply answer_of(decisions::outcome outcome);

// The same, with the entity tag of the object it shows.
[[nodiscard]] reply tagged_answer_of(decisions::outcome outcome);

// What makes a creating request repeatable, from Idempotency-Key; nothing without one. `canonical` is the body as
// compared with a repeat's; none for uploads, whose actor compares.
[[nodiscard]] domain::result<decisions::maybe_idempotent> repeat_of(const backend& api, const call& request,
                                                                    const std::optional<std::string>& canonical);

}  // namespace elsec::gateway
