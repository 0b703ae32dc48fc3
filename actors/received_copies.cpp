#include "actors/received_copies.hpp"

#include "crypto/random.hpp"
#include "decisions/card_index.hpp"
#include "decisions/content_keys.hpp"
#include "decisions/document_index.hpp"
#include "decisions/outbox.hpp"
#include "decisions/receipts.hpp"

namespace elsec::actors {

namespace tables = storage::tables;

namespace {

domain::document_row copy_of(const services& with, const wire::dispatch& dispatch, const wire::file& file) {
  const auto now = with.now();
  domain::document_row copy;
  copy.id = crypto::new_id<domain::document_id>(now);
  copy.filename = file.filename;
  copy.media_type = file.media_type;
  copy.size = file.size;
  copy.sha256 = file.sha256;
  copy.pages = file.pages;
  copy.state = domain::document_state::received;
  copy.screening = domain::screening::clean;
  copy.created_at = now;
  copy.closes_at = now + with.policy.retention.after_dispatch;
  copy.closes_because = domain::close_reason::retention;
  copy.from = dispatch.sender;
  copy.dispatch_id = dispatch.id;
  copy.take(dispatch);
  copy.read = false;
  copy.origin_document = file.document;
  return copy;
}

std::vector<domain::document_row> copies_of(const services& with, const wire::dispatch& dispatch) {
  std::vector<domain::document_row> copies;
  for (const auto& file : dispatch.files) copies.push_back(copy_of(with, dispatch, file));
  std::vector<domain::attachment> attachments;
  for (std::size_t i = 1; i < copies.size(); ++i) {
    const auto& one = copies[i];
    attachments.push_back({one.id, one.filename, one.media_type, one.size, one.sha256});
    copies[i].attachment_of = copies.front().id;
  }
  if (!attachments.empty()) copies.front().attachments = std::move(attachments);
  return copies;
}

wire::statement statement_about(const wire::announcement& dispatch, wire::verdict verdict) {
  return {.organisation = dispatch.sender.organisation_id,
          .document = dispatch.files.empty() ? domain::document_id{} : dispatch.files.front().document,
          .dispatch = dispatch.id,
          .verdict = verdict,
          .jws = {},
          .reason = {}};
}

}  // namespace

domain::result<domain::letterhead> read_letterhead(const domain::bytes& body) {
  auto read = codec::from_cbor<domain::letterhead>(body);
  if (!read || !is_complete(*read)) return domain::fail(domain::error_code::invalid, "a text breaks its limits");
  return read;
}

domain::result<void> check_incoming(const wire::announcement& dispatch, std::uint64_t document_bytes_max) {
  using domain::error_code;
  if (dispatch.files.empty() || dispatch.files.size() > 1 + domain::attachments_max)
    return domain::fail(error_code::invalid, "it has too few or too many files");
  for (const auto& file : dispatch.files) {
    if (file.size == 0 || file.size > document_bytes_max)
      return domain::fail(error_code::invalid, "a file is empty or larger than this node takes");
    if (!domain::file_name::parse(file.filename) || !domain::media_type::parse(file.media_type))
      return domain::fail(error_code::invalid, "a file's name or media type breaks its rules");
  }
  return {};
}

domain::result<void> take_sender_from_card(const storage::snapshot& snapshot, const std::string& peer,
                                           wire::announcement& dispatch) {
  const auto cards = cards_by_id(snapshot, dispatch.sender.organisation_id);
  if (!cards) return std::unexpected(cards.error());
  if (cards->empty()) return domain::fail(domain::error_code::overloaded, "the sender's card has not arrived yet");
  const auto& card = cards->front();
  if (card.node != peer) return domain::fail(domain::error_code::invalid, "the sender belongs to another node");
  dispatch.sender.name = card.name;
  dispatch.sender.verified = card.verified;
  dispatch.sender.address = card.address;
  dispatch.sender.ik = card.ik;
  return {};
}

domain::result<storage::change_set> receive_copies(const services& with, const incoming_transfer& what,
                                                   const wire::dispatch& dispatch,
                                                   const std::vector<crypto::secret>& keys,
                                                   const std::vector<crypto::slot>& slots) {
  auto copies = copies_of(with, dispatch);
  const auto& of = what.organisation;
  storage::change_set changes;
  changes.insert(tables::received_dispatches, storage::key_of(of, dispatch.id), {copies.front().id.str()});
  for (std::size_t i = 0; i < copies.size(); ++i) {
    auto& copy = copies[i];
    const auto& content = dispatch.files[i].content;
    auto reference = wrap_content_key(with, of, copy.id, content, keys[i], slots[i]);
    if (!reference) return std::unexpected(reference.error());
    copy.content = std::move(*reference);
    copy.origin_node = what.peer;
    if (i > 0) add_receipt(changes, with, of, copy, domain::receipt_kind::received);
    changes.put(tables::content_holders, storage::key_of(std::string(content.begin(), content.end()), of, copy.id), {});
    changes.add_usage(of, static_cast<std::int64_t>(copy.size));
  }
  auto statement = statement_about(dispatch, wire::verdict::delivered);
  statement.jws = add_receipt(changes, with, of, copies.front(), domain::receipt_kind::delivered).jws;
  for (const auto& copy : copies) insert_document(changes, with, of, copy);
  changes.publish(of, {.type = std::string(domain::document_received),
                       .at = with.now(),
                       .document_id = copies.front().id,
                       .dispatch_id = dispatch.id});
  send_envelope(changes, with, what.peer, wire::kind_statement, codec::to_cbor(statement));
  changes.erase(tables::inbound, what.row);
  return changes;
}

void refuse_dispatch(storage::change_set& changes, const services& with, const incoming_transfer& what,
                     const wire::announcement& dispatch, const std::string& reason, bool letter_possible) {
  auto statement = statement_about(dispatch, wire::verdict::refused);
  statement.reason = reason;
  statement.letter_possible = letter_possible;
  send_envelope(changes, with, what.peer, wire::kind_statement, codec::to_cbor(statement));
  changes.put(tables::refused_dispatches, dispatch.id.str(), {});
  changes.erase(tables::inbound, what.row);
}

}  // namespace elsec::actors
