#include "gateway/backend.hpp"

#include "gateway/fields.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace elsec::gateway {
namespace {

using domain::error_code;
using domain::fail;

constexpr std::size_t idempotency_key_max = 255;

bool is_visible_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

std::string tag_text(std::string_view tag) { return fmt::format("\"{}\"", tag); }

}  // namespace

asio::awaitable<actors::outcome> command(const backend& api, const call& request, actors::shared_command what) {
  return ask<actors::outcome>(*api.system, request.http, api.node, command_deadline, std::move(what));
}

asio::awaitable<actors::outcome> command(const backend& api, const call& request, actors::register_organisation what) {
  return ask<actors::outcome>(*api.system, request.http, api.node, command_deadline, std::move(what));
}

asio::awaitable<actors::outcome> command(const backend& api, const call& request, actors::start_session what) {
  return ask<actors::outcome>(*api.system, request.http, api.node, command_deadline, std::move(what));
}

reply answer_of(actors::outcome outcome) {
  if (!outcome) return std::unexpected(std::move(outcome.error()));
  auto result = json_response(std::move(outcome->body), outcome->status);
  if (!outcome->location.empty()) result.headers.emplace_back("Location", std::move(outcome->location));
  return result;
}

reply tagged_answer_of(actors::outcome outcome) {
  auto result = answer_of(std::move(outcome));
  if (result) result->headers.emplace_back("ETag", tag_text(actors::queries::etag_of(result->body)));
  return result;
}

domain::result<actors::maybe_idempotent> repeat_of(const backend& api, const call& request,
                                                   const std::optional<std::string>& canonical) {
  const auto key = request.field(idempotency_header.name);
  if (!key) return std::nullopt;
  if (key->empty() || key->size() > idempotency_key_max || !is_visible_ascii(*key))
    return domain::fail_field(error_code::invalid, "/Idempotency-Key", "must be 1 to 255 visible ASCII characters");
  const auto& target = request.http.head.target;
  // Line feeds occur in none of the parts, so that no two requests share a scope by accident.
  const auto scope = fmt::format("{}\n{}\n{}\n{}", request.who ? request.who->credential : "anonymous",
                                 request.http.head.method, target.substr(0, target.find('?')), *key);
  return actors::idempotency{api.read->fingerprint("idempotency", scope),
                             canonical ? api.read->fingerprint("request", *canonical) : std::string{}};
}

domain::result<std::optional<response>> first_answer(const backend& api, const actors::maybe_idempotent& repeat) {
  if (!repeat) return std::nullopt;
  auto kept = api.read->answer(repeat->key);
  if (!kept) return std::unexpected(std::move(kept.error()));
  if (!*kept) return std::nullopt;
  auto& first = **kept;
  if (first.fingerprint != repeat->fingerprint)
    return fail(error_code::key_reused, "This Idempotency-Key was used for another request.");
  if (first.body.empty() && !first.id.empty())
    return std::unexpected(domain::error{
        error_code::already_done, "It was done before as " + first.id + ".", {domain::field_error{"/id", first.id}}});
  auto again = answer_of(actors::answered{first.status, std::move(first.body), std::move(first.location)});
  return std::optional(std::move(*again));
}

domain::result<std::optional<std::string>> wanted_version(const call& request, std::string current) {
  const auto field = request.field(if_match_header.name);
  if (!field) return std::nullopt;
  auto tags = parse_entity_tags(*field);
  if (!tags) return std::unexpected(std::move(tags.error()));
  if (tags->any) return std::nullopt;
  if (!tags->has_strong(current)) return fail(error_code::stale, "Read the object again.");
  return std::optional(tag_text(current));
}

reply object_response(const call& request, std::string json) {
  const auto tag = actors::queries::etag_of(json);
  response result;
  if (const auto field = request.field("If-None-Match")) {
    const auto tags = parse_entity_tags(*field);
    if (tags && tags->has(tag)) result.status = 304;
  }
  if (result.status != 304) result = json_response(std::move(json));
  result.headers.emplace_back("ETag", tag_text(tag));
  return result;
}

actors::page_request page_of(const list_query& query) {
  actors::page_request page;
  page.limit = query.limit ? static_cast<std::uint32_t>(query.limit->value()) : page_limit_default;
  page.cursor = query.cursor ? query.cursor->str() : std::string{};
  return page;
}

std::string list_json(const std::vector<std::string>& items, const std::optional<std::string>& next) {
  std::string json = "{\"items\":[";
  for (const auto& item : items) json += (json.back() == '[' ? "" : ",") + item;
  return json + "],\"next_cursor\":" + (next ? boost::json::serialize(boost::json::string(*next)) : "null") + "}";
}

}  // namespace elsec::gateway
