#include "capabilities/dispatches/waiting.hpp"

#include "decisions/dispatch_changes.hpp"
#include "decisions/rows.hpp"

#include <set>

namespace elsec::capabilities {
namespace {

domain::result<bool> any_file(const storage::snapshot& read, const domain::organisation_id& of,
                              const domain::dispatch_row& row, domain::screening in) {
  auto ids = row.attachment_ids;
  ids.push_back(row.document_id);
  for (const auto& id : ids) {
    const auto file = find_document(read, of, id);
    if (!file) return std::unexpected(file.error());
    if (file->screening == in) return true;
  }
  return false;
}

// True when the dispatch waits no longer.
domain::result<bool> end_of_waiting(const storage::snapshot& read, const domain::organisation_id& of,
                                    domain::dispatch_row& row, dispatch_changes& dispatching) {
  const auto quarantined = any_file(read, of, row, domain::screening::quarantined);
  if (!quarantined) return std::unexpected(quarantined.error());
  if (*quarantined) {
    dispatching.end_waiting(row);
    dispatching.happen(row, domain::gone_wrong{"a file was quarantined by the screening; see its findings"});
    return true;
  }
  const auto pending = any_file(read, of, row, domain::screening::pending);
  if (!pending) return std::unexpected(pending.error());
  if (!*pending) dispatching.set_going(row);
  return !*pending;
}

domain::result<bool> end_all_waiting(const facts& given, const domain::organisation_id& of,
                                     const domain::document_row& document, std::vector<domain::dispatch_row>& rows,
                                     storage::change_set& changes) {
  dispatch_changes dispatching(changes, given.with, of, document);
  bool changed = false;
  for (auto& row : rows) {
    if (!row.waits_for_screening || row.document_id != document.id) continue;
    const auto ended = end_of_waiting(given.read, of, row, dispatching);
    if (!ended) return std::unexpected(ended.error());
    changed = changed || *ended;
  }
  return changed;
}

}  // namespace

domain::result<ruling> screening_ended::decide(const facts& given) const {
  const auto rows = dispatches_waiting_for(given.read, organisation, file);
  if (!rows) return std::unexpected(rows.error());
  std::set<domain::document_id> waiting;
  for (const auto& row : *rows) waiting.insert(row.document_id);
  ruling told;
  for (const auto& each : waiting) told.notices.emplace_back(make_command<go_on_after_screening>(organisation, each));
  return told;
}

domain::result<ruling> go_on_after_screening::decide(const facts& given) const {
  auto row = find_document(given.read, organisation, document);
  if (!row) return std::unexpected(row.error());
  auto rows = dispatches_waiting_for(given.read, organisation, document);
  if (!rows) return std::unexpected(rows.error());
  storage::change_set changes;
  const auto ended = end_all_waiting(given, organisation, *row, *rows, changes);
  if (!ended) return std::unexpected(ended.error());
  if (!*ended) return ruling{};
  return ruling{.changes = std::move(changes), .notices = {deadlines_may_be_due{}}};
}

shared_command go_on_after_screening::make(domain::time_point, const storage::deadline_row& row) {
  const auto document = row.object.substr(0, domain::document_id::length);
  return make_command<go_on_after_screening>(row.organisation_id,
                                             domain::document_id::parse(document).value_or(domain::document_id{}));
}

}  // namespace elsec::capabilities
