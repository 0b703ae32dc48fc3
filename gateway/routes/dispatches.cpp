// Dispatches, letters and receipts.

#include "gateway/routes/dispatches_examples.hpp"
#include "gateway/routes/routes.hpp"

namespace elsec::gateway::routes {

struct dispatches_parameters : list_query {
  std::optional<domain::text<1, 64>> client_ref{};
  std::optional<domain::dispatch_state> state{};
};
BOOST_DESCRIBE_STRUCT(dispatches_parameters, (list_query), (client_ref, state))

namespace {

constexpr auto reading = domain::scope::documents_read;

asio::awaitable<reply> dispatch_document(const backend& api, call& request) {
  const auto id = id_of<domain::document_id>(request);
  if (!id) co_return std::unexpected(id.error());
  auto body = co_await body_of<domain::dispatch_request>(request, api.bounds.json_body_bytes_max);
  if (!body) co_return std::unexpected(std::move(body.error()));
  auto canonical = codec::to_json(*body);
  // client_ref holds for all documents of the tenant: another document makes another request.
  auto fingerprint = api.read->fingerprint("request", id->str() + "\n" + canonical);
  actors::dispatch_document what(*request.who, *id, std::move(*body), std::move(fingerprint));
  co_return co_await create(api, request, std::move(what), std::move(canonical));
}

asio::awaitable<reply> list_of_document(const backend& api, call& request) {
  const auto id = id_of<domain::document_id>(request);
  if (!id) co_return std::unexpected(id.error());
  const auto query = query_of<list_query>(request);
  if (!query) co_return std::unexpected(query.error());
  const auto& tenant = request.who->organisation_id;
  if (const auto document = api.read->document(tenant, *id); !document) co_return std::unexpected(document.error());
  actors::dispatch_filter filter;
  filter.document = *id;
  co_return list_response(api.read->dispatches(tenant, filter, page_of(*query)));
}

asio::awaitable<reply> list_dispatches(const backend& api, call& request) {
  const auto query = query_of<dispatches_parameters>(request);
  if (!query) co_return std::unexpected(query.error());
  actors::dispatch_filter filter;
  if (query->client_ref) filter.client_ref = query->client_ref->str();
  filter.state = query->state;
  co_return list_response(api.read->dispatches(request.who->organisation_id, filter, page_of(*query)));
}

asio::awaitable<reply> show_dispatch(const backend& api, call& request) {
  const auto id = id_of<domain::dispatch_id>(request);
  if (!id) co_return std::unexpected(id.error());
  co_return record_response(request, api.read->dispatch(request.who->organisation_id, *id));
}

asio::awaitable<reply> list_letters(const backend& api, call& request) {
  const auto query = query_of<list_query>(request);
  if (!query) co_return std::unexpected(query.error());
  co_return list_response(api.read->letters(request.who->organisation_id, page_of(*query)));
}

asio::awaitable<reply> show_letter(const backend& api, call& request) {
  const auto id = id_of<domain::letter_id>(request);
  if (!id) co_return std::unexpected(id.error());
  co_return record_response(request, api.read->letter(request.who->organisation_id, *id));
}

asio::awaitable<reply> list_receipts(const backend& api, call& request) {
  const auto id = id_of<domain::document_id>(request);
  if (!id) co_return std::unexpected(id.error());
  const auto query = query_of<list_query>(request);
  if (!query) co_return std::unexpected(query.error());
  const auto& tenant = request.who->organisation_id;
  if (const auto document = api.read->document(tenant, *id); !document) co_return std::unexpected(document.error());
  co_return list_response(api.read->receipts(tenant, *id, page_of(*query)));
}

asio::awaitable<reply> show_receipt(const backend& api, call& request) {
  const auto id = id_of<domain::receipt_id>(request);
  if (!id) co_return std::unexpected(id.error());
  co_return record_response(request, api.read->receipt(request.who->organisation_id, *id));
}

void add_letters_and_receipts(std::vector<route>& table, const shared_backend& api) {
  table.push_back({.method = "GET",
                   .path = "/api/v1/letters",
                   .id = "list_letters",
                   .summary = "Letters, newest first",
                   .group = groups::letters,
                   .need = access::scoped,
                   .scope = reading,
                   .query = codec::type_of<list_query>,
                   .answer = list_type_of<domain::letter>,
                   .handle = on(api, &list_letters)});
  table.push_back({.method = "GET",
                   .path = "/api/v1/letters/{id}",
                   .id = "get_letter",
                   .summary = "A letter",
                   .group = groups::letters,
                   .need = access::scoped,
                   .scope = reading,
                   .parts = {{"id", codec::type_of<domain::letter_id>}},
                   .answer = body_type_of<domain::letter>,
                   .handle = on(api, &show_letter)});
  table.push_back({.method = "GET",
                   .path = "/api/v1/documents/{id}/receipts",
                   .id = "list_document_receipts",
                   .summary = "A document's receipts, each dispatch's in the order of its chain",
                   .group = groups::receipts,
                   .need = access::scoped,
                   .scope = reading,
                   .parts = {{"id", codec::type_of<domain::document_id>}},
                   .query = codec::type_of<list_query>,
                   .answer = list_type_of<domain::receipt>,
                   .handle = on(api, &list_receipts)});
  table.push_back({.method = "GET",
                   .path = "/api/v1/receipts/{id}",
                   .id = "get_receipt",
                   .summary = "A receipt",
                   .group = groups::receipts,
                   .need = access::scoped,
                   .scope = reading,
                   .parts = {{"id", codec::type_of<domain::receipt_id>}},
                   .answer = body_type_of<domain::receipt>,
                   .handle = on(api, &show_receipt)});
}

}  // namespace

void add_dispatches(std::vector<route>& table, const shared_backend& api) {
  table.push_back({.method = "POST",
                   .path = "/api/v1/documents/{id}/dispatches",
                   .id = "dispatch_document",
                   .summary = "Sends a document: electronically to who takes part, else as a letter",
                   .group = groups::dispatches,
                   .need = access::scoped,
                   .scope = domain::scope::documents_write,
                   .parts = {{"id", codec::type_of<domain::document_id>}},
                   .body = body_kind::json,
                   .request = body_type_of<domain::dispatch_request>,
                   .headers = {idempotency_header},
                   .success = 202,
                   .answer = body_type_of<domain::dispatches_accepted>,
                   .problems = {409, 410},
                   .handle = on(api, &dispatch_document)});
  table.push_back({.method = "GET",
                   .path = "/api/v1/documents/{id}/dispatches",
                   .id = "list_document_dispatches",
                   .summary = "A document's dispatches",
                   .group = groups::dispatches,
                   .need = access::scoped,
                   .scope = reading,
                   .parts = {{"id", codec::type_of<domain::document_id>}},
                   .query = codec::type_of<list_query>,
                   .answer = list_type_of<domain::dispatch>,
                   .handle = on(api, &list_of_document)});
  table.push_back({.method = "GET",
                   .path = "/api/v1/dispatches",
                   .id = "list_dispatches",
                   .summary = "Dispatches, newest first",
                   .group = groups::dispatches,
                   .need = access::scoped,
                   .scope = reading,
                   .query = codec::type_of<dispatches_parameters>,
                   .answer = list_type_of<domain::dispatch>,
                   .handle = on(api, &list_dispatches)});
  table.push_back({.method = "GET",
                   .path = "/api/v1/dispatches/{id}",
                   .id = "get_dispatch",
                   .summary = "A dispatch with its timeline",
                   .group = groups::dispatches,
                   .need = access::scoped,
                   .scope = reading,
                   .parts = {{"id", codec::type_of<domain::dispatch_id>}},
                   .answer = body_type_of<domain::dispatch>,
                   .handle = on(api, &show_dispatch)});
  add_letters_and_receipts(table, api);
}

}  // namespace elsec::gateway::routes
