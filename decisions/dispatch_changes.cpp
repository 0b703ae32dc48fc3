#include "decisions/dispatch_changes.hpp"

#include "decisions/document_index.hpp"
#include "decisions/outbox.hpp"
#include "decisions/receipts.hpp"
#include "decisions/rows.hpp"
#include "domain/wire.hpp"

#include <boost/describe/enum_to_string.hpp>

namespace elsec::decisions {

namespace tables = storage::tables;
namespace wire = domain::wire;
using domain::dispatch_state;

namespace {

// The states that are worth a signed receipt.
std::optional<domain::receipt_kind> receipt_for(dispatch_state state) {
  switch (state) {
    case dispatch_state::accepted:
      return domain::receipt_kind::accepted;
    case dispatch_state::delivered:
      return domain::receipt_kind::delivered;
    case dispatch_state::collected:
      return domain::receipt_kind::collected;
    case dispatch_state::posted:
      return domain::receipt_kind::posted;
    case dispatch_state::sent:
      return domain::receipt_kind::sent;
    case dispatch_state::failed:
      return domain::receipt_kind::failed;
    default:
      return std::nullopt;
  }
}

// A dispatch becomes at most one letter, so the letter takes its identifier from it: should this node be put back to an
// older copy of its data, the carrier knows a letter it was handed before (G3).
domain::letter_id letter_of(const domain::dispatch_id& dispatch) {
  const auto ulid = dispatch.str().substr(domain::dispatch_id::prefix.size());
  return domain::letter_id::parse(std::string(domain::letter_id::prefix) + ulid).value();
}

std::string name_of_state(auto state) { return boost::describe::enum_to_string(state, ""); }

void for_each_file(const domain::dispatch_row& row, const std::function<void(const domain::document_id&)>& visit) {
  visit(row.document_id);
  for (const auto& file : row.attachment_ids) visit(file);
}

}  // namespace

void dispatch_changes::accept(domain::dispatch_row& row) {
  add_receipt(changes_, with_, of_, row, document_.sha256, domain::receipt_kind::accepted);
  for_each_file(row, [&](const domain::document_id& file) {
    changes_.put(tables::dispatches_of_document, storage::key_of(of_, file, row.id), {});
  });
  if (row.client_ref)
    changes_.put(tables::dispatches_by_client_ref,
                 storage::key_of(of_, with_.store->index_hash("client_ref", *row.client_ref), row.id), {});
  publish(row);
  if (row.waits_for_screening)
    start_waiting(row);
  else
    go(row);
  put(row, std::nullopt);
}

void dispatch_changes::send_along(const domain::document_row& file, const domain::dispatch_id& with_dispatch) {
  list_as_sent(changes_, with_, of_, file);
  changes_.put(tables::sent_along, storage::key_of(of_, file.id, with_dispatch), {document_.closes_at});
  set_deadline(changes_, {sent_along, right_away, of_, storage::key_of(file.id, with_dispatch)});
}

void dispatch_changes::set_going(domain::dispatch_row& row) {
  go(row);
  put(row, row.state);
}

void dispatch_changes::go(domain::dispatch_row& row) {
  end_waiting(row);
  if (row.route == domain::route::post) {
    start_letter(row);
  } else {
    const wire::dispatch_reference reference{of_, row.document_id, row.id};
    send_envelope(changes_, with_, row.recipient_node, wire::kind_dispatch, codec::to_cbor(reference));
  }
}

// Found again after a start, in case the news of the screening was lost.
deadline dispatch_changes::waiting_of(const domain::dispatch_row& row) const {
  return {dispatch_waits, right_away, of_, storage::key_of(row.document_id, row.id)};
}

void dispatch_changes::start_waiting(const domain::dispatch_row& row) {
  set_deadline(changes_, waiting_of(row));
  for_each_file(row, [&](const domain::document_id& file) {
    changes_.put(tables::dispatches_waiting, storage::key_of(of_, file, row.id), {});
  });
}

void dispatch_changes::end_waiting(domain::dispatch_row& row) {
  if (!std::exchange(row.waits_for_screening, false)) return;
  end_deadline(changes_, waiting_of(row));
  for_each_file(row, [&](const domain::document_id& file) {
    changes_.erase(tables::dispatches_waiting, storage::key_of(of_, file, row.id));
  });
}

void dispatch_changes::start_letter(domain::dispatch_row& row) {
  const auto now = with_.now();
  domain::letter_row letter;
  letter.id = letter_of(row.id);
  letter.dispatch_id = row.id;
  letter.carrier = "spool";
  letter.state = domain::letter_state::preparing;
  letter.timeline.push_back({now, letter.state, {}});
  letter.document_id = row.document_id;
  letter.leaves_at = now + with_.policy.letter_grace;
  row.letter_id = letter.id;
  row.post_at = letter.leaves_at;
  changes_.put(tables::letters, storage::key_of(of_, letter.id), letter);
  changes_.put(tables::open_letters, letter.id.str(), {of_});
  set_deadline(changes_, {letter_to_compose, right_away, of_, storage::key_of(row.document_id, letter.id)});
  changes_.publish(of_, letter_event(letter, now));
}

bool dispatch_changes::happen(domain::dispatch_row& row, const domain::dispatch_happening& what,
                              std::optional<std::string> statement) {
  auto after = domain::advance(row, what, with_.now());
  if (!after) return false;
  const bool now_by_post = row.route != after->route;
  const auto before = row.state;
  const bool is_read = std::holds_alternative<domain::read_whole>(what);
  row = std::move(*after);
  // What changes no state is no news for who follows states, but it has a receipt of its own.
  if (const auto kind = is_read ? domain::receipt_kind::read_completely : receipt_for(row.state))
    add_receipt(changes_, with_, of_, row, document_.sha256, *kind, std::move(statement));
  if (!is_read) publish(row);
  if (now_by_post) go(row);
  put(row, before);
  return true;
}

void dispatch_changes::put(const domain::dispatch_row& row, std::optional<dispatch_state> before) {
  changes_.put(tables::dispatches, storage::key_of(of_, row.id), row);
  if (before == row.state) return;
  if (before) changes_.erase(tables::dispatches_by_state, storage::key_of(state_prefix(of_, *before), row.id));
  changes_.put(tables::dispatches_by_state, storage::key_of(state_prefix(of_, row.state), row.id), {});
}

void dispatch_changes::publish(const domain::dispatch_row& row) {
  with_.metrics->dispatch_entered(name_of_state(row.state));
  changes_.publish(of_, {.type = std::string(domain::dispatch_updated),
                         .at = with_.now(),
                         .document_id = row.document_id,
                         .dispatch_id = row.id,
                         .letter_id = row.letter_id,
                         .state = name_of_state(row.state)});
}

std::string state_prefix(const domain::organisation_id& of, dispatch_state state) {
  return storage::key_of(of, name_of_state(state), '\0');
}

domain::event letter_event(const domain::letter_row& letter, domain::time_point now) {
  return {.type = std::string(domain::letter_updated),
          .at = now,
          .document_id = letter.document_id,
          .dispatch_id = letter.dispatch_id,
          .letter_id = letter.id,
          .state = name_of_state(letter.state)};
}

}  // namespace elsec::decisions
