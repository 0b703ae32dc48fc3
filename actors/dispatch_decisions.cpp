// POST /documents/{id}/dispatches: resolving recipients, routing, and the change set that accepts them all or none.

#include "actors/aggregate.hpp"
#include "actors/card_index.hpp"
#include "actors/dispatch_changes.hpp"
#include "actors/document_rows.hpp"
#include "codec/json.hpp"
#include "crypto/random.hpp"

#include <algorithm>

namespace elsec::actors {

using domain::error_code;
namespace tables = storage::tables;

namespace {

// The document and its attachments, as they are now.
struct files {
  domain::document_row document;
  std::vector<domain::document_row> attachments;

  [[nodiscard]] bool all_screened() const {
    const auto pending = [](const domain::document_row& one) { return one.screening == domain::screening::pending; };
    return !pending(document) && std::ranges::none_of(attachments, pending);
  }
};

domain::result<void> may_be_sent(const domain::document_row& row, const std::string& pointer) {
  if (row.screening == domain::screening::quarantined)
    return domain::fail_field(error_code::wrong_state, pointer, "is quarantined and cannot be sent; see its findings");
  if (row.state == domain::document_state::closed) return domain::fail_field(error_code::closed, pointer, "is closed");
  return {};
}

domain::result<files> load_files(const storage::snapshot& snapshot, const dispatch_document& command) {
  const auto& of = command.who.organisation_id;
  auto document = find_document(snapshot, of, command.document);
  if (!document) return std::unexpected(document.error());
  if (auto ok = may_be_sent(*document, ""); !ok) return std::unexpected(ok.error());
  files found{std::move(*document), {}};
  for (std::size_t i = 0; i < command.what.attachments.size(); ++i) {
    const auto pointer = "/attachments/" + std::to_string(i);
    const auto& id = command.what.attachments[i];
    auto attachment = find_document(snapshot, of, id);
    if (id == command.document || !attachment)
      return domain::fail_field(error_code::invalid, pointer, "must be another document of yours");
    if (auto ok = may_be_sent(*attachment, pointer); !ok) return std::unexpected(ok.error());
    found.attachments.push_back(std::move(*attachment));
  }
  return found;
}

domain::result<domain::found_cards> cards_for(const storage::snapshot& snapshot, const domain::recipient_wish& wish) {
  if (wish.organisation_id) return cards_by_id(snapshot, *wish.organisation_id);
  if (wish.ik) return capable_cards_by_ik(snapshot, *wish.ik);
  return domain::found_cards{};
}

domain::result<std::vector<domain::routed>> route_all(const storage::snapshot& snapshot,
                                                      const dispatch_document& command) {
  std::vector<domain::routed> routes;
  const auto insisted = command.what.route.value_or(domain::route_wish::auto_);
  for (std::size_t i = 0; i < command.what.recipients.size(); ++i) {
    const auto& wish = command.what.recipients[i];
    const auto cards = cards_for(snapshot, wish);
    if (!cards) return std::unexpected(cards.error());
    auto routed = domain::decide_route(wish, *cards, insisted, i);
    if (!routed) return std::unexpected(std::move(routed.error()));
    if (routed->route == domain::route::post && !domain::allows(command.who, domain::scope::letters_send))
      return domain::fail_field(error_code::forbidden, "/recipients/" + std::to_string(i),
                                "would be reached by letter, which needs the scope letters:send");
    routes.push_back(std::move(*routed));
  }
  return routes;
}

domain::result<void> check_reply(const storage::snapshot& snapshot, const dispatch_document& command) {
  if (!command.what.in_reply_to) return {};
  const auto key = storage::key_of(command.who.organisation_id, *command.what.in_reply_to);
  for (const auto table : {tables::received_dispatches.name, tables::dispatches.name}) {
    const auto known = snapshot.contains(table, key);
    if (!known) return std::unexpected(known.error());
    if (*known) return {};
  }
  return domain::fail_field(error_code::invalid, "/in_reply_to", "must be a dispatch you sent or received");
}

template <class Text>
std::optional<std::string> plain(const std::optional<Text>& text) {
  return text ? std::optional(text->str()) : std::nullopt;
}

domain::dispatch_row new_row(const services& with, const dispatch_document& command, const files& found,
                             const domain::routed& routed) {
  const auto now = with.now();
  const auto& what = command.what;
  domain::dispatch_row row;
  row.id = crypto::new_id<domain::dispatch_id>(now);
  row.route = routed.route;
  row.state = domain::dispatch_state::accepted;
  row.recipient = routed.recipient;
  row.document_id = command.document;
  row.subject = what.subject.str();
  row.case_ref = plain(what.case_ref);
  row.client_ref = plain(what.client_ref);
  row.in_reply_to = what.in_reply_to;
  row.timeline.push_back({now, row.state, {}});
  row.created_at = now;
  row.message = plain(what.message);
  row.class_ = plain(what.class_);
  row.contact = what.contact;
  row.attachment_ids = what.attachments;
  row.wish = what.route.value_or(domain::route_wish::auto_);
  row.print = what.letter.value_or(domain::letter_wish{});
  row.recipient_node = routed.node;
  row.waits_for_screening = !found.all_screened();
  row.last_receipt_hash = found.document.last_receipt_hash;
  return row;
}

// The answer kept for a client_ref, for as long as its dispatches exist.
domain::result<std::optional<answered>> earlier_answer(const services& with, const storage::snapshot& snapshot,
                                                       const dispatch_document& command) {
  if (!command.what.client_ref) return std::optional<answered>{};
  const auto key = client_ref_key(with, command.who.organisation_id, command.what.client_ref->str());
  const auto row = snapshot.get(tables::answers, key);
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::optional<answered>{};
  if ((*row)->fingerprint != command.fingerprint)
    return domain::fail_field(error_code::key_reused, "/client_ref", "was used for another dispatch");
  return answered{(*row)->status, (*row)->body, (*row)->location};
}

void keep_for_client_ref(storage::change_set& changes, const services& with, const dispatch_document& command,
                         const answered& answer) {
  if (!command.what.client_ref) return;
  const storage::answer_row row{.fingerprint = command.fingerprint,
                                .status = answer.status,
                                .location = answer.location,
                                .body = answer.body,
                                .id = command.document.str()};
  // Another document's dispatch may take the same client_ref at this moment.
  changes.insert(tables::answers, client_ref_key(with, command.who.organisation_id, command.what.client_ref->str()),
                 row, error_code::key_reused);
}

}  // namespace

domain::result<ruling> dispatch_document::decide(const facts& given) const {
  auto earlier = earlier_answer(given.with, given.read, *this);
  if (!earlier) return std::unexpected(std::move(earlier.error()));
  if (*earlier) return ruling{.answer = std::move(**earlier)};
  auto found = load_files(given.read, *this);
  if (!found) return std::unexpected(std::move(found.error()));
  if (auto ok = check_reply(given.read, *this); !ok) return std::unexpected(std::move(ok.error()));
  const auto routes = route_all(given.read, *this);
  if (!routes) return std::unexpected(routes.error());

  const auto& of = who.organisation_id;
  storage::change_set changes;
  mark_dispatched(changes, given.with, of, found->document);
  dispatch_changes dispatching(changes, given.with, of, found->document);
  domain::dispatches_accepted accepted;
  for (const auto& routed : *routes) {
    auto row = new_row(given.with, *this, *found, routed);
    dispatching.accept(row);
    accepted.dispatches.push_back(row);
  }
  answered answer{.status = 202, .body = codec::to_json(accepted)};
  keep_for_client_ref(changes, given.with, *this, answer);
  keep_answer(changes, given.with, repeat, answer, document.str(), false);
  // A file may have been screened between this decision and its commit; and attachments leave the drafts.
  ruling decided{.answer = std::move(answer), .changes = std::move(changes), .notices = {letters_may_be_due{}}};
  decided.notices.emplace_back(make_command<go_on_after_screening>(of, document));
  for (const auto& file : what.attachments) decided.notices.emplace_back(make_command<go_on_after_screening>(of, file));
  return decided;
}

}  // namespace elsec::actors
