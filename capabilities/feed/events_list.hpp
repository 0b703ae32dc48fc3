#pragma once
// The feed as a list, oldest first: the position of the last one is the cursor. The gateway streams it, too.

#include "capabilities/lists.hpp"
#include "domain/event.hpp"

#include <limits>

namespace elsec::capabilities {

struct events_parameters {
  std::optional<domain::bounded<0, std::numeric_limits<std::int64_t>::max()>> after{};
  std::optional<domain::bounded<1, page_limit_max>> limit{};
};
BOOST_DESCRIBE_STRUCT(events_parameters, (), (after, limit))

inline domain::result<shown> show_events(const facts& given, const request& asked) {
  const auto query = asked.query_as<events_parameters>();
  if (!query) return std::unexpected(query.error());
  const auto after = query->after ? static_cast<std::uint64_t>(query->after->value()) : 0;
  const auto limit = query->limit ? static_cast<std::size_t>(query->limit->value()) : page_limit_default;
  const auto of = asked.who.organisation_id.str();
  std::vector<std::string> items;
  std::string last;
  std::size_t damaged = 0;
  auto walked = given.read.scan(tables::feed, of, of + storage::big_endian(after), storage::direction::forward,
                                [&](std::string_view key, domain::result<domain::event>&& event) {
                                  last = std::to_string(storage::trailing_number(key));
                                  if (!event)
                                    ++damaged;
                                  else
                                    items.push_back(codec::to_json(domain::listed_event{std::move(*event), last}));
                                  return items.size() < limit;
                                });
  if (!walked) return std::unexpected(std::move(walked.error()));
  const bool may_be_more = items.size() == limit;
  return shown{.body = list_json(items, may_be_more ? std::optional(last) : std::nullopt), .damaged = damaged};
}

}  // namespace elsec::capabilities
