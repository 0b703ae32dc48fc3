#include "capabilities/dispatches/capability.hpp"

#include "capabilities/dispatches/between_nodes.hpp"
#include "capabilities/dispatches/dispatch_document.hpp"
#include "capabilities/dispatches/receipts_list.hpp"
#include "capabilities/dispatches/requests.hpp"
#include "capabilities/dispatches/sent_along.hpp"
#include "capabilities/dispatches/waiting.hpp"
#include "capabilities/lists.hpp"
#include "decisions/dispatch_changes.hpp"

namespace elsec::capabilities {

struct dispatches_parameters : list_query {
  std::optional<domain::text<1, 64>> client_ref{};
  std::optional<domain::dispatch_state> state{};
};
BOOST_DESCRIBE_STRUCT(dispatches_parameters, (list_query), (client_ref, state))

namespace {

constexpr auto reading_dispatches = domain::scope::documents_read;

struct dispatches_as_sent : plain_list<domain::dispatch> {
  static constexpr const auto& rows = tables::dispatches;

  static bool keep(const facts&, const request&, const list_query&, const domain::dispatch_row&) { return true; }
  static domain::dispatch item_of(const request&, const domain::dispatch_row& row) { return sender_view(row); }
};

struct dispatches_list : dispatches_as_sent {
  using query = dispatches_parameters;

  static domain::result<row_ranges> range(const facts& given, const request& asked, const query& wanted) {
    const auto& of = asked.who.organisation_id;
    if (wanted.client_ref) {
      const auto hash = given.with.store->index_hash("client_ref", wanted.client_ref->str());
      return row_ranges{.prefixes = {storage::key_of(of, hash)}, .index = tables::dispatches_by_client_ref.name};
    }
    if (!wanted.state) return row_ranges{.prefixes = {of.str()}};
    return row_ranges{.prefixes = {state_prefix(of, *wanted.state)}, .index = tables::dispatches_by_state.name};
  }
  static bool keep(const facts&, const request&, const query& wanted, const domain::dispatch_row& row) {
    if (wanted.state && row.state != *wanted.state) return false;
    return !wanted.client_ref || row.client_ref == wanted.client_ref->str();
  }
};

struct dispatches_of_document_list : dispatches_as_sent {
  static domain::result<row_ranges> range(const facts& given, const request& asked, const list_query&) {
    const auto id = asked.id<domain::document_id>();
    if (!id) return std::unexpected(id.error());
    const auto& of = asked.who.organisation_id;
    if (const auto known = find_document(given.read, of, *id); !known) return std::unexpected(known.error());
    return row_ranges{.prefixes = {storage::key_of(of, *id)}, .index = tables::dispatches_of_document.name};
  }
};

domain::result<shown> show_dispatch(const facts& given, const request& asked) {
  const auto id = asked.id<domain::dispatch_id>();
  if (!id) return std::unexpected(id.error());
  const auto row = find_dispatch(given.read, asked.who.organisation_id, *id);
  if (!row) return std::unexpected(row.error());
  return object<domain::dispatch>(domain::result<domain::dispatch>(sender_view(*row)));
}

domain::result<shown> show_receipt(const facts& given, const request& asked) {
  const auto id = asked.id<domain::receipt_id>();
  if (!id) return std::unexpected(id.error());
  return object<domain::receipt>(
      find_row(given.read, tables::receipts, storage::key_of(asked.who.organisation_id, *id)));
}

route list_dispatches() {
  return list_route<dispatches_list>({.path = "/api/v1/dispatches",
                                      .id = "list_dispatches",
                                      .summary = "Dispatches, newest first",
                                      .group = groups::dispatches,
                                      .need = access::scoped,
                                      .scope = reading_dispatches});
}

route list_document_dispatches() {
  return list_route<dispatches_of_document_list>({.path = "/api/v1/documents/{id}/dispatches",
                                                  .id = "list_document_dispatches",
                                                  .summary = "A document's dispatches",
                                                  .group = groups::dispatches,
                                                  .need = access::scoped,
                                                  .scope = reading_dispatches,
                                                  .parts = {{"id", codec::type_of<domain::document_id>}}});
}

route get_dispatch() {
  return {.method = "GET",
          .path = "/api/v1/dispatches/{id}",
          .id = "get_dispatch",
          .summary = "A dispatch with its timeline",
          .group = groups::dispatches,
          .need = access::scoped,
          .scope = reading_dispatches,
          .parts = {{"id", codec::type_of<domain::dispatch_id>}},
          .answer = body_type_of<domain::dispatch>,
          .show = &show_dispatch};
}

route list_document_receipts() {
  return {.method = "GET",
          .path = "/api/v1/documents/{id}/receipts",
          .id = "list_document_receipts",
          .summary = "A document's receipts, each dispatch's in the order of its chain",
          .group = groups::receipts,
          .need = access::scoped,
          .scope = reading_dispatches,
          .parts = {{"id", codec::type_of<domain::document_id>}},
          .query = codec::type_of<list_query>,
          .answer = list_type_of<domain::receipt>,
          .show = &show_receipts};
}

route get_receipt() {
  return {.method = "GET",
          .path = "/api/v1/receipts/{id}",
          .id = "get_receipt",
          .summary = "A receipt",
          .group = groups::receipts,
          .need = access::scoped,
          .scope = reading_dispatches,
          .parts = {{"id", codec::type_of<domain::receipt_id>}},
          .answer = body_type_of<domain::receipt>,
          .show = &show_receipt};
}

}  // namespace

capability dispatches_capability() {
  return {.name = "dispatches",
          .routes = {dispatch_document::described(), list_document_dispatches(), list_dispatches(), get_dispatch(),
                     list_document_receipts(), get_receipt()},
          .made_of = {.wire_kinds = {dispatch_kind(), statement_kind()},
                      .request_kinds = {chunks_kind(), key_kind()},
                      .deadline_kinds = {{dispatch_waits, &go_on_after_screening::make}, sent_along_kind()},
                      .screening_ended = &screening_ended::make}};
}

}  // namespace elsec::capabilities
