#pragma once
// PATCH /documents/{id}: marks a received document as read or unread.

#include "capabilities/command_of_caller.hpp"
#include "capabilities/documents/examples.hpp"
#include "capabilities/groups.hpp"
#include "decisions/document_index.hpp"
#include "decisions/rows.hpp"

namespace elsec::capabilities {

struct change_document : command_of_caller {
  change_document(const request& from, domain::document_id which, domain::document_changes changes)
      : command_of_caller(from, which.str()),
        document(std::move(which)),
        what(std::move(changes)),
        if_match(from.if_match) {}

  domain::document_id document;
  domain::document_changes what;
  wanted_versions if_match;

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    auto row = find_document(given.read, who.organisation_id, document);
    if (!row) return std::unexpected(row.error());
    if (auto ok = check_version(if_match, json_of(*row)); !ok) return std::unexpected(std::move(ok.error()));
    if (!what.read || row->read == what.read) return ruling{.answer = {.body = json_of(*row)}};
    if (!row->from)
      return domain::fail_field(domain::error_code::invalid, "/read", "belongs to received documents only");
    const auto before = listing_of(*row);
    row->read = what.read;
    storage::change_set changes;
    put_document(changes, given.with, who.organisation_id, before, *row);
    return ruling{.answer = {.body = json_of(*row)}, .changes = std::move(changes)};
  }

  [[nodiscard]] static route described() {
    return command_route<change_document, in_path<domain::document_id>, in_body<domain::document_changes>>(
        {.method = "PATCH",
         .path = "/api/v1/documents/{id}",
         .id = "update_document",
         .summary = "Marks a document as read or unread",
         .group = groups::documents,
         .need = access::scoped,
         .scope = domain::scope::documents_write,
         .versioned = true,
         .answer = body_type_of<domain::document>,
         .problems = {409, 410}});
  }

 private:
  [[nodiscard]] static std::string json_of(const domain::document_row& row) {
    return codec::to_json(static_cast<const domain::document&>(row));
  }
};

}  // namespace elsec::capabilities
