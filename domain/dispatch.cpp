#include "domain/dispatch.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace elsec::domain {
namespace {

std::string pointer_to(std::size_t index, std::string_view member = {}) {
  std::string pointer = "/recipients/" + std::to_string(index);
  if (!member.empty()) pointer += "/" + std::string(member);
  return pointer;
}

// Who is meant when an IK is named: only organisations that hold a capability were looked up.
result<std::optional<card>> single(const recipient_wish& wish, const found_cards& cards, std::size_t index) {
  if (wish.organisation_id && cards.empty())
    return fail_field(error_code::recipient_unknown, pointer_to(index, "organisation_id"),
                      "no organisation of the network has this id; search the directory");
  if (!wish.organisation_id && wish.ik && cards.empty())
    return fail_field(error_code::recipient_unknown, pointer_to(index, "ik"),
                      "no verified organisation has this IK; name the organisation's id or an address");
  if (cards.size() > 1) {
    auto ambiguous =
        error{error_code::recipient_ambiguous, "several organisations have this IK: name one by its id", {}};
    for (const auto& found : cards)
      ambiguous.fields.push_back({pointer_to(index, "ik"), found.id.str() + " " + found.name});
    return std::unexpected(std::move(ambiguous));
  }
  return cards.empty() ? std::nullopt : std::optional(cards.front());
}

recipient recipient_of(const recipient_wish& wish, const std::optional<card>& known) {
  recipient who;
  if (known) who = {known->id, known->name, letters_go_to(*known), known->verified};
  if (wish.name) who.name = wish.name->str();
  if (wish.address) who.address = wish.address;
  return who;
}

// Of what was given, at its place; of a registered address as a whole.
result<void> can_be_addressed(const recipient_wish& wish, const recipient& who, std::size_t index) {
  auto why = undeliverable(who.name, *who.address);
  if (!why) why = unshowable(who.name, *who.address);
  if (!why) return {};
  const bool given = why->pointer == "/name" ? wish.name.has_value() : wish.address.has_value();
  return fail_field(error_code::invalid, pointer_to(index) + (given ? why->pointer : ""), why->detail);
}

// "Linden-Str. 7", "Lindenstr. 7" and "Linden Straße 7" are one street.
std::string street_words(std::string_view street) {
  static const auto whole = words_of("straße").front();
  std::string joined;
  for (const auto& word : words_of(street)) {
    if (word.front() >= '0' && word.front() <= '9') joined += ' ';  // "1/12" is not "11/2"
    joined += word;
    if (word.ends_with("str")) joined += whole.substr(3);
  }
  return joined;
}

std::string folded_window(const recipient& who) {
  std::string folded;
  auto where = *who.address;
  if (where.street) folded = street_words(where.street->str()) + '\n';
  where.street.reset();
  for (const auto& line : address_lines(who.name, where)) {
    for (const auto& word : words_of(line)) folded += word + " ";
    folded += '\n';
  }
  return folded;
}

// What makes a recipient the same as another.
std::string identity_of(const routed& one) {
  const bool by_id = one.route == route::electronic && one.recipient.organisation_id;
  return by_id ? one.recipient.organisation_id->str() : folded_window(one.recipient);
}

void enter(dispatch_row& row, dispatch_state state, time_point now, std::optional<std::string> detail = {}) {
  row.state = state;
  row.timeline.push_back({now, state, std::move(detail)});
}

bool enter_from(dispatch_row& row, std::initializer_list<dispatch_state> before, dispatch_state state, time_point now) {
  if (std::ranges::find(before, row.state) == before.end()) return false;
  enter(row, state, now);
  return true;
}

bool fail_with(dispatch_row& row, const std::string& reason, time_point now) {
  if (is_final(row.state)) return false;
  row.reason = reason;
  enter(row, dispatch_state::failed, now, reason);
  return true;
}

// Once, and only of what was collected.
bool note_read(dispatch_row& row, time_point now) {
  const auto is_noted = [](const timeline_entry& entry) { return entry.detail == detail_read_completely; };
  if (row.route != route::electronic || row.state != dispatch_state::collected ||
      std::ranges::any_of(row.timeline, is_noted))
    return false;
  enter(row, dispatch_state::collected, now, std::string(detail_read_completely));
  return true;
}

// The recipient stopped taking part between routing and arrival: what was accepted is delivered all the same, by post.
bool switch_to_post(dispatch_row& row, const refused_by_peer& what, time_point now) {
  // What somebody has read cannot be refused any more: never both a document and a letter. What was only delivered can:
  // the recipient's node refuses it only if it has it no longer, because an older copy of its data was put back.
  if (is_final(row.state) || row.route == route::post) return false;
  if (!what.letter_possible || row.wish == route_wish::electronic_only || !row.recipient.address)
    return fail_with(row, what.reason, now);
  row.route = route::post;
  row.findings = findings_of(row.recipient);
  enter(row, dispatch_state::accepted, now, "by letter: " + what.reason);
  return true;
}

struct stepper {
  dispatch_row& row;
  time_point now;
  using s = dispatch_state;

  // Of each route only its own news counts: some of the electronic one may come when it already goes on as a letter.
  bool electronically(std::initializer_list<s> before, s state) const {
    return row.route == route::electronic && enter_from(row, before, state, now);
  }
  bool as_letter(std::initializer_list<s> before, s state) const {
    return row.route == route::post && enter_from(row, before, state, now);
  }

  bool operator()(const queued_for_peer&) const { return electronically({s::accepted}, s::in_transit); }
  bool operator()(const arrived&) const { return electronically({s::accepted, s::in_transit}, s::delivered); }
  bool operator()(const fetched&) const {
    return electronically({s::accepted, s::in_transit, s::delivered}, s::collected);
  }
  bool operator()(const read_whole&) const { return note_read(row, now); }
  bool operator()(const refused_by_peer& what) const { return switch_to_post(row, what, now); }
  bool operator()(const handed_to_carrier&) const { return as_letter({s::accepted}, s::posted); }
  bool operator()(const printed_and_sent&) const { return as_letter({s::accepted, s::posted}, s::sent); }
  bool operator()(const gone_wrong& what) const { return fail_with(row, what.reason, now); }
};

}  // namespace

void check(const recipient_wish& who, std::vector<field_error>& errors) {
  if (who.organisation_id && who.ik) errors.push_back({"/ik", "name the organisation by its id or its IK, not both"});
  if (!who.organisation_id && !who.ik && !who.address)
    errors.push_back({"", "needs organisation_id, ik, or name and address"});
  if (!who.organisation_id && !who.ik && who.address && !who.name)
    errors.push_back({"/name", "is needed to address a letter"});
}

void check(const dispatch_request& what, std::vector<field_error>& errors) {
  if (what.recipients.empty() || what.recipients.size() > recipients_max)
    errors.push_back({"/recipients", "must name 1 to " + std::to_string(recipients_max) + " recipients"});
  if (what.attachments.size() > attachments_max)
    errors.push_back({"/attachments", "must name at most " + std::to_string(attachments_max) + " documents"});
  auto ids = what.attachments;
  std::ranges::sort(ids);
  if (std::ranges::adjacent_find(ids) != ids.end())
    errors.push_back({"/attachments", "must not name a document twice"});
}

result<routed> decide_route(const recipient_wish& wish, const found_cards& cards, route_wish insisted,
                            std::size_t index) {
  auto known = single(wish, cards, index);
  if (!known) return std::unexpected(std::move(known.error()));
  routed decided{.route = route::post, .recipient = recipient_of(wish, *known), .node = {}};
  const bool electronic = *known && (*known)->can_receive;
  if (decided.recipient.address && (wish.address || !electronic))
    if (auto ok = can_be_addressed(wish, decided.recipient, index); !ok) return std::unexpected(std::move(ok.error()));
  if (insisted == route_wish::electronic_only && !electronic)
    return fail_field(error_code::recipient_not_electronic, pointer_to(index),
                      "does not receive electronically; choose the route auto or post_only");
  if (electronic && insisted != route_wish::post_only) {
    decided.route = route::electronic;
    decided.node = (*known)->node;
    return decided;
  }
  if (!decided.recipient.address)
    return fail_field(error_code::invalid, pointer_to(index), "cannot be reached: give a postal address");
  return decided;
}

result<void> check_distinct(const std::vector<routed>& recipients) {
  std::map<std::string, std::size_t, std::less<>> seen;
  for (std::size_t i = 0; i < recipients.size(); ++i) {
    const auto [first, is_new] = seen.emplace(identity_of(recipients[i]), i);
    if (!is_new)
      return fail_field(error_code::invalid, pointer_to(i),
                        "is the same recipient as " + pointer_to(first->second) + "; name each once");
  }
  return {};
}

std::optional<std::vector<letter_finding>> findings_of(const recipient& who) {
  if (!who.address) return std::nullopt;
  auto doubts = doubts_about(who.name, *who.address);
  return doubts.empty() ? std::nullopt : std::optional(std::move(doubts));
}

bool is_final(dispatch_state state) noexcept {
  using s = dispatch_state;
  switch (state) {
    case s::collected:
    case s::declined:
    case s::withdrawn:
    case s::expired:
    case s::sent:
    case s::closed:
    case s::failed:
      return true;
    case s::accepted:
    case s::in_transit:
    case s::delivered:
    case s::posted:
      return false;
  }
  return true;
}

dispatch sender_view(const dispatch_row& row) {
  dispatch view{row, row.subject.str(), {}, row.in_reply_to};
  if (row.case_ref) view.case_ref = row.case_ref->str();
  return view;
}

std::optional<dispatch_row> advance(dispatch_row before, const dispatch_happening& what, time_point now) {
  if (!std::visit(stepper{before, now}, what)) return std::nullopt;
  return before;
}

}  // namespace elsec::domain
