#pragma once
// Where a document is listed: tables::boxes and tables::documents_by_class, whose keys hold all that lists of documents
// ask for, so that a list opens only the rows it shows. Every change of a document's row goes through put_document or
// insert_document; nobody else writes these indexes.

#include "decisions/services.hpp"

#include <optional>
#include <string>
#include <vector>

namespace elsec::decisions {

// What of a document says where it is listed.
struct listing {
  domain::document_state state{};
  bool received = false;  // in the inbox; otherwise it is the organisation's own
  bool sent = false;      // in the outbox: an own document instead of among the drafts, a received one as well
  bool unread = false;

  friend bool operator==(const listing&, const listing&) = default;
};
[[nodiscard]] listing listing_of(const domain::document_row& row) noexcept;

// Stores a new document with its entries; `conflict` when it is there already.
void insert_document(storage::change_set& changes, const services& with, const domain::organisation_id& of,
                     const domain::document_row& row);

// Stores a changed document. `before`: where it was listed, from the row as find_document gave it.
void put_document(storage::change_set& changes, const services& with, const domain::organisation_id& of,
                  const listing& before, const domain::document_row& row);

// An attachment is listed as sent from the commit of its dispatch on, although its own row says so only later. What is
// written depends on nothing but `row`.
void list_as_sent(storage::change_set& changes, const services& with, const domain::organisation_id& of,
                  domain::document_row row);

// Sets right what entries are left of a document that changed while it was being sent along.
void list_anew(storage::change_set& changes, const services& with, const domain::organisation_id& of,
               const domain::document_row& row);

// What a list may ask for.
struct documents_wanted {
  std::optional<domain::box> box{};
  std::optional<domain::document_state> state{};  // absent: all that are not closed
  std::optional<std::string> class_{};
  std::optional<bool> unread{};
};

// The ranges of an index that hold them, none of them twice.
struct index_ranges {
  std::string_view table;
  std::vector<std::string> prefixes;
};
[[nodiscard]] index_ranges ranges_of(const services& with, const domain::organisation_id& of,
                                     const documents_wanted& what);

}  // namespace elsec::decisions
