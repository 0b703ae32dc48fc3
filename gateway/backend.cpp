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

std::string set_cookie(std::string_view value, std::string_view more) {
  return fmt::format("{}={}; Path=/; Secure; HttpOnly; SameSite=Strict{}", session_cookie, value, more);
}

// What only a browser keeps of an answer: its session.
void use_cookie(capabilities::cookie_use use, response& answer) {
  if (use == capabilities::cookie_use::ends) answer.headers.emplace_back("Set-Cookie", set_cookie("", "; Max-Age=0"));
  if (use != capabilities::cookie_use::begins) return;
  if (const auto started = codec::from_json<domain::session_started>(answer.body))
    answer.headers.emplace_back("Set-Cookie", set_cookie(started->token, ""));
}

// The versions a change insists on; nothing without If-Match, or with "*".
domain::result<decisions::wanted_versions> wanted_versions_of(const call& request) {
  const auto field = request.field(capabilities::if_match_header.name);
  if (!field) return std::nullopt;
  auto tags = parse_entity_tags(*field);
  if (!tags) return std::unexpected(std::move(tags.error()));
  if (tags->any) return std::nullopt;
  return std::move(tags->strong);
}

// An object with its entity tag; 304 when the client has it already.
response object_response(const call& request, std::string json) {
  const auto tag = decisions::etag_of(json);
  response result;
  if (const auto field = request.field("If-None-Match")) {
    const auto tags = parse_entity_tags(*field);
    if (tags && tags->has(tag)) result.status = 304;
  }
  if (result.status != 304) result = json_response(std::move(json));
  result.headers.emplace_back("ETag", tag_text(tag));
  return result;
}

// The answer that the first of equal requests got; nothing when this is the first. `key_reused` when it was another
// request, `already_done` (with the object's id at /id) when the answer held a secret.
domain::result<std::optional<response>> first_answer(const backend& api, const decisions::maybe_idempotent& repeat) {
  if (!repeat) return std::nullopt;
  auto kept = decisions::find_answer(*api.with, repeat->key);
  if (!kept) return std::unexpected(std::move(kept.error()));
  if (!*kept) return std::nullopt;
  auto& first = **kept;
  if (first.fingerprint != repeat->fingerprint)
    return fail(error_code::key_reused, "This Idempotency-Key was used for another request.");
  if (first.body.empty() && !first.id.empty())
    return std::unexpected(domain::error{
        error_code::already_done, "It was done before as " + first.id + ".", {domain::field_error{"/id", first.id}}});
  auto again = answer_of(decisions::answered{first.status, std::move(first.body), std::move(first.location)});
  return std::optional(std::move(*again));
}

// An answer whose time is over is none, but its row is where the next one's belongs: it goes first.
asio::awaitable<domain::result<void>> make_way(const backend& api, const call& request,
                                               const decisions::maybe_idempotent& repeat) {
  if (!repeat) co_return domain::result<void>{};
  auto forget = decisions::forget_if_over(*api.with, repeat->key);
  if (!forget) co_return std::unexpected(std::move(forget.error()));
  if (*forget == nullptr) co_return domain::result<void>{};
  auto forgotten = co_await ask<decisions::outcome>(*api.system, request.http, api.node, command_deadline, *forget);
  if (!forgotten) co_return std::unexpected(std::move(forgotten.error()));
  co_return domain::result<void>{};
}

// A command as its route describes it: answered from the first one's answer, or carried out.
asio::awaitable<reply> carry_out(const backend& api, call& request) {
  const auto& what = request.entry.what;
  auto asked = request_of(request);
  if (!asked) co_return std::unexpected(std::move(asked.error()));
  if (what.body == body_kind::json) {
    auto text = co_await request.http.body.read_all(api.bounds.json_body_bytes_max);
    if (!text) co_return std::unexpected(std::move(text.error()));
    asked->body = std::move(*text);
  }
  if (what.repeatable && request.field(capabilities::idempotency_header.name)) {
    const auto canonical = what.request.canonical(asked->body);
    if (!canonical) co_return std::unexpected(canonical.error());
    auto repeat = repeat_of(api, request, *canonical);
    if (!repeat) co_return std::unexpected(std::move(repeat.error()));
    asked->repeat = std::move(*repeat);
  }
  auto first = first_answer(api, asked->repeat);
  if (!first) co_return std::unexpected(std::move(first.error()));
  if (*first) co_return std::move(**first);
  auto way = co_await make_way(api, request, asked->repeat);
  if (!way) co_return std::unexpected(std::move(way.error()));
  auto outcome = co_await perform(api, request, *asked);
  if (!outcome && asked->repeat) {
    // A twin may have been faster (its e-mail address is taken now, say): then what it got is the answer.
    auto twin = first_answer(api, asked->repeat);
    if (!twin) co_return std::unexpected(std::move(twin.error()));
    if (*twin) co_return std::move(**twin);
  }
  auto answer = what.versioned ? tagged_answer_of(std::move(outcome)) : answer_of(std::move(outcome));
  if (answer) use_cookie(what.cookie, *answer);
  co_return answer;
}

asio::awaitable<reply> show(const backend& api, call& request) { co_return view(api, request); }

}  // namespace

handler serve(shared_backend api, const capabilities::route& what) {
  return on(std::move(api), what.make != nullptr ? &carry_out : &show);
}

domain::result<capabilities::request> request_of(const call& request) {
  auto versions = wanted_versions_of(request);
  if (!versions) return std::unexpected(std::move(versions.error()));
  return capabilities::request{.who = request.who.value_or(domain::principal{}),
                               .parts = request.parts,
                               .query = request.query,
                               .if_match = std::move(*versions)};
}

reply view(const backend& api, const call& request) {
  const auto asked = request_of(request);
  if (!asked) return std::unexpected(asked.error());
  const auto snapshot = api.with->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  auto seen = request.entry.what.show({*api.with, *snapshot, api.with->now()}, *asked);
  if (!seen) return std::unexpected(std::move(seen.error()));
  if (seen->is_object) return object_response(request, std::move(seen->body));
  auto result = json_response(std::move(seen->body), seen->status);
  result.content_type = seen->media_type;
  if (seen->damaged > 0) result.headers.emplace_back(capabilities::damaged_header, std::to_string(seen->damaged));
  if (seen->status == 503) result.headers.emplace_back("Retry-After", std::to_string(retry_after / 1s));
  return result;
}

asio::awaitable<decisions::outcome> perform(const backend& api, const call& request,
                                            const capabilities::request& asked) {
  auto command = request.entry.what.make(*api.with, asked);
  if (!command) co_return std::unexpected(std::move(command.error()));
  co_return co_await ask<decisions::outcome>(*api.system, request.http, api.node, command_deadline,
                                             std::move(*command));
}

reply answer_of(decisions::outcome outcome) {
  if (!outcome) return std::unexpected(std::move(outcome.error()));
  auto result = json_response(std::move(outcome->body), outcome->status);
  if (!outcome->location.empty()) result.headers.emplace_back("Location", std::move(outcome->location));
  return result;
}

reply tagged_answer_of(decisions::outcome outcome) {
  auto result = answer_of(std::move(outcome));
  if (result) result->headers.emplace_back("ETag", tag_text(decisions::etag_of(result->body)));
  return result;
}

domain::result<decisions::maybe_idempotent> repeat_of(const backend& api, const call& request,
                                                      const std::optional<std::string>& canonical) {
  const auto key = request.field(capabilities::idempotency_header.name);
  if (!key) return std::nullopt;
  if (key->empty() || key->size() > idempotency_key_max || !is_visible_ascii(*key))
    return domain::fail_field(error_code::invalid, "/Idempotency-Key", "must be 1 to 255 visible ASCII characters");
  const auto& target = request.http.head.target;
  // Line feeds occur in none of the parts, so that no two requests share a scope by accident.
  const auto scope = fmt::format("{}\n{}\n{}\n{}", request.who ? request.who->credential : "anonymous",
                                 request.http.head.method, target.substr(0, target.find('?')), *key);
  return decisions::idempotency{api.with->store->index_hash("idempotency", scope),
                                canonical ? api.with->store->index_hash("request", *canonical) : std::string{}};
}

}  // namespace elsec::gateway
