#pragma once
// GET /documents/{id}/content: before the first byte of a recipient's copy goes out, that is on record, and on its way
// to the sender. The bytes themselves are streamed by the gateway.

#include "capabilities/command_of_caller.hpp"
#include "capabilities/documents/read_document.hpp"
#include "capabilities/documents/tell_sender.hpp"
#include "capabilities/groups.hpp"
#include "decisions/document_index.hpp"
#include "decisions/rows.hpp"

namespace elsec::capabilities {

struct collect_document : command_of_caller {
  collect_document(const request& from, domain::document_id which)
      : command_of_caller(from, which.str()), document(std::move(which)) {}

  domain::document_id document;

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    const auto& of = who.organisation_id;
    auto row = find_document(given.read, of, document);
    if (!row) return std::unexpected(row.error());
    if (!row->from || row->collected) return ruling{};
    const auto before = listing_of(*row);
    row->collected = true;
    storage::change_set changes;
    note_and_tell(changes, given.with, of, *row, domain::receipt_kind::collected, domain::wire::verdict::collected);
    put_document(changes, given.with, of, before, *row);
    return ruling{.changes = std::move(changes)};
  }

  [[nodiscard]] static route described() {
    return command_route<collect_document, in_path<domain::document_id>>(
        {.method = "GET",
         .path = "/api/v1/documents/{id}/content",
         .id = "download_document",
         .summary = "A document's bytes",
         .group = groups::documents,
         .need = access::scoped,
         .scope = domain::scope::documents_read,
         .headers = {{"Range", "One range of bytes; several are answered with the whole content."},
                     {"If-Range", "The entity tag the range belongs to."},
                     {"If-None-Match", "The entity tag already held."}},
         .media_type = "*/*",
         .problems = {409, 410, 416},
         .streams = true,
         .sent = &read_document::make});
  }
};

}  // namespace elsec::capabilities
