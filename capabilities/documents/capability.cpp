#include "capabilities/documents/capability.hpp"

#include "capabilities/documents/change_document.hpp"
#include "capabilities/documents/collect_document.hpp"
#include "capabilities/documents/screen_document.hpp"
#include "capabilities/lists.hpp"
#include "decisions/document_index.hpp"

namespace elsec::capabilities {

struct documents_parameters : list_query {
  std::optional<domain::box> box{};
  std::optional<domain::document_state> state{};
  std::optional<domain::text<1, 64>> class_{};
  std::optional<bool> unread{};
};
BOOST_DESCRIBE_STRUCT(documents_parameters, (list_query), (box, state, class_, unread))

namespace {

constexpr auto reading = domain::scope::documents_read;

struct documents_list : plain_list<domain::document> {
  using query = documents_parameters;
  static constexpr const auto& rows = tables::documents;

  static domain::result<row_ranges> range(const facts& given, const request& asked, const query& wanted) {
    documents_wanted what{.box = wanted.box, .state = wanted.state, .class_ = {}, .unread = wanted.unread};
    if (wanted.class_) what.class_ = wanted.class_->str();
    auto found = ranges_of(given.with, asked.who.organisation_id, what);
    return row_ranges{.prefixes = std::move(found.prefixes), .index = found.table};
  }
  static domain::result<void> complete(const facts& given, const request& asked, domain::document_row& row) {
    return add_what_it_was_sent_with(given.read, asked.who.organisation_id, row);
  }
  // Closed documents are shown to whoever asks for them. The index says as much, but for one that is being changed.
  static bool keep(const facts&, const request&, const query& wanted, const domain::document_row& row) {
    if (wanted.state ? row.state != *wanted.state : row.state == domain::document_state::closed) return false;
    if (wanted.class_ && row.class_ != wanted.class_->str()) return false;
    return !wanted.unread || row.read.value_or(true) != *wanted.unread;
  }
};

domain::result<shown> show_document(const facts& given, const request& asked) {
  const auto id = asked.id<domain::document_id>();
  if (!id) return std::unexpected(id.error());
  return object<domain::document>(find_document(given.read, asked.who.organisation_id, *id));
}

// Streamed by the gateway.
route upload_document() {
  return {.method = "POST",
          .path = "/api/v1/documents",
          .id = "upload_document",
          .summary = "Uploads a file; it becomes a draft",
          .group = groups::documents,
          .need = access::scoped,
          .scope = domain::scope::documents_write,
          .body = body_kind::raw,
          .repeatable = true,
          .headers = {{filename_header, "The file's name as Windows takes it, percent-encoded UTF-8.", true},
                      {"Digest", "sha-256=<base64> of the bytes (RFC 3230)."},
                      {"Content-Digest", "sha-256=:<base64>: of the bytes (RFC 9530)."}},
          .success = 201,
          .answer = body_type_of<domain::document>,
          .problems = {409, 507},
          .streams = true};
}

route get_document() {
  return {.method = "GET",
          .path = "/api/v1/documents/{id}",
          .id = "get_document",
          .summary = "A document's record",
          .group = groups::documents,
          .need = access::scoped,
          .scope = reading,
          .parts = {{"id", codec::type_of<domain::document_id>}},
          .answer = body_type_of<domain::document>,
          .show = &show_document};
}

}  // namespace

capability documents_capability() {
  return {.name = "documents",
          .routes = {list_route<documents_list>({.path = "/api/v1/documents",
                                                 .id = "list_documents",
                                                 .summary = "Documents, newest first",
                                                 .group = groups::documents,
                                                 .need = access::scoped,
                                                 .scope = reading}),
                     get_document(), change_document::described(), upload_document(), collect_document::described()},
          .made_of = {.deadline_kinds = {screening_kind()}}};
}

}  // namespace elsec::capabilities
