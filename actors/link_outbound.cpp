// The outbound half of a link: outbox rows go out within a window and leave the disk when they are acknowledged.

#include "actors/document_rows.hpp"
#include "actors/link.hpp"
#include "actors/tenant_decisions.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace elsec::actors {

namespace tables = storage::tables;

namespace {

std::string outbox_prefix(const std::string& peer) { return storage::key_of(peer, '\0'); }

wire::file file_of(const domain::document_row& row) {
  return {.document = row.id,
          .filename = row.filename,
          .media_type = row.media_type,
          .size = row.size,
          .sha256 = row.sha256,
          .pages = row.pages,
          .content = row.content.content};
}

domain::correspondent sender_card(const domain::organisation& who) {
  return {.organisation_id = who.id,
          .name = who.name.str(),
          .verified = who.capabilities.receive || who.capabilities.beds,
          .address = who.address,
          .ik = who.ik,
          .bsnr = who.bsnr};
}

// What travels for a dispatch, built at the moment of sending from what is on disk now.
domain::result<wire::dispatch> build_dispatch(const storage::snapshot& snapshot,
                                              const wire::dispatch_reference& reference) {
  const auto& of = reference.organisation;
  const auto row = find_dispatch(snapshot, of, reference.dispatch);
  if (!row) return std::unexpected(row.error());
  const auto sender = find_row(snapshot, tables::organisations, of.str());
  if (!sender) return std::unexpected(sender.error());
  if (!row->recipient.organisation_id) return domain::fail(domain::error_code::not_found);
  wire::dispatch body{.id = row->id,
                      .sender = sender_card(*sender),
                      .recipient = *row->recipient.organisation_id,
                      .subject = row->subject,
                      .message = row->message,
                      .class_ = row->class_,
                      .case_ref = row->case_ref,
                      .contact = row->contact,
                      .in_reply_to = row->in_reply_to,
                      .files = {}};
  auto ids = row->attachment_ids;
  ids.insert(ids.begin(), row->document_id);
  for (const auto& id : ids) {
    const auto document = find_document(snapshot, of, id);
    if (!document) return std::unexpected(document.error());
    body.files.push_back(file_of(*document));
  }
  return body;
}

}  // namespace

// The lowest sequence still in the outbox, or the next that will be given.
std::uint64_t link_state::lowest_unacknowledged() const {
  auto snapshot = with->with->store->read();
  if (!snapshot) return sent_up_to + 1;
  std::uint64_t lowest = 0;
  const auto walked = snapshot->scan_keys(tables::outbox.name, outbox_prefix(peer), {}, storage::direction::forward,
                                          [&](std::string_view key) {
                                            lowest = storage::trailing_number(key);
                                            return false;
                                          });
  if (walked && lowest > 0) return lowest;
  const auto last = snapshot->get(tables::counters, "outbox/" + peer);
  return last && *last ? (*last)->value + 1 : 1;
}

domain::bytes link_state::build(const storage::outbox_row& row, in_flight& entry) {
  if (row.kind != wire::kind_dispatch) return row.body;
  const auto reference = codec::from_cbor<wire::dispatch_reference>(row.body);
  auto snapshot = with->with->store->read();
  if (reference && snapshot) {
    if (const auto body = build_dispatch(*snapshot, *reference)) return codec::to_cbor(*body);
  }
  entry.kind = wire::kind_nothing;
  return {};
}

void link_state::pump() {
  if (!connected || !acquainted || sent.size() >= link_window) return;
  auto snapshot = with->with->store->read();
  if (!snapshot) return;
  std::vector<std::pair<std::uint64_t, storage::outbox_row>> rows;
  const auto prefix = outbox_prefix(peer);
  const auto walked = snapshot->scan(tables::outbox, prefix, prefix + storage::big_endian(sent_up_to),
                                     storage::direction::forward, [&](std::string_view key, storage::outbox_row&& row) {
                                       rows.emplace_back(storage::trailing_number(key), std::move(row));
                                       return rows.size() + sent.size() < link_window;
                                     });
  if (!walked) return spdlog::error("link {}: the outbox cannot be read: {}", peer, walked.error().detail);
  for (const auto& [sequence, row] : rows) {
    in_flight entry{sequence, row.kind};
    auto body = build(row, entry);
    if (transmit(entry.kind.c_str(), sequence, row.id, std::move(body)) != transport::sent::queued) break;
    if (sent.empty()) last_progress = clock::now();
    sent.push_back(std::move(entry));
    sent_up_to = sequence;
  }
  with->with->metrics->outbox_in_flight(peer, sent.size());
}

// Read from the disk, not from memory: an acknowledgement may belong to a life before the last start.
domain::result<std::vector<std::pair<std::string, storage::outbox_row>>> link_state::rows_up_to(
    std::uint64_t sequence) const {
  auto snapshot = with->with->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  std::vector<std::pair<std::string, storage::outbox_row>> rows;
  auto walked = snapshot->scan(tables::outbox, outbox_prefix(peer), {}, storage::direction::forward,
                               [&](std::string_view key, storage::outbox_row&& row) {
                                 if (storage::trailing_number(key) > sequence) return false;
                                 rows.emplace_back(key, std::move(row));
                                 return true;
                               });
  if (!walked) return std::unexpected(walked.error());
  return rows;
}

// Cumulative: everything up to `sequence` is on the peer's disk.
void link_state::acknowledged(const std::string& epoch, std::uint64_t sequence) {
  if (epoch != with->with->store->epoch() || sequence <= acknowledged_up_to) return;
  auto rows = rows_up_to(sequence);
  if (!rows) return;
  storage::change_set changes;
  std::vector<wire::dispatch_reference> arrived;
  for (const auto& [key, row] : *rows) {
    changes.erase(tables::outbox, key);
    const auto reference = row.kind == wire::kind_dispatch ? codec::from_cbor<wire::dispatch_reference>(row.body)
                                                           : domain::fail(domain::error_code::not_found);
    if (reference) arrived.push_back(*reference);
  }
  acknowledged_up_to = sequence;
  while (!sent.empty() && sent.front().sequence <= sequence) sent.pop_front();
  last_progress = clock::now();
  for (const auto& one : arrived)
    self->request(with->node, commit_deadline, envelope_arrived{one.organisation, one.document, one.dispatch})
        .then([](const done&) {}, [](const caf::error&) {});
  self->request(with->writer, commit_deadline, share(std::move(changes)))
      .then([this](const commit_result&) { pump(); }, [](const caf::error&) {});
  pump();
}

// Sends again what comes after `sequence`.
void link_state::rewind(std::uint64_t sequence) {
  sent.clear();
  sent_up_to = std::max(sequence, lowest_unacknowledged() - 1);
  last_progress = clock::now();
  pump();
}

}  // namespace elsec::actors
