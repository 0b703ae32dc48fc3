#include "decisions/rows.hpp"

#include "decisions/document_index.hpp"
#include "decisions/limits.hpp"
#include "decisions/receipts.hpp"

#include <algorithm>

namespace elsec::decisions {

namespace tables = storage::tables;

domain::result<void> add_what_it_was_sent_with(const storage::snapshot& snapshot, const domain::organisation_id& of,
                                               domain::document_row& document) {
  return snapshot.scan(tables::sent_along, storage::key_of(of, document.id), {}, storage::direction::forward,
                       [&](std::string_view, domain::result<storage::sent_along_row>&& row) {
                         // A damaged one says as much, but for how long: its deadline sets that right.
                         domain::become_dispatched(document, row ? row->closes_at : document.closes_at);
                         return true;
                       });
}

domain::result<domain::document_row> find_document(const storage::snapshot& snapshot, const domain::organisation_id& of,
                                                   const domain::document_id& id) {
  auto row = find_row(snapshot, tables::documents, storage::key_of(of, id));
  if (!row) return row;
  if (auto ok = add_what_it_was_sent_with(snapshot, of, *row); !ok) return std::unexpected(std::move(ok.error()));
  return row;
}

domain::result<void> check_credential(const storage::snapshot& read, std::string_view credential) {
  if (credential.empty()) return {};
  const auto holds = read.contains(tables::credentials.name, credential);
  if (!holds) return std::unexpected(holds.error());
  if (!*holds) return domain::fail(domain::error_code::unauthenticated, "the token has been revoked; sign in again");
  return {};
}

domain::result<affair> find_affair(const storage::snapshot& read, const domain::organisation_id& of,
                                   const domain::dispatch_id& id) {
  auto dispatch = find_dispatch(read, of, id);
  if (!dispatch) return std::unexpected(dispatch.error());
  auto document = find_document(read, of, dispatch->document_id);
  if (!document) return std::unexpected(document.error());
  return affair{std::move(*dispatch), std::move(*document)};
}

domain::result<affair> find_past_affair(const storage::snapshot& read, const domain::organisation_id& of,
                                        const domain::dispatch_id& id) {
  auto whole = find_affair(read, of, id);
  if (whole || whole.error().code != domain::error_code::integrity) return whole;
  auto dispatch = find_dispatch(read, of, id);
  if (!dispatch) return std::unexpected(std::move(dispatch.error()));
  auto digest = digest_in_receipts(read, of, *dispatch);
  if (!digest) return std::unexpected(std::move(digest.error()));
  affair found{std::move(*dispatch), {}};
  found.document.id = found.dispatch.document_id;
  found.document.sha256 = std::move(*digest);
  return found;
}

domain::result<std::vector<domain::dispatch_row>> dispatches_waiting_for(const storage::snapshot& snapshot,
                                                                         const domain::organisation_id& of,
                                                                         const domain::document_id& file) {
  std::vector<std::string> keys;
  const auto prefix = storage::key_of(of, file);
  auto walked = snapshot.scan_keys(tables::dispatches_waiting.name, prefix, {}, storage::direction::forward,
                                   [&](std::string_view key) {
                                     keys.push_back(of.str() + std::string(key.substr(prefix.size())));
                                     return true;
                                   });
  if (!walked) return std::unexpected(walked.error());
  std::vector<domain::dispatch_row> rows;
  for (const auto& key : keys) {
    auto row = find_row(snapshot, tables::dispatches, key);
    if (row)
      rows.push_back(std::move(*row));
    else if (row.error().code != domain::error_code::integrity)  // a damaged one keeps none of the others waiting
      return std::unexpected(std::move(row.error()));
  }
  return rows;
}

void mark_dispatched(storage::change_set& changes, const services& with, const domain::organisation_id& of,
                     domain::document_row& document, domain::time_point closes_at) {
  const auto before = listing_of(document);
  domain::become_dispatched(document, closes_at);
  put_document(changes, with, of, before, document);
}

storage::inbound_row rejected_row(const storage::inbound_row& what, std::string reason) {
  const auto kept = static_cast<std::ptrdiff_t>(std::min(what.body.size(), rejected_body_bytes_max));
  return {what.kind, what.id, {what.body.begin(), what.body.begin() + kept}, std::move(reason)};
}

}  // namespace elsec::decisions
