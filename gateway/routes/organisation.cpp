// The tenant itself, and the network around it: directory and nodes.

#include "gateway/routes/organisation_examples.hpp"
#include "gateway/routes/routes.hpp"

namespace elsec::gateway::routes {

struct directory_parameters : domain::directory_query, list_query {};
BOOST_DESCRIBE_STRUCT(directory_parameters, (domain::directory_query, list_query), ())

namespace {

asio::awaitable<reply> show_organisation(const backend& api, call& request) {
  co_return record_response(request, api.read->organisation(request.who->organisation_id));
}

asio::awaitable<reply> change_organisation(const backend& api, call& request) {
  auto body = co_await body_of<domain::organisation_changes>(request, api.bounds.json_body_bytes_max);
  if (!body) co_return std::unexpected(std::move(body.error()));
  const auto before = api.read->organisation(request.who->organisation_id);
  if (!before) co_return std::unexpected(before.error());
  auto version = wanted_version(request, actors::queries::etag_of(codec::to_json(*before)));
  if (!version) co_return std::unexpected(std::move(version.error()));
  actors::change_organisation what{*request.who, std::move(*body), std::move(*version)};
  co_return tagged_answer_of(co_await command(api, request, std::move(what)));
}

asio::awaitable<reply> search_directory(const backend& api, call& request) {
  const auto query = query_of<directory_parameters>(request);
  if (!query) co_return std::unexpected(query.error());
  co_return list_response(api.read->directory(*query, page_of(*query)));
}

asio::awaitable<reply> list_nodes(const backend& api, call& request) {
  const auto query = query_of<list_query>(request);
  if (!query) co_return std::unexpected(query.error());
  co_return list_response(api.read->nodes(page_of(*query)));
}

}  // namespace

void add_organisation(std::vector<route>& table, const shared_backend& api) {
  table.push_back({.method = "GET",
                   .path = "/api/v1/organisation",
                   .id = "get_organisation",
                   .summary = "One's own organisation",
                   .group = groups::network,
                   .need = access::scoped,
                   .scope = domain::scope::account_read,
                   .answer = body_type_of<domain::organisation>,
                   .handle = on(api, &show_organisation)});
  table.push_back({.method = "PATCH",
                   .path = "/api/v1/organisation",
                   .id = "update_organisation",
                   .summary = "Changes one's own organisation",
                   .group = groups::network,
                   .need = access::scoped,
                   .scope = domain::scope::account_write,
                   .body = body_kind::json,
                   .request = body_type_of<domain::organisation_changes>,
                   .headers = {if_match_header},
                   .answer = body_type_of<domain::organisation>,
                   .problems = {409, 412},
                   .handle = on(api, &change_organisation)});
  table.push_back({.method = "GET",
                   .path = "/api/v1/directory",
                   .id = "search_directory",
                   .summary = "Organisations of the whole network",
                   .group = groups::network,
                   .need = access::anyone,
                   .query = codec::type_of<directory_parameters>,
                   .answer = list_type_of<domain::card>,
                   .handle = on(api, &search_directory)});
  table.push_back({.method = "GET",
                   .path = "/api/v1/nodes",
                   .id = "list_nodes",
                   .summary = "The nodes' keys, for checking receipts",
                   .group = groups::network,
                   .query = codec::type_of<list_query>,
                   .answer = list_type_of<domain::node_keys>,
                   .handle = on(api, &list_nodes)});
}

}  // namespace elsec::gateway::routes
