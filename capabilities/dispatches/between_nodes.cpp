#include "capabilities/dispatches/between_nodes.hpp"

#include "capabilities/lists.hpp"
#include "codec/cbor.hpp"
#include "decisions/dispatch_changes.hpp"
#include "decisions/receipts.hpp"
#include "decisions/rows.hpp"

namespace elsec::capabilities {

using domain::error_code;
namespace wire = domain::wire;

namespace {

wire::file file_of(const domain::document_row& row) {
  return {.document = row.id,
          .filename = row.filename,
          .media_type = domain::type_of(row),
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
  // Refused by the peer, it went on as a letter; or it was given up.
  const bool electronic = row->recipient.organisation_id && row->route == domain::route::electronic;
  if (!electronic || row->state == domain::dispatch_state::failed) return domain::fail(domain::error_code::not_found);
  wire::dispatch body{
      {.id = row->id, .sender = sender_card(*sender), .recipient = *row->recipient.organisation_id, .files = {}}, *row};
  auto ids = row->attachment_ids;
  ids.insert(ids.begin(), row->document_id);
  for (const auto& id : ids) {
    const auto document = find_document(snapshot, of, id);
    if (!document) return std::unexpected(document.error());
    body.files.push_back(file_of(*document));
  }
  return body;
}

domain::result<domain::bytes> dispatch_body(const storage::snapshot& read, const storage::outbox_row& row) {
  const auto reference = codec::from_cbor<wire::dispatch_reference>(row.body);
  if (!reference) return std::unexpected(reference.error());
  const auto body = build_dispatch(read, *reference);
  if (!body) return std::unexpected(body.error());
  return codec::to_cbor(*body);
}

domain::result<shared_command> dispatch_arrived(const storage::outbox_row& row) {
  auto reference = codec::from_cbor<wire::dispatch_reference>(row.body);
  if (!reference) return std::unexpected(std::move(reference.error()));
  return make_command<envelope_arrived>(std::move(*reference));
}

domain::result<shared_command> dispatch_is_lost(const storage::outbox_row& row, const std::string& reason) {
  auto reference = codec::from_cbor<wire::dispatch_reference>(row.body);
  if (!reference) return std::unexpected(std::move(reference.error()));
  return make_command<dispatch_lost>(std::move(*reference), reason);
}

// Nobody knows yet whether it has arrived.
bool waits_for_peer(const domain::dispatch_row& row) {
  using enum domain::dispatch_state;
  return row.route == domain::route::electronic && (row.state == accepted || row.state == in_transit);
}

domain::result<shared_command> dispatch_unanswered(const storage::snapshot& read, const storage::outbox_row& row) {
  auto reference = codec::from_cbor<wire::dispatch_reference>(row.body);
  if (!reference) return std::unexpected(std::move(reference.error()));
  const auto dispatch = find_dispatch(read, reference->organisation, reference->dispatch);
  if (!dispatch) return std::unexpected(dispatch.error());
  if (!waits_for_peer(*dispatch)) return shared_command();
  return make_command<dispatch_lost>(
      std::move(*reference),
      "the recipient's node has not said what became of it; ask the recipient, or send it again");
}

domain::result<shared_command> statement_received(const received_envelope& envelope) {
  auto said = codec::from_cbor<wire::statement>(envelope.what.body);
  if (!said) return domain::fail(error_code::invalid, "unreadable statement");
  return make_command<peer_statement>(envelope, std::move(*said));
}

// Of those with a receipt.
domain::receipt_kind kind_of(wire::verdict verdict) {
  if (verdict == wire::verdict::delivered) return domain::receipt_kind::delivered;
  if (verdict == wire::verdict::read_completely) return domain::receipt_kind::read_completely;
  return domain::receipt_kind::collected;
}

domain::result<domain::dispatch_happening> happening_of(const services& with, const std::string& peer,
                                                        const wire::statement& said, const affair& about) {
  if (about.dispatch.recipient_node != peer || about.dispatch.document_id != said.document)
    return domain::fail(error_code::integrity, "the statement comes from a node that is not the recipient's");
  if (said.verdict == wire::verdict::other)
    return domain::fail(error_code::invalid, "the statement says what this node does not understand");
  if (said.verdict == wire::verdict::refused) return domain::refused_by_peer{said.reason, said.letter_possible};
  const auto kind = kind_of(said.verdict);
  const auto verified = verify_statement(with, peer, said.jws, said.dispatch, about.document.sha256, kind);
  if (!verified) return std::unexpected(verified.error());
  if (kind == domain::receipt_kind::delivered) return domain::arrived{};
  if (kind == domain::receipt_kind::read_completely) return domain::read_whole{};
  return domain::fetched{};
}

}  // namespace

domain::result<ruling> envelope_arrived::decide(const facts& given) const {
  auto found = find_past_affair(given.read, about.organisation, about.dispatch);
  if (!found) return std::unexpected(found.error());
  storage::change_set changes;
  dispatch_changes dispatching(changes, given.with, about.organisation, found->document);
  if (!dispatching.happen(found->dispatch, domain::queued_for_peer{})) return ruling{};
  return ruling{.changes = std::move(changes)};
}

domain::result<ruling> dispatch_lost::decide(const facts& given) const {
  auto found = find_past_affair(given.read, about.organisation, about.dispatch);
  if (!found) return std::unexpected(found.error());
  storage::change_set changes;
  dispatch_changes dispatching(changes, given.with, about.organisation, found->document);
  // One that has arrived is not lost, whatever becomes of a repeat.
  if (!waits_for_peer(found->dispatch) || !dispatching.happen(found->dispatch, domain::gone_wrong{reason}))
    return ruling{};
  return ruling{.changes = std::move(changes)};
}

// A refused dispatch may go on as a letter.
domain::result<ruling> peer_statement::decide(const facts& given) const {
  storage::change_set changes;
  changes.erase(tables::inbound, row);
  auto about = find_past_affair(given.read, said.organisation, said.dispatch);
  // What says nothing about the dispatch may pass: the statement waits.
  if (!about && !is_damage(about.error())) return std::unexpected(std::move(about.error()));
  const auto happening = about ? happening_of(given.with, peer, said, *about)
                               : domain::result<domain::dispatch_happening>(std::unexpected(about.error()));
  if (!happening) {
    const auto& [code, detail, fields] = happening.error();
    const auto reason = detail.empty() ? std::string(domain::sentence_of(code)) : detail;
    changes.put(tables::rejected, row, rejected_row(what, reason));
    return ruling{.changes = std::move(changes)};
  }
  dispatch_changes dispatching(changes, given.with, said.organisation, about->document);
  dispatching.happen(about->dispatch, *happening, said.jws.empty() ? std::nullopt : std::optional(said.jws));
  return ruling{.changes = std::move(changes), .notices = {deadlines_may_be_due{}}};
}

// What is received under it is brought by a transfer, which takes longer than a command may.
wire_kind dispatch_kind() {
  return {.name = wire::kind_dispatch,
          .body = codec::type_of<wire::dispatch>,
          .in_every_version = true,
          .by_transfer = true,
          .build = &dispatch_body,
          .lost = &dispatch_is_lost,
          .arrived = &dispatch_arrived,
          .unanswered = &dispatch_unanswered};
}

wire_kind statement_kind() {
  return {.name = wire::kind_statement,
          .body = codec::type_of<wire::statement>,
          .in_every_version = true,
          .received = &statement_received};
}

}  // namespace elsec::capabilities
