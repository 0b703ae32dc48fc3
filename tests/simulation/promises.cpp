#include "tests/simulation/promises.hpp"

namespace elsec::simulation {
namespace {

using complaint = std::optional<std::string>;
using all_nodes = std::map<std::string, std::unique_ptr<node>>;

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

complaint check_sender(const dispatch_promise& promise, bool by_post, const all_nodes& nodes) {
  const auto found =
      nodes.at(promise.sender->node)
          ->show("list_dispatches", {.who = promise.sender->who, .query = {{"client_ref", promise.client_ref}}});
  const auto& items = found.at("items").as_array();
  if (items.size() != 1)
    return promise.client_ref + " stands " + std::to_string(items.size()) + " times with its sender";
  const auto row = codec::from_json_value<domain::dispatch>(items.front()).value();
  if (row.id != *promise.id) return promise.client_ref + " has another id than was answered";
  using enum domain::dispatch_state;
  const bool told = by_post ? row.state == sent : row.state == delivered || row.state == collected;
  if (told) return {};
  return row.id.str() + " is " + std::string(boost::describe::enum_to_string(row.state, "")) +
         (by_post ? " with its sender, and was printed" : " with its sender, and was not printed") +
         (row.reason ? ": " + *row.reason : "");
}

complaint check_dispatch(const dispatch_promise& promise, const deliveries& made, const all_nodes& nodes) {
  const auto copies = made.copies.equal_range(promise.id->str());
  const auto letters = made.letters.equal_range(promise.id->str());
  const auto copy_count = std::distance(copies.first, copies.second);
  const auto letter_count = std::distance(letters.first, letters.second);
  const auto sum = copy_count + letter_count;
  if (sum > 1)
    return promise.id->str() + " was delivered " + std::to_string(copy_count) + " times and printed " +
           std::to_string(letter_count) + " times";
  if (sum == 1 && copy_count == 1)
    if (auto wrong = check_copy(promise, copies.first->second, nodes)) return wrong;
  if (sum == 1 && letter_count == 1)
    if (auto wrong = check_letter(promise, *letters.first->second)) return wrong;
  if (promise.forgotten) return {};
  if (sum == 0)
    return promise.id->str() + " (" + promise.client_ref + ") has not arrived; " +
           check_sender(promise, false, nodes).value_or("its sender believes that it has");
  return check_sender(promise, letter_count == 1, nodes);
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
  for (const auto& who : promised.parties)
    for (auto& document : inbox_of(*nodes.at(who.node), who))
      if (!document.attachment_of && document.dispatch_id) {
        const auto dispatch = document.dispatch_id->str();
        made.copies.emplace(dispatch, delivered_copy{&who, std::move(document)});
      }
  for (const auto& letter : promised.printed) made.letters.emplace(letter.dispatch, &letter);
  return made;
}

}  // namespace

std::optional<std::string> first_complaint(const ledger& promised, const all_nodes& nodes) {
  const auto made = find_deliveries(promised, nodes);
  std::size_t known = 0;
  for (const auto& promise : promised.dispatches) {
    if (!promise->id) {
      if (promise->abandoned) continue;
      return promise->client_ref + " was never answered";
    }
    if (auto wrong = check_dispatch(*promise, made, nodes)) return wrong;
    known += made.copies.count(promise->id->str()) + made.letters.count(promise->id->str());
  }
  for (const auto& promise : promised.uploads)
    if (!promise->forgotten)
      if (auto wrong = compare_content(*nodes.at(promise->owner->node), *promise->owner, promise->id, promise->bytes))
        return wrong;
  for (const auto& who : promised.parties)
    if (auto wrong = check_feed(*nodes.at(who.node), who)) return wrong;
  const bool given_up = std::ranges::any_of(promised.dispatches, [](const auto& one) { return one->abandoned; });
  if (!given_up && made.copies.size() + made.letters.size() != known) return "something arrived that nobody sent";
  return {};
}

}  // namespace elsec::simulation
