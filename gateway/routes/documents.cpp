// Documents' records and lists.

#include "gateway/routes/documents_examples.hpp"
#include "gateway/routes/routes.hpp"

namespace elsec::gateway::routes {

struct documents_parameters : list_query {
  std::optional<domain::box> box{};
  std::optional<domain::document_state> state{};
  std::optional<domain::text<1, 64>> class_{};
  std::optional<bool> unread{};
};
BOOST_DESCRIBE_STRUCT(documents_parameters, (list_query), (box, state, class_, unread))

namespace {

asio::awaitable<reply> list_documents(const backend& api, call& request) {
  const auto query = query_of<documents_parameters>(request);
  if (!query) co_return std::unexpected(query.error());
  actors::document_filter filter;
  filter.box = query->box;
  filter.state = query->state;
  if (query->class_) filter.class_ = query->class_->str();
  filter.unread = query->unread;
  co_return list_response(api.read->documents(request.who->organisation_id, filter, page_of(*query)));
}

asio::awaitable<reply> show_document(const backend& api, call& request) {
  const auto id = id_of<domain::document_id>(request);
  if (!id) co_return std::unexpected(id.error());
  co_return record_response(request, api.read->document(request.who->organisation_id, *id));
}

asio::awaitable<reply> change_document(const backend& api, call& request) {
  const auto id = id_of<domain::document_id>(request);
  if (!id) co_return std::unexpected(id.error());
  auto body = co_await body_of<domain::document_changes>(request, api.bounds.json_body_bytes_max);
  if (!body) co_return std::unexpected(std::move(body.error()));
  const auto before = api.read->document(request.who->organisation_id, *id);
  if (!before) co_return std::unexpected(before.error());
  auto version = wanted_version(request, actors::queries::etag_of(codec::to_json(*before)));
  if (!version) co_return std::unexpected(std::move(version.error()));
  actors::change_document what{*request.who, *id, std::move(*body), std::move(*version)};
  co_return tagged_answer_of(co_await command(api, request, std::move(what)));
}

}  // namespace

void add_documents(std::vector<route>& table, const shared_backend& api) {
  table.push_back({.method = "GET",
                   .path = "/api/v1/documents",
                   .id = "list_documents",
                   .summary = "Documents, newest first",
                   .group = groups::documents,
                   .need = access::scoped,
                   .scope = domain::scope::documents_read,
                   .query = codec::type_of<documents_parameters>,
                   .answer = list_type_of<domain::document>,
                   .handle = on(api, &list_documents)});
  table.push_back({.method = "GET",
                   .path = "/api/v1/documents/{id}",
                   .id = "get_document",
                   .summary = "A document's record",
                   .group = groups::documents,
                   .need = access::scoped,
                   .scope = domain::scope::documents_read,
                   .parts = {{"id", codec::type_of<domain::document_id>}},
                   .answer = body_type_of<domain::document>,
                   .handle = on(api, &show_document)});
  table.push_back({.method = "PATCH",
                   .path = "/api/v1/documents/{id}",
                   .id = "update_document",
                   .summary = "Marks a document as read or unread",
                   .group = groups::documents,
                   .need = access::scoped,
                   .scope = domain::scope::documents_write,
                   .parts = {{"id", codec::type_of<domain::document_id>}},
                   .body = body_kind::json,
                   .request = body_type_of<domain::document_changes>,
                   .headers = {if_match_header},
                   .answer = body_type_of<domain::document>,
                   .problems = {409, 410, 412},
                   .handle = on(api, &change_document)});
}

}  // namespace elsec::gateway::routes
