#include "decisions/rows.hpp"

namespace elsec::decisions {

namespace tables = storage::tables;

domain::result<affair> find_affair(const storage::snapshot& read, const domain::organisation_id& of,
                                   const domain::dispatch_id& id) {
  auto dispatch = find_dispatch(read, of, id);
  if (!dispatch) return std::unexpected(dispatch.error());
  auto document = find_document(read, of, dispatch->document_id);
  if (!document) return std::unexpected(document.error());
  return affair{std::move(*dispatch), std::move(*document)};
}

domain::result<std::vector<domain::dispatch_row>> dispatches_with(const storage::snapshot& snapshot,
                                                                  const domain::organisation_id& of,
                                                                  const domain::document_id& file) {
  std::vector<std::string> keys;
  const auto prefix = storage::key_of(of, file);
  auto walked = snapshot.scan_keys(tables::dispatches_of_document.name, prefix, {}, storage::direction::forward,
                                   [&](std::string_view key) {
                                     keys.push_back(of.str() + std::string(key.substr(prefix.size())));
                                     return true;
                                   });
  if (!walked) return std::unexpected(walked.error());
  std::vector<domain::dispatch_row> rows;
  for (const auto& key : keys) {
    auto row = find_row(snapshot, tables::dispatches, key);
    if (!row) return std::unexpected(row.error());
    rows.push_back(std::move(*row));
  }
  return rows;
}

void mark_dispatched(storage::change_set& changes, const services& with, const domain::organisation_id& of,
                     domain::document_row& document) {
  const auto box_key = [&](domain::box box) { return storage::key_of(of, storage::box_letter(box), document.id); };
  if (!document.from) {
    if (document.state == domain::document_state::draft) changes.erase(tables::boxes, box_key(domain::box::drafts));
    document.state = domain::document_state::dispatched;
  }
  document.closes_at = with.now() + with.policy.retention.after_dispatch;
  document.closes_because = domain::close_reason::retention;
  changes.put(tables::boxes, box_key(domain::box::outbox), {});
  changes.put(tables::documents, storage::key_of(of, document.id), document);
}

}  // namespace elsec::decisions
