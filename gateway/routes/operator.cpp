// The operator's listener: health, metrics, and what only an operator may do.

#include "gateway/routes/operator_examples.hpp"
#include "gateway/routes/routes.hpp"

namespace elsec::gateway::routes {
namespace {

asio::awaitable<reply> grant_capabilities(const backend& api, call& request) {
  const auto id = id_of<domain::organisation_id>(request);
  if (!id) co_return std::unexpected(id.error());
  auto body = co_await body_of<domain::capability_grant>(request, api.bounds.json_body_bytes_max);
  if (!body) co_return std::unexpected(std::move(body.error()));
  actors::grant_capabilities what{*id, std::move(*body)};
  co_return answer_of(co_await command(api, request, std::move(what)));
}

// The process answers.
asio::awaitable<reply> health(const backend&, call&) { co_return json_response(R"({"status":"ok"})"); }

// It can do its work.
asio::awaitable<reply> ready(const backend& api, call&) {
  const auto state = api.read->ready();
  auto result = json_response(codec::to_json(state), state.ready ? 200 : 503);
  if (!state.ready) result.headers.emplace_back("Retry-After", std::to_string(retry_after / 1s));
  co_return result;
}

asio::awaitable<reply> metrics(const backend& api, call&) {
  auto result = json_response(api.read->metrics());
  result.content_type = "text/plain; version=0.0.4; charset=utf-8";
  co_return result;
}

}  // namespace

void add_operator(std::vector<route>& table, const shared_backend& api) {
  table.push_back({.method = "GET",
                   .path = "/health",
                   .id = "get_health",
                   .summary = "The process answers",
                   .group = groups::operation,
                   .handle = on(api, &health)});
  table.push_back({.method = "GET",
                   .path = "/ready",
                   .id = "get_readiness",
                   .summary = "The node can do its work",
                   .group = groups::operation,
                   .answer = body_type_of<actors::readiness>,
                   .handle = on(api, &ready)});
  table.push_back({.method = "GET",
                   .path = "/metrics",
                   .id = "get_metrics",
                   .summary = "Counters, for Prometheus",
                   .group = groups::operation,
                   .need = access::operator_,
                   .media_type = "text/plain",
                   .handle = on(api, &metrics)});
  table.push_back({.method = "PUT",
                   .path = "/operator/v1/organisations/{id}/capabilities",
                   .id = "grant_capabilities",
                   .summary = "Grants or withdraws capabilities; the reason is kept",
                   .group = groups::operation,
                   .need = access::operator_,
                   .parts = {{"id", codec::type_of<domain::organisation_id>}},
                   .body = body_kind::json,
                   .request = body_type_of<domain::capability_grant>,
                   .answer = body_type_of<domain::organisation>,
                   .problems = {409},
                   .handle = on(api, &grant_capabilities)});
}

}  // namespace elsec::gateway::routes
