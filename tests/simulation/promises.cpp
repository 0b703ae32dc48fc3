#include "tests/simulation/promises.hpp"

namespace elsec::simulation {
namespace {

using complaint = std::optional<std::string>;

constexpr std::uint32_t page_limit = 100;

struct delivered_copy {
  const party* to;
  domain::document what;
};
struct deliveries {
  std::multimap<std::string, delivered_copy> copies;  // by dispatch id; attachments left out
  std::multimap<std::string, const printed_letter*> letters;
};

std::vector<domain::document> inbox_of(const node& home, const party& who) {
  std::vector<domain::document> found;
  capabilities::request wanted{.who = who.who, .query = {{"box", "inbox"}, {"limit", page_limit}}};
  while (true) {
    const auto page = home.show("list_documents", wanted);
    for (const auto& one : page.at("items").as_array())
      found.push_back(codec::from_json_value<domain::document>(one).value());
    if (page.at("next_cursor").is_null()) return found;
    wanted.query["cursor"] = page.at("next_cursor");
  }
}

complaint compare_content(const node& home, const party& who, const domain::document_id& id, const std::string& bytes) {
  const auto content = home.read().content(who.id, id);
  if (!content) return id.str() + " cannot be opened: " + content.error().detail;
  std::string found;
  while (found.size() < content->document().size) {
    const auto part = content->read(found.size(), bytes.size());
    if (!part) return id.str() + " cannot be read: " + part.error().detail;
    found.append(part->begin(), part->end());
  }
  if (found != bytes) return id.str() + " has other bytes than were sent";
  return {};
}

complaint check_copy(const dispatch_promise& promise, const delivered_copy& copy, const all_nodes& nodes) {
  const auto& home = *nodes.at(copy.to->node);
  if (copy.to != promise.recipient) return promise.id->str() + " reached somebody else";
  if (auto wrong = compare_content(home, *copy.to, copy.what.id, promise.files.front())) return wrong;
  const auto attachments = copy.what.attachments.value_or(std::vector<domain::attachment>{});
  if (attachments.size() + 1 != promise.files.size()) return promise.id->str() + " lacks attachments";
  for (std::size_t i = 0; i < attachments.size(); ++i)
    if (auto wrong = compare_content(home, *copy.to, attachments[i].id, promise.files[i + 1])) return wrong;
  return {};
}

complaint check_letter(const dispatch_promise& promise, const printed_letter& letter) {
  std::string expected;
  for (const auto& file : promise.files) expected += file;
  if (!letter.bytes.ends_with(expected)) return promise.id->str() + " was printed with other bytes than were sent";
  return {};
}

domain::dispatch row_of(const dispatch_promise& promise, const boost::json::value& item) {
  auto row = codec::from_json_value<domain::dispatch>(item).value();
  if (row.id != *promise.id) throw broken{promise.client_ref + " has another id than was answered"};
  return row;
}

// As its sender sees it.
domain::dispatch find_row(const dispatch_promise& promise, const all_nodes& nodes) {
  const auto found =
      nodes.at(promise.sender->node)
          ->show("list_dispatches", {.who = promise.sender->who, .query = {{"client_ref", promise.client_ref}}});
  const auto& items = found.at("items").as_array();
  if (items.size() != 1)
    throw broken{promise.client_ref + " stands " + std::to_string(items.size()) + " times with its sender"};
  return row_of(promise, items.front());
}

bool runs(const all_nodes& nodes, const party* who) { return who != nullptr && nodes.at(who->node)->runs(); }

std::string told(const domain::dispatch& row) {
  return "its sender sees " + std::string(boost::describe::enum_to_string(row.state, "")) +
         (row.reason ? ": " + *row.reason : "");
}

struct arrivals {
  std::vector<const delivered_copy*> copies;
  std::vector<const printed_letter*> letters;

  [[nodiscard]] std::string words() const {
    return "delivered " + std::to_string(copies.size()) + " times and printed " + std::to_string(letters.size()) +
           " times";
  }
};

arrivals arrivals_of(const dispatch_promise& promise, const deliveries& made) {
  arrivals found;
  const auto [copy, copy_end] = made.copies.equal_range(promise.id->str());
  for (auto at = copy; at != copy_end; ++at) found.copies.push_back(&at->second);
  const auto [letter, letter_end] = made.letters.equal_range(promise.id->str());
  for (auto at = letter; at != letter_end; ++at) found.letters.push_back(at->second);
  return found;
}

// A letter and a copy may both exist only where each node has forgotten what the other still knew: that the recipient
// had refused it, and that it was printed therefore.
bool may_be_both(const ledger& promised, const dispatch_promise& promise) {
  return put_backs_between(promised, promise) - promise.put_backs_before > 1;
}

complaint check_arrivals(const ledger& promised, const dispatch_promise& promise, const arrivals& made,
                         const all_nodes& nodes) {
  const bool twice = made.copies.size() > 1 || made.letters.size() > 1;
  const bool both = !made.copies.empty() && !made.letters.empty();
  if (twice || (both && !may_be_both(promised, promise))) return promise.id->str() + " was " + made.words();
  for (const auto* one : made.copies)
    if (auto wrong = check_copy(promise, *one, nodes)) return wrong;
  for (const auto* one : made.letters)
    if (auto wrong = check_letter(promise, *one)) return wrong;
  return {};
}

// What its sender was told before anything was put back is true.
complaint check_words(const ledger& promised, const dispatch_promise& promise, const arrivals& made,
                      const all_nodes& nodes) {
  const auto row = find_row(promise, nodes);
  using enum domain::dispatch_state;
  const bool says_printed = row.state == sent;
  const bool says_delivered = row.state == delivered || row.state == collected;
  const bool could_know = put_backs_between(promised, promise) == promise.put_backs_before;
  if (says_printed && made.letters.empty()) return row.id.str() + " was not printed; " + told(row);
  if (says_delivered && could_know && runs(nodes, promise.recipient) && made.copies.empty())
    return row.id.str() + " was not delivered; " + told(row);
  return {};
}

// What was read may be gone with an older copy of the recipient's node: if that refuses it then, nobody prints it.
complaint check_arrived(const ledger& promised, const dispatch_promise& promise, const arrivals& made,
                        const all_nodes& nodes) {
  const auto row = find_row(promise, nodes);
  using enum domain::dispatch_state;
  const bool was_put_back = put_backs_between(promised, promise) > promise.put_backs_before;
  if (made.copies.empty() && made.letters.empty())
    return row.state == collected && was_put_back
               ? complaint()
               : promise.id->str() + " (" + promise.client_ref + ") has not arrived; " + told(row);
  const bool is_told = (!made.letters.empty() && row.state == sent) ||
                       (!made.copies.empty() && (row.state == delivered || row.state == collected));
  if (is_told) return {};
  return row.id.str() + " was " + made.words() + "; " + told(row);
}

// G7: positions without a gap.
complaint check_feed(const node& home, const party& who) {
  std::uint64_t last = 0;
  while (true) {
    const auto events = home.read().events(who.id, last, page_limit);
    if (!events) return "events cannot be read: " + events.error().detail;
    for (const auto& one : *events) {
      if (one.id != std::to_string(++last)) return who.name + " lacks the event " + std::to_string(last);
    }
    if (events->size() < page_limit) return {};
  }
}

deliveries find_deliveries(const ledger& promised, const all_nodes& nodes) {
  deliveries made;
  for (const auto& who : promised.parties) {
    if (!runs(nodes, &who)) continue;
    for (auto& document : inbox_of(*nodes.at(who.node), who))
      if (!document.attachment_of && document.dispatch_id) {
        const auto dispatch = document.dispatch_id->str();
        made.copies.emplace(dispatch, delivered_copy{&who, std::move(document)});
      }
  }
  for (const auto& letter : promised.printed) made.letters.emplace(letter.dispatch, &letter);
  return made;
}

complaint check_dispatches(const ledger& promised, const all_nodes& nodes) {
  const auto made = find_deliveries(promised, nodes);
  std::size_t known = 0;
  for (const auto& promise : promised.dispatches) {
    if (!promise->id) continue;
    const auto arrived = arrivals_of(*promise, made);
    known += arrived.copies.size() + arrived.letters.size();
    if (auto wrong = check_arrivals(promised, *promise, arrived, nodes)) return wrong;
    if (!promise->forgotten && runs(nodes, promise->sender))
      if (auto wrong = check_words(promised, *promise, arrived, nodes)) return wrong;
  }
  const bool unanswered = std::ranges::any_of(promised.dispatches, [](const auto& one) { return !one->id; });
  if (!unanswered && made.copies.size() + made.letters.size() != known) return "something arrived that nobody sent";
  return {};
}

}  // namespace

unsigned put_backs_between(const ledger& promised, const dispatch_promise& promise) {
  const auto of = [&](const party* who) {
    const auto found = who == nullptr ? promised.put_backs.end() : promised.put_backs.find(who->node);
    return found == promised.put_backs.end() ? 0 : found->second;
  };
  const bool one_node = promise.recipient != nullptr && promise.recipient->node == promise.sender->node;
  return of(promise.sender) + (one_node ? 0 : of(promise.recipient));
}

std::optional<std::string> first_wrong(const ledger& promised, const all_nodes& nodes) {
  if (auto wrong = check_dispatches(promised, nodes)) return wrong;
  for (const auto& promise : promised.uploads)
    if (!promise->forgotten && runs(nodes, promise->owner))
      if (auto wrong = compare_content(*nodes.at(promise->owner->node), *promise->owner, promise->id, promise->bytes))
        return wrong;
  for (const auto& who : promised.parties)
    if (runs(nodes, &who))
      if (auto wrong = check_feed(*nodes.at(who.node), who)) return wrong;
  return {};
}

std::optional<std::string> first_missing(const ledger& promised, const all_nodes& nodes,
                                         const std::function<bool(const std::string& node)>& counts) {
  const auto made = find_deliveries(promised, nodes);
  for (const auto& promise : promised.dispatches) {
    const bool concerns = counts(promise->sender->node) && (!promise->recipient || counts(promise->recipient->node));
    if (!concerns || promise->abandoned || promise->forgotten) continue;
    if (!promise->id) return promise->client_ref + " was never answered";
    if (auto missing = check_arrived(promised, *promise, arrivals_of(*promise, made), nodes)) return missing;
  }
  return {};
}

}  // namespace elsec::simulation
