// What the commands and news of a document come to.

#include "actors/aggregate.hpp"
#include "actors/dispatch_changes.hpp"
#include "actors/document_rows.hpp"
#include "actors/receipts.hpp"
#include "actors/received_copies.hpp"
#include "actors/wire.hpp"
#include "codec/json.hpp"

#include <algorithm>
#include <set>

namespace elsec::actors {

using domain::error_code;
namespace tables = storage::tables;

namespace {

std::string json_of(const domain::document_row& row) {
  return codec::to_json(static_cast<const domain::document&>(row));
}

std::vector<domain::screening_finding> findings_of(const postal::inspection& result) {
  std::vector<domain::screening_finding> findings;
  for (const auto& one : result.quarantine) findings.push_back({one.code, one.detail});
  return findings;
}

// A dispatch and the document it is about.
struct affair {
  domain::dispatch_row dispatch;
  domain::document_row document;
};

domain::result<affair> find_affair(const storage::snapshot& read, const domain::organisation_id& of,
                                   const domain::dispatch_id& id) {
  auto dispatch = find_dispatch(read, of, id);
  if (!dispatch) return std::unexpected(dispatch.error());
  auto document = find_document(read, of, dispatch->document_id);
  if (!document) return std::unexpected(document.error());
  return affair{std::move(*dispatch), std::move(*document)};
}

domain::result<domain::dispatch_happening> happening_of(const services& with, const peer_statement& news,
                                                        const wire::statement& said, const affair& about) {
  if (about.dispatch.recipient_node != news.peer || about.dispatch.document_id != said.document)
    return domain::fail(error_code::integrity, "the statement comes from a node that is not the recipient's");
  if (said.verdict == wire::verdict::refused) return domain::refused_by_peer{said.reason, said.letter_possible};
  const auto kind =
      said.verdict == wire::verdict::delivered ? domain::receipt_kind::delivered : domain::receipt_kind::collected;
  const auto verified = verify_statement(with, news.peer, said.jws, said.dispatch, about.document.sha256, kind);
  if (!verified) return std::unexpected(verified.error());
  if (said.verdict == wire::verdict::delivered) return domain::arrived{};
  return domain::fetched{};
}

void reject_statement(storage::change_set& changes, const peer_statement& news, const domain::error& why) {
  changes.put(tables::rejected, news.row, {news.kind, {}, news.body, why.detail});
}

domain::result<bool> any_file(const storage::snapshot& snapshot, const domain::organisation_id& of,
                              const domain::dispatch_row& row, domain::screening in) {
  auto ids = row.attachment_ids;
  ids.push_back(row.document_id);
  for (const auto& id : ids) {
    const auto file = find_document(snapshot, of, id);
    if (!file) return std::unexpected(file.error());
    if (file->screening == in) return true;
  }
  return false;
}

// True when the dispatch waits no longer.
domain::result<bool> end_of_waiting(const storage::snapshot& snapshot, const domain::organisation_id& of,
                                    domain::dispatch_row& row, dispatch_changes& dispatching,
                                    storage::change_set& changes) {
  const auto quarantined = any_file(snapshot, of, row, domain::screening::quarantined);
  if (!quarantined) return std::unexpected(quarantined.error());
  if (*quarantined) {
    changes.erase(tables::dispatches_due, row.id.str());
    row.waits_for_screening = false;
    dispatching.happen(row, domain::gone_wrong{"a file was quarantined by the screening; see its findings"});
    return true;
  }
  const auto pending = any_file(snapshot, of, row, domain::screening::pending);
  if (!pending) return std::unexpected(pending.error());
  if (!*pending) dispatching.set_going(row);
  return !*pending;
}

domain::result<bool> end_all_waiting(const storage::snapshot& snapshot, const services& with,
                                     const domain::organisation_id& of, const domain::document_row& document,
                                     std::vector<domain::dispatch_row>& rows, storage::change_set& changes) {
  dispatch_changes dispatching(changes, with, of, document);
  bool changed = false;
  for (auto& row : rows) {
    if (!row.waits_for_screening || row.document_id != document.id) continue;
    const auto ended = end_of_waiting(snapshot, of, row, dispatching, changes);
    if (!ended) return std::unexpected(ended.error());
    changed = changed || *ended;
  }
  return changed;
}

void advance_dispatch(storage::change_set& changes, const services& with, const letter_news& news, affair& about) {
  dispatch_changes dispatching(changes, with, news.organisation, about.document);
  using domain::letter_state;
  if (news.state == letter_state::submitted) dispatching.happen(about.dispatch, domain::handed_to_carrier{});
  if (news.state == letter_state::sent) dispatching.happen(about.dispatch, domain::printed_and_sent{});
  if (news.state == letter_state::failed) dispatching.happen(about.dispatch, domain::gone_wrong{news.reason});
}

}  // namespace

domain::result<ruling> change_document::decide(const facts& given) const {
  auto row = find_document(given.read, who.organisation_id, document);
  if (!row) return std::unexpected(row.error());
  if (!fits(if_match, json_of(*row)))
    return domain::fail(error_code::stale, "read the document again and repeat the change");
  if (!what.read || row->read == what.read) return ruling{.answer = {.body = json_of(*row)}};
  if (!row->from) return domain::fail_field(error_code::invalid, "/read", "belongs to received documents only");
  row->read = what.read;
  storage::change_set changes;
  changes.put(tables::documents, storage::key_of(who.organisation_id, row->id), *row);
  return ruling{.answer = {.body = json_of(*row)}, .changes = std::move(changes)};
}

domain::result<ruling> collect_document::decide(const facts& given) const {
  const auto& of = who.organisation_id;
  auto row = find_document(given.read, of, document);
  if (!row) return std::unexpected(row.error());
  if (!row->from || row->collected) return ruling{};
  row->collected = true;
  storage::change_set changes;
  const auto receipt = add_receipt(changes, given.with, of, *row, domain::receipt_kind::collected);
  changes.put(tables::documents, storage::key_of(of, row->id), *row);
  if (!row->attachment_of) {
    const wire::statement statement{.organisation = row->from->organisation_id,
                                    .document = row->origin_document,
                                    .dispatch = *row->dispatch_id,
                                    .verdict = wire::verdict::collected,
                                    .jws = receipt.jws,
                                    .reason = {}};
    changes.send(row->origin_node, outbox_row_of(given.with, wire::kind_statement, codec::to_cbor(statement)));
  }
  return ruling{.changes = std::move(changes)};
}

domain::result<ruling> file_screened::decide(const facts& given) const {
  storage::change_set changes;
  changes.erase(tables::screening_due, document.str());
  auto row = find_document(given.read, organisation, document);
  if (!row && row.error().code != error_code::not_found) return std::unexpected(row.error());
  if (row && row->screening == domain::screening::pending) {
    const bool clean = result.quarantine.empty();
    row->screening = clean ? domain::screening::clean : domain::screening::quarantined;
    if (result.pages > 0) row->pages = result.pages;
    if (!clean) {
      row->findings = findings_of(result);
      row->state = domain::document_state::quarantined;
    }
    changes.put(tables::documents, storage::key_of(organisation, row->id), *row);
  }
  return ruling{.changes = std::move(changes), .notices = {make_command<screening_ended>(organisation, document)}};
}

domain::result<ruling> screening_ended::decide(const facts& given) const {
  const auto rows = dispatches_with(given.read, organisation, document);
  if (!rows) return std::unexpected(rows.error());
  std::set<domain::document_id> waiting;
  for (const auto& row : *rows)
    if (row.waits_for_screening) waiting.insert(row.document_id);
  ruling told;
  for (const auto& each : waiting) told.notices.emplace_back(make_command<go_on_after_screening>(organisation, each));
  return told;
}

domain::result<ruling> go_on_after_screening::decide(const facts& given) const {
  auto row = find_document(given.read, organisation, document);
  if (!row) return std::unexpected(row.error());
  auto rows = dispatches_with(given.read, organisation, document);
  if (!rows) return std::unexpected(rows.error());
  storage::change_set changes;
  // An attachment leaves the drafts with the dispatch it belongs to.
  const bool sent_along = row->state == domain::document_state::draft && !rows->empty();
  if (sent_along) mark_dispatched(changes, given.with, organisation, *row);
  const auto ended = end_all_waiting(given.read, given.with, organisation, *row, *rows, changes);
  if (!ended) return std::unexpected(ended.error());
  if (!*ended && !sent_along) return ruling{};
  return ruling{.changes = std::move(changes), .notices = {letters_may_be_due{}}};
}

domain::result<ruling> envelope_arrived::decide(const facts& given) const {
  auto about = find_affair(given.read, organisation, dispatch);
  if (!about) return std::unexpected(about.error());
  storage::change_set changes;
  dispatch_changes dispatching(changes, given.with, organisation, about->document);
  if (!dispatching.happen(about->dispatch, domain::queued_for_peer{})) return ruling{};
  return ruling{.changes = std::move(changes)};
}

// A refused dispatch may go on as a letter.
domain::result<ruling> peer_statement::decide(const facts& given) const {
  storage::change_set changes;
  changes.erase(tables::statements, row);
  const auto said = codec::from_cbor<wire::statement>(body);
  if (!said) return std::unexpected(said.error());
  auto about = find_affair(given.read, organisation, said->dispatch);
  const auto what = about ? happening_of(given.with, *this, *said, *about)
                          : domain::result<domain::dispatch_happening>(std::unexpected(about.error()));
  if (!what && what.error().code == error_code::overloaded) return std::unexpected(what.error());
  if (!what) {
    reject_statement(changes, *this, what.error());
    return ruling{.changes = std::move(changes)};
  }
  dispatch_changes dispatching(changes, given.with, organisation, about->document);
  dispatching.happen(about->dispatch, *what, said->jws.empty() ? std::nullopt : std::optional(said->jws));
  return ruling{.changes = std::move(changes), .notices = {letters_may_be_due{}}};
}

domain::result<ruling> letter_news::decide(const facts& given) const {
  auto about = find_affair(given.read, organisation, dispatch);
  if (!about) return std::unexpected(about.error());
  auto before = find_row(given.read, tables::letters, storage::key_of(organisation, letter));
  if (!before) return std::unexpected(before.error());
  auto row =
      domain::advance(std::move(*before), state, given.now, reason.empty() ? std::nullopt : std::optional(reason));
  if (!row) return ruling{};
  if (pages > 0) row->pages = pages;
  if (sheets > 0) row->sheets = sheets;

  storage::change_set changes;
  changes.put(tables::letters, storage::key_of(organisation, letter), *row);
  changes.publish(organisation, letter_event(*row, given.now));
  const bool over = state == domain::letter_state::sent || state == domain::letter_state::failed;
  if (over) changes.erase(tables::letters_due, letter.str());
  advance_dispatch(changes, given.with, *this, *about);
  given.with.metrics->letter_entered(boost::describe::enum_to_string(state, ""));
  return ruling{.changes = std::move(changes)};
}

}  // namespace elsec::actors
