#pragma once
// The durable feed of a tenant: what happened, by ids, never by content.

#include "domain/dispatch.hpp"
#include "domain/letter.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace elsec::domain {

inline constexpr std::string_view document_received = "document.received";
inline constexpr std::string_view dispatch_updated = "dispatch.updated";
inline constexpr std::string_view letter_updated = "letter.updated";

// `type` is one of the names above; `state` the dispatch's or letter's new state.
struct event {
  std::string type;
  time_point at{};
  std::optional<domain::document_id> document_id{};
  std::optional<domain::dispatch_id> dispatch_id{};
  std::optional<domain::letter_id> letter_id{};
  std::optional<std::string> state{};
};
BOOST_DESCRIBE_STRUCT(event, (), (type, at, document_id, dispatch_id, letter_id, state))

// An event with its position in the feed, as the JSON form of GET /events lists it.
struct listed_event : event {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(listed_event, (event), (id))

}  // namespace elsec::domain
