#pragma once
// Finding documents, dispatches and letters, and the row changes several decisions share.

#include "decisions/services.hpp"
#include "domain/letter.hpp"

namespace elsec::decisions {

// A row that must be there; `not_found` otherwise.
template <class Record>
[[nodiscard]] domain::result<Record> find_row(const storage::snapshot& snapshot, const storage::table<Record>& where,
                                              const std::string& key) {
  auto found = snapshot.get(where, key);
  if (!found) return std::unexpected(std::move(found.error()));
  if (!*found) return domain::fail(domain::error_code::not_found);
  return std::move(**found);
}

// Its row, with what the dispatches have made of it that it was sent along with and that it does not say itself yet.
[[nodiscard]] domain::result<domain::document_row> find_document(const storage::snapshot& snapshot,
                                                                 const domain::organisation_id& of,
                                                                 const domain::document_id& id);
// The same for a row that was read without it.
[[nodiscard]] domain::result<void> add_what_it_was_sent_with(const storage::snapshot& snapshot,
                                                             const domain::organisation_id& of,
                                                             domain::document_row& document);

[[nodiscard]] inline domain::result<domain::dispatch_row> find_dispatch(const storage::snapshot& snapshot,
                                                                        const domain::organisation_id& of,
                                                                        const domain::dispatch_id& id) {
  return find_row(snapshot, storage::tables::dispatches, storage::key_of(of, id));
}

// Whether a credential has not been revoked since it was looked up; `unauthenticated` otherwise. None is no credential:
// so the node itself acts.
[[nodiscard]] domain::result<void> check_credential(const storage::snapshot& read, std::string_view credential);

// A dispatch and the document it is about.
struct affair {
  domain::dispatch_row dispatch;
  domain::document_row document;
};
[[nodiscard]] domain::result<affair> find_affair(const storage::snapshot& read, const domain::organisation_id& of,
                                                 const domain::dispatch_id& id);
// The same for what becomes of a dispatch, also when its document's row cannot be read any more: then of the document
// only the identifier and the digest, from the first receipt, are known.
[[nodiscard]] domain::result<affair> find_past_affair(const storage::snapshot& read, const domain::organisation_id& of,
                                                      const domain::dispatch_id& id);

// The dispatches that wait for the screening of a file, their document or an attachment.
[[nodiscard]] domain::result<std::vector<domain::dispatch_row>> dispatches_waiting_for(
    const storage::snapshot& snapshot, const domain::organisation_id& of, const domain::document_id& file);

// A file leaves the drafts when it is dispatched, also where it is listed; a received copy that is passed on stays in
// the inbox as well. Its retention begins anew (R11).
void mark_dispatched(storage::change_set& changes, const services& with, const domain::organisation_id& of,
                     domain::document_row& document, domain::time_point closes_at);

// Of an envelope that can never take effect: what it was, how it began, and why it could not.
[[nodiscard]] storage::inbound_row rejected_row(const storage::inbound_row& what, std::string reason);

}  // namespace elsec::decisions
