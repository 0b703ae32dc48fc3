#pragma once
// What the routes stand on: reads on the gateway's own threads, commands to the actors, and the answers both give.

#include "actors/interfaces.hpp"
#include "actors/queries.hpp"
#include "codec/json.hpp"
#include "gateway/ask.hpp"
#include "gateway/limits.hpp"
#include "gateway/router.hpp"

#include <boost/describe.hpp>
#include <boost/json/serialize.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <string>

namespace elsec::gateway {

struct backend {
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

// --- commands --------------------------------------------------------------------------------------------------------

// Asks whoever decides it, and answers with what came of it.
[[nodiscard]] asio::awaitable<actors::outcome> command(const backend& api, const call& request,
                                                       actors::shared_command what);
template <std::derived_from<actors::command> Command>
[[nodiscard]] asio::awaitable<actors::outcome> command(const backend& api, const call& request, Command what) {
  return command(api, request, actors::as_command(std::move(what)));
}
// These two wait for a password to be hashed, and know no organisation beforehand.
[[nodiscard]] asio::awaitable<actors::outcome> command(const backend& api, const call& request,
                                                       actors::register_organisation what);
[[nodiscard]] asio::awaitable<actors::outcome> command(const backend& api, const call& request,
                                                       actors::start_session what);

// An actor's answer as a response.
[[nodiscard]] reply answer_of(actors::outcome outcome);

// The same, with the entity tag of the object it shows.
[[nodiscard]] reply tagged_answer_of(actors::outcome outcome);

// What makes a creating request repeatable, from Idempotency-Key; nothing without one. `canonical` is the body as
// compared with a repeat's; none for uploads, whose actor compares.
[[nodiscard]] domain::result<actors::maybe_idempotent> repeat_of(const backend& api, const call& request,
                                                                 const std::optional<std::string>& canonical);

// The answer that the first of equal requests got; nothing when this is the first. `key_reused` when it was another
// request, `already_done` (with the object's id at /id) when the answer held a secret.
[[nodiscard]] domain::result<std::optional<response>> first_answer(const backend& api,
                                                                   const actors::maybe_idempotent& repeat);

// A creating command: answered from the first one's answer, or carried out.
template <class Command>
[[nodiscard]] asio::awaitable<reply> create(const backend& api, const call& request, Command what,
                                            std::string canonical) {
  auto repeat = repeat_of(api, request, canonical);
  if (!repeat) co_return std::unexpected(std::move(repeat.error()));
  auto first = first_answer(api, *repeat);
  if (!first) co_return std::unexpected(std::move(first.error()));
  if (*first) co_return std::move(**first);
  what.repeat = *repeat;
  auto outcome = co_await command(api, request, std::move(what));
  if (!outcome && *repeat) {
    // A twin may have been faster (its e-mail address is taken now, say): then what it got is the answer.
    auto twin = first_answer(api, *repeat);
    if (!twin) co_return std::unexpected(std::move(twin.error()));
    if (*twin) co_return std::move(**twin);
  }
  co_return answer_of(std::move(outcome));
}

inline constexpr header_parameter idempotency_header{
    "Idempotency-Key", "1 to 255 visible ASCII characters; a repeat with the same body gets the first answer again."};
inline constexpr header_parameter if_match_header{"If-Match", "Entity tag of the version to change; else 412."};

// The version a change insists on, for the command: nothing without If-Match (or with "*"). `stale` when `current`, the
// tag of the object as it is, is not among those named.
[[nodiscard]] domain::result<std::optional<std::string>> wanted_version(const call& request, std::string current);

// --- answers ---------------------------------------------------------------------------------------------------------

// An object with its entity tag; 304 when the client has it already.
[[nodiscard]] reply object_response(const call& request, std::string json);

template <class Record>
[[nodiscard]] reply record_response(const call& request, const domain::result<Record>& record) {
  if (!record) return std::unexpected(record.error());
  return object_response(request, codec::to_json(*record));
}

// ?limit=&cursor= of every list.
struct list_query {
  std::optional<domain::bounded<1, page_limit_max>> limit{};
  std::optional<domain::text<1, 512>> cursor{};
};
BOOST_DESCRIBE_STRUCT(list_query, (), (limit, cursor))
[[nodiscard]] actors::page_request page_of(const list_query& query);

// {items:[…], next_cursor|null}
[[nodiscard]] std::string list_json(const std::vector<std::string>& items, const std::optional<std::string>& next);

template <class Item>
[[nodiscard]] reply list_response(const domain::result<actors::page<Item>>& page) {
  if (!page) return std::unexpected(page.error());
  std::vector<std::string> items;
  for (const auto& item : page->items) items.push_back(codec::to_json(item));
  return json_response(list_json(items, page->next_cursor));
}

}  // namespace elsec::gateway
