#include "capabilities/dispatches/dispatch_document.hpp"

#include "capabilities/dispatches/waiting.hpp"
#include "crypto/random.hpp"
#include "decisions/card_index.hpp"
#include "decisions/dispatch_changes.hpp"
#include "decisions/rows.hpp"

#include <algorithm>

namespace elsec::capabilities {

using domain::error_code;

struct dispatch_document::files {
  domain::document_row document;
  std::vector<domain::document_row> attachments;

  [[nodiscard]] bool all_screened() const {
    const auto pending = [](const domain::document_row& one) { return one.screening == domain::screening::pending; };
    return !pending(document) && std::ranges::none_of(attachments, pending);
  }
};

namespace {

domain::result<void> may_be_sent(const domain::document_row& row, const std::string& pointer) {
  if (row.screening == domain::screening::quarantined)
    return domain::fail_field(error_code::wrong_state, pointer, "is quarantined and cannot be sent; see its findings");
  if (row.state == domain::document_state::closed) return domain::fail_field(error_code::closed, pointer, "is closed");
  return {};
}

domain::result<domain::found_cards> cards_for(const storage::snapshot& snapshot, const domain::recipient_wish& wish) {
  if (wish.organisation_id) return cards_by_id(snapshot, *wish.organisation_id);
  if (wish.ik) return capable_cards_by_ik(snapshot, *wish.ik);
  return domain::found_cards{};
}

// Every letter shows its sender above the window. An organisation may be called what no letter can show, for all
// others.
domain::result<void> check_sender_of_letters(const storage::snapshot& read, const domain::organisation_id& of,
                                             const std::vector<domain::routed>& routes) {
  const auto first = std::ranges::find(routes, domain::route::post, &domain::routed::route);
  if (first == routes.end()) return {};
  const auto sender = find_row(read, tables::organisations, of.str());
  if (!sender) return std::unexpected(sender.error());
  const auto why = domain::unshowable_sender(*sender);
  if (!why) return {};
  return domain::fail_field(
      error_code::invalid, "/recipients/" + std::to_string(first - routes.begin()),
      "would be reached by letter, but your organisation's name or address " + *why + "; change the organisation");
}

}  // namespace

dispatch_document::dispatch_document(const request& from, domain::document_id which, domain::dispatch_request wanted)
    : command_of_caller(from, which.str()),
      document_(std::move(which)),
      what_(std::move(wanted)),
      repeat_(from.repeat) {}

domain::result<dispatch_document::files> dispatch_document::load_files(const storage::snapshot& read) const {
  const auto& of = who.organisation_id;
  auto document = find_document(read, of, document_);
  if (!document) return std::unexpected(document.error());
  if (auto ok = may_be_sent(*document, ""); !ok) return std::unexpected(ok.error());
  files found{std::move(*document), {}};
  for (std::size_t i = 0; i < what_.attachments.size(); ++i) {
    const auto pointer = "/attachments/" + std::to_string(i);
    const auto& id = what_.attachments[i];
    auto attachment = find_document(read, of, id);
    if (id == document_ || !attachment)
      return domain::fail_field(error_code::invalid, pointer, "must be another document of yours");
    if (auto ok = may_be_sent(*attachment, pointer); !ok) return std::unexpected(ok.error());
    found.attachments.push_back(std::move(*attachment));
  }
  return found;
}

domain::result<std::vector<domain::routed>> dispatch_document::route_all(const storage::snapshot& read) const {
  std::vector<domain::routed> routes;
  const auto insisted = what_.route.value_or(domain::route_wish::auto_);
  for (std::size_t i = 0; i < what_.recipients.size(); ++i) {
    const auto& wish = what_.recipients[i];
    const auto cards = cards_for(read, wish);
    if (!cards) return std::unexpected(cards.error());
    auto routed = domain::decide_route(wish, *cards, insisted, i);
    if (!routed) return std::unexpected(std::move(routed.error()));
    if (routed->route == domain::route::post && !domain::allows(who, domain::scope::letters_send))
      return domain::fail_field(error_code::forbidden, "/recipients/" + std::to_string(i),
                                "would be reached by letter, which needs the scope letters:send");
    routes.push_back(std::move(*routed));
  }
  if (auto ok = check_sender_of_letters(read, who.organisation_id, routes); !ok)
    return std::unexpected(std::move(ok.error()));
  if (auto ok = domain::check_distinct(routes); !ok) return std::unexpected(std::move(ok.error()));
  return routes;
}

domain::result<void> dispatch_document::check_reply(const storage::snapshot& read) const {
  if (!what_.in_reply_to) return {};
  const auto key = storage::key_of(who.organisation_id, *what_.in_reply_to);
  for (const auto table : {tables::received_dispatches.name, tables::dispatches.name}) {
    const auto known = read.contains(table, key);
    if (!known) return std::unexpected(known.error());
    if (*known) return {};
  }
  return domain::fail_field(error_code::invalid, "/in_reply_to", "must be a dispatch you sent or received");
}

domain::dispatch_row dispatch_document::new_row(const facts& given, const files& found,
                                                const domain::routed& routed) const {
  domain::dispatch_row row;
  static_cast<domain::letterhead&>(row) = what_;
  row.id = crypto::new_id<domain::dispatch_id>(given.now);
  row.route = routed.route;
  row.state = domain::dispatch_state::accepted;
  row.recipient = routed.recipient;
  if (routed.route == domain::route::post) row.findings = domain::findings_of(row.recipient);
  row.document_id = document_;
  if (what_.client_ref) row.client_ref = what_.client_ref->str();
  row.timeline.push_back({given.now, row.state, {}});
  row.created_at = given.now;
  row.attachment_ids = what_.attachments;
  row.wish = what_.route.value_or(domain::route_wish::auto_);
  row.print = what_.letter.value_or(domain::letter_wish{});
  row.recipient_node = routed.node;
  row.waits_for_screening = !found.all_screened();
  row.last_receipt_hash = found.document.last_receipt_hash;
  return row;
}

// client_ref holds for all documents of the tenant: another document makes another request.
std::string dispatch_document::fingerprint(const services& with) const {
  return with.store->index_hash("request", document_.str() + "\n" + codec::to_json(what_));
}

// The answer kept for a client_ref, for as long as its dispatches exist.
domain::result<std::optional<answered>> dispatch_document::earlier_answer(const facts& given) const {
  if (!what_.client_ref) return std::optional<answered>{};
  const auto key = client_ref_key(given.with, who.organisation_id, what_.client_ref->str());
  const auto row = given.read.get(tables::answers, key);
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::optional<answered>{};
  if ((*row)->fingerprint != fingerprint(given.with))
    return domain::fail_field(error_code::key_reused, "/client_ref", "was used for another dispatch");
  return answered{(*row)->status, (*row)->body, (*row)->location};
}

void dispatch_document::keep_for_client_ref(storage::change_set& changes, const services& with,
                                            const answered& answer) const {
  if (!what_.client_ref) return;
  const storage::answer_row row{.fingerprint = fingerprint(with),
                                .status = answer.status,
                                .location = answer.location,
                                .body = answer.body,
                                .id = document_.str()};
  // Another document's dispatch may take the same client_ref at this moment.
  changes.insert(tables::answers, client_ref_key(with, who.organisation_id, what_.client_ref->str()), row,
                 error_code::key_reused);
}

domain::result<ruling> dispatch_document::decide(const facts& given) const {
  auto earlier = earlier_answer(given);
  if (!earlier) return std::unexpected(std::move(earlier.error()));
  if (*earlier) return ruling{.answer = std::move(**earlier)};
  auto found = load_files(given.read);
  if (!found) return std::unexpected(std::move(found.error()));
  if (auto ok = check_reply(given.read); !ok) return std::unexpected(std::move(ok.error()));
  const auto routes = route_all(given.read);
  if (!routes) return std::unexpected(routes.error());

  const auto& of = who.organisation_id;
  storage::change_set changes;
  mark_dispatched(changes, given.with, of, found->document, given.now + given.with.policy.retention.after_dispatch);
  dispatch_changes dispatching(changes, given.with, of, found->document);
  domain::dispatches_accepted accepted;
  for (const auto& routed : *routes) {
    auto row = new_row(given, *found, routed);
    dispatching.accept(row);
    accepted.dispatches.push_back(row);
  }
  for (const auto& file : found->attachments) dispatching.send_along(file, accepted.dispatches.front().id);
  answered answer{.status = 202, .body = codec::to_json(accepted)};
  keep_for_client_ref(changes, given.with, answer);
  keep_answer(changes, given.with, repeat_, answer, {.of = of, .id = document_.str()});
  // A file may have been screened between this decision and its commit.
  ruling decided{.answer = std::move(answer), .changes = std::move(changes), .notices = {deadlines_may_be_due{}}};
  decided.notices.emplace_back(make_command<go_on_after_screening>(of, document_));
  return decided;
}

route dispatch_document::described() {
  return command_route<dispatch_document, in_path<domain::document_id>, in_body<domain::dispatch_request>>(
      {.method = "POST",
       .path = "/api/v1/documents/{id}/dispatches",
       .id = "dispatch_document",
       .summary = "Sends a document: electronically to who takes part, else as a letter",
       .group = groups::dispatches,
       .need = access::scoped,
       .scope = domain::scope::documents_write,
       .repeatable = true,
       .success = 202,
       .answer = body_type_of<domain::dispatches_accepted>,
       .problems = {409, 410}});
}

}  // namespace elsec::capabilities
