// Registration, sessions, the signed-in person, API tokens.

#include "gateway/routes/access_examples.hpp"
#include "gateway/routes/routes.hpp"

#include <fmt/format.h>

namespace elsec::gateway::routes {
namespace {

std::string set_cookie(std::string_view value, std::string_view more) {
  return fmt::format("{}={}; Path=/; Secure; HttpOnly; SameSite=Strict{}", session_cookie, value, more);
}

asio::awaitable<reply> register_organisation(const backend& api, call& request) {
  auto body = co_await body_of<domain::registration>(request, api.bounds.json_body_bytes_max);
  if (!body) co_return std::unexpected(std::move(body.error()));
  auto canonical = codec::to_json(*body);
  actors::register_organisation what{std::move(*body), {}};
  co_return co_await create(api, request, std::move(what), std::move(canonical));
}

asio::awaitable<reply> start_session(const backend& api, call& request) {
  auto body = co_await body_of<domain::log_in>(request, api.bounds.json_body_bytes_max);
  if (!body) co_return std::unexpected(std::move(body.error()));
  auto canonical = codec::to_json(*body);
  actors::start_session what{std::move(*body), {}};
  auto answer = co_await create(api, request, std::move(what), std::move(canonical));
  if (!answer) co_return answer;
  const auto started = codec::from_json<domain::session_started>(answer->body);
  if (!started) co_return domain::fail(domain::error_code::internal);
  answer->headers.emplace_back("Set-Cookie", set_cookie(started->token, ""));
  co_return answer;
}

asio::awaitable<reply> list_sessions(const backend& api, call& request) {
  const auto query = query_of<list_query>(request);
  if (!query) co_return std::unexpected(query.error());
  co_return list_response(api.read->sessions(*request.who, page_of(*query)));
}

asio::awaitable<reply> end_session(const backend& api, call& request) {
  const auto id = id_of<domain::session_id>(request);
  if (!id) co_return std::unexpected(id.error());
  actors::end_session what{*request.who, *id};
  co_return answer_of(co_await command(api, request, std::move(what)));
}

asio::awaitable<reply> end_current_session(const backend& api, call& request) {
  actors::end_session what{*request.who, std::nullopt};
  auto answer = answer_of(co_await command(api, request, std::move(what)));
  if (answer) answer->headers.emplace_back("Set-Cookie", set_cookie("", "; Max-Age=0"));
  co_return answer;
}

asio::awaitable<reply> show_me(const backend& api, call& request) {
  auto user = api.read->user(*request.who);
  if (!user) co_return std::unexpected(std::move(user.error()));
  domain::me me;
  static_cast<domain::user&>(me) = std::move(*user);
  me.csrf_token = request.who->csrf_token;
  co_return object_response(request, codec::to_json(me));
}

asio::awaitable<reply> list_api_tokens(const backend& api, call& request) {
  const auto query = query_of<list_query>(request);
  if (!query) co_return std::unexpected(query.error());
  co_return list_response(api.read->api_tokens(request.who->organisation_id, page_of(*query)));
}

asio::awaitable<reply> create_api_token(const backend& api, call& request) {
  auto body = co_await body_of<domain::new_api_token>(request, api.bounds.json_body_bytes_max);
  if (!body) co_return std::unexpected(std::move(body.error()));
  auto canonical = codec::to_json(*body);
  actors::create_api_token what(*request.who, std::move(*body));
  co_return co_await create(api, request, std::move(what), std::move(canonical));
}

asio::awaitable<reply> delete_api_token(const backend& api, call& request) {
  const auto id = id_of<domain::token_id>(request);
  if (!id) co_return std::unexpected(id.error());
  actors::delete_api_token what{*request.who, *id};
  co_return answer_of(co_await command(api, request, std::move(what)));
}

void add_sessions(std::vector<route>& table, const shared_backend& api) {
  table.push_back({.method = "POST",
                   .path = "/api/v1/sessions",
                   .id = "start_session",
                   .summary = "Signs a person in",
                   .group = groups::access,
                   .body = body_kind::json,
                   .request = body_type_of<domain::log_in>,
                   .headers = {idempotency_header},
                   .success = 201,
                   .answer = body_type_of<domain::session_started>,
                   .problems = {401, 409},
                   .handle = on(api, &start_session)});
  table.push_back({.method = "GET",
                   .path = "/api/v1/sessions",
                   .id = "list_sessions",
                   .summary = "One's own sessions",
                   .group = groups::access,
                   .need = access::person,
                   .query = codec::type_of<list_query>,
                   .answer = list_type_of<domain::session>,
                   .handle = on(api, &list_sessions)});
  table.push_back({.method = "DELETE",
                   .path = "/api/v1/sessions/current",
                   .id = "end_current_session",
                   .summary = "Signs out",
                   .group = groups::access,
                   .need = access::person,
                   .success = 204,
                   .handle = on(api, &end_current_session)});
  table.push_back({.method = "DELETE",
                   .path = "/api/v1/sessions/{id}",
                   .id = "end_session",
                   .summary = "Ends one of one's own sessions",
                   .group = groups::access,
                   .need = access::person,
                   .parts = {{"id", codec::type_of<domain::session_id>}},
                   .success = 204,
                   .handle = on(api, &end_session)});
}

void add_api_tokens(std::vector<route>& table, const shared_backend& api) {
  const auto scope = domain::scope::account_write;
  table.push_back({.method = "GET",
                   .path = "/api/v1/api-tokens",
                   .id = "list_api_tokens",
                   .summary = "The organisation's API tokens",
                   .group = groups::access,
                   .need = access::scoped,
                   .scope = scope,
                   .query = codec::type_of<list_query>,
                   .answer = list_type_of<domain::api_token>,
                   .handle = on(api, &list_api_tokens)});
  table.push_back({.method = "POST",
                   .path = "/api/v1/api-tokens",
                   .id = "create_api_token",
                   .summary = "Makes an API token; it is shown this once",
                   .group = groups::access,
                   .need = access::scoped,
                   .scope = scope,
                   .body = body_kind::json,
                   .request = body_type_of<domain::new_api_token>,
                   .headers = {idempotency_header},
                   .success = 201,
                   .answer = body_type_of<domain::api_token_created>,
                   .problems = {409},
                   .handle = on(api, &create_api_token)});
  table.push_back({.method = "DELETE",
                   .path = "/api/v1/api-tokens/{id}",
                   .id = "delete_api_token",
                   .summary = "Revokes an API token",
                   .group = groups::access,
                   .need = access::scoped,
                   .scope = scope,
                   .parts = {{"id", codec::type_of<domain::token_id>}},
                   .success = 204,
                   .handle = on(api, &delete_api_token)});
}

}  // namespace

void add_access(std::vector<route>& table, const shared_backend& api) {
  table.push_back({.method = "POST",
                   .path = "/api/v1/registrations",
                   .id = "register_organisation",
                   .summary = "Registers an organisation and its first user",
                   .group = groups::access,
                   .body = body_kind::json,
                   .request = body_type_of<domain::registration>,
                   .headers = {idempotency_header},
                   .success = 201,
                   .answer = body_type_of<domain::registered>,
                   .problems = {409},
                   .handle = on(api, &register_organisation)});
  add_sessions(table, api);
  table.push_back({.method = "GET",
                   .path = "/api/v1/users/me",
                   .id = "get_me",
                   .summary = "The signed-in person",
                   .group = groups::access,
                   .need = access::person,
                   .answer = body_type_of<domain::me>,
                   .handle = on(api, &show_me)});
  add_api_tokens(table, api);
}

}  // namespace elsec::gateway::routes
