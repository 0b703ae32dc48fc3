#include "app/cli/receipts.hpp"

#include "app/cli/limits.hpp"
#include "app/cli/text.hpp"
#include "codec/text.hpp"
#include "crypto/seal.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace elsec::cli {
namespace {

namespace json = boost::json;
using problems = std::vector<std::string>;

std::optional<json::value> parse(std::string_view text) {
  boost::system::error_code unreadable;
  json::parse_options options;
  options.max_depth = json_depth_max;
  auto value = json::parse(text, unreadable, {}, options);
  if (unreadable) return std::nullopt;
  return value;
}

std::optional<domain::time_point> time_of(const json::value& object, std::string_view name) {
  const auto time = codec::parse_time(text_of(object, name));
  return time ? std::optional(*time) : std::nullopt;
}

outcome<known_key> parse_key(const std::string& node, const json::value& what) {
  const auto wrong = [&](std::string_view why) {
    return fail(exit_code::local_file, fmt::format("A key of node {} cannot be used.", node), std::string(why));
  };
  known_key key{node, text_of(what, "id"), {}, {}, {}};
  const auto raw = crypto::from_base64url(text_of(what, "public_key"));
  if (!raw || raw->size() != key.key.size()) return wrong("public_key must be base64url of 32 bytes.");
  std::ranges::copy(*raw, key.key.begin());
  if (crypto::key_id_of(key.key) != key.id) return wrong("Its id is not made from it.");
  const auto from = time_of(what, "valid_from");
  if (!from) return wrong("valid_from is missing.");
  key.valid_from = *from;
  const auto* until = member_of(what, "valid_until");
  if (!until || until->is_null()) return key;
  key.valid_until = time_of(what, "valid_until");
  if (!key.valid_until) return wrong("valid_until is not a time.");
  return key;
}

// The members the checks need, empty where absent.
struct statement {
  std::string id, kind, node, at, document_id, dispatch_id, sha256, previous, jws;
};

statement read_statement(const json::value& what) {
  return {text_of(what, "id"),     text_of(what, "kind"),        text_of(what, "node"),
          text_of(what, "at"),     text_of(what, "document_id"), text_of(what, "dispatch_id"),
          text_of(what, "sha256"), text_of(what, "previous"),    text_of(what, "jws")};
}

// The node whose signature it is said to be, a time at which one of its keys was valid, and a signature by that key.
std::optional<std::string> verified_payload(std::string_view jws, const std::string& node,
                                            const std::optional<domain::time_point>& at,
                                            const std::vector<known_key>& keys, problems& found) {
  const auto key_id = crypto::jws_key_id(jws);
  if (!key_id) {
    found.emplace_back("its signature is not a JWS with EdDSA");
    return std::nullopt;
  }
  const auto key = std::ranges::find_if(keys, [&](const known_key& k) { return k.node == node && k.id == *key_id; });
  if (key == keys.end()) {
    const bool elsewhere = std::ranges::find(keys, *key_id, &known_key::id) != keys.end();
    found.push_back(elsewhere ? fmt::format("it is signed with a key that is not {}'s", node)
                              : fmt::format("the key {} of node {} is not among the keys given", *key_id, node));
    return std::nullopt;
  }
  if (!at || *at < key->valid_from || (key->valid_until && *at > *key->valid_until))
    found.emplace_back("its key was not valid at its time");
  auto payload = crypto::verify_jws(jws, key->key);
  if (!payload) {
    found.emplace_back("its signature is wrong");
    return std::nullopt;
  }
  return std::move(*payload);
}

void check_members(const json::value& receipt, const json::value& signed_part, problems& found) {
  const auto* told = receipt.if_object();
  const auto* true_ones = signed_part.if_object();
  if (!true_ones) {
    found.emplace_back("what is signed is not a receipt");
    return;
  }
  for (const auto& [name, value] : *told) {
    if (name == "jws") continue;
    const auto* signed_value = true_ones->if_contains(name);
    if (!signed_value || *signed_value != value)
      found.push_back(fmt::format("{} is not what was signed", std::string_view(name)));
  }
  for (const auto& member : *true_ones)
    if (member.key() == "jws" || !told->contains(member.key()))
      found.push_back(fmt::format("{} was signed and is missing", std::string_view(member.key())));
}

// Another node's own receipt, embedded as a compact JWS.
void check_embedded(const json::value& receipt, const statement& outer, const std::vector<known_key>& keys,
                    problems& found) {
  const auto* member = member_of(receipt, "statement");
  if (!member || member->is_null()) return;
  const auto jws = text_of(receipt, "statement");
  const auto wrong = [&](std::string_view why) { found.push_back(fmt::format("the embedded statement: {}", why)); };
  // Its payload names the node whose key must fit; nothing is believed before the signature was verified with that key.
  const auto first_dot = jws.find('.');
  const auto second_dot = jws.find('.', first_dot == std::string::npos ? first_dot : first_dot + 1);
  if (second_dot == std::string::npos) return wrong("it is not a JWS");
  const auto raw = crypto::from_base64url(std::string_view(jws).substr(first_dot + 1, second_dot - first_dot - 1));
  const auto claimed = raw ? parse({reinterpret_cast<const char*>(raw->data()), raw->size()}) : std::nullopt;
  if (!claimed || !claimed->is_object()) return wrong("it holds no receipt");
  problems inner;
  const auto payload = verified_payload(jws, text_of(*claimed, "node"), time_of(*claimed, "at"), keys, inner);
  for (const auto& problem : inner) wrong(problem);
  if (!payload) return;
  const auto said = read_statement(*claimed);
  if (said.kind.empty()) wrong("it names no kind");
  if (said.dispatch_id.empty() || said.dispatch_id != outer.dispatch_id) wrong("it is about another dispatch");
  if (said.sha256.empty() || said.sha256 != outer.sha256) wrong("it is about another content");
}

statement check_alone(const json::value& receipt, const std::vector<known_key>& keys, problems& found) {
  if (!receipt.is_object()) {
    found.emplace_back("it is not a receipt");
    return {};
  }
  auto what = read_statement(receipt);
  for (const auto& [name, value] : {std::pair{"id", &what.id},
                                    {"kind", &what.kind},
                                    {"node", &what.node},
                                    {"at", &what.at},
                                    {"document_id", &what.document_id},
                                    {"sha256", &what.sha256},
                                    {"jws", &what.jws}})
    if (value->empty()) found.push_back(fmt::format("{} is missing", name));
  for (const auto* name : {"dispatch_id", "previous", "statement"}) {
    const auto* member = member_of(receipt, name);
    if (member && !member->is_null() && !member->is_string()) found.push_back(fmt::format("{} is not a text", name));
  }
  if (!found.empty()) return what;
  const auto payload = verified_payload(what.jws, what.node, time_of(receipt, "at"), keys, found);
  if (!payload) return what;
  const auto signed_part = parse(*payload);
  if (!signed_part)
    found.emplace_back("what is signed is not JSON");
  else
    check_members(receipt, *signed_part, found);
  check_embedded(receipt, what, keys, found);
  return what;
}

// The links between the receipts of one file.
class chain_check {
 public:
  chain_check(const std::vector<statement>& what, std::vector<receipt_verdict>& verdicts)
      : what_(what), verdicts_(verdicts) {
    for (std::size_t i = 0; i < what_.size(); ++i) {
      if (what_[i].jws.empty()) continue;
      const auto [first, is_new] = by_hash_.emplace(crypto::to_hex(crypto::sha256(what_[i].jws)), i);
      if (!is_new) add(i, "it stands in the file twice");
    }
  }

  void run() {
    for (std::size_t i = 0; i < what_.size(); ++i) follow(i);
    for (std::size_t i = 0; i < what_.size(); ++i) check_order(i);
  }

 private:
  // A chain: the receipts of one dispatch of one document, or those of the document itself.
  using chain = std::pair<std::string, std::string>;
  static chain chain_of(const statement& s) { return {s.document_id, s.dispatch_id}; }

  void add(std::size_t i, std::string problem) { verdicts_[i].problems.push_back(std::move(problem)); }

  void follow(std::size_t i) {
    const auto& current = what_[i];
    const auto before = predecessor(i);
    if (!current.previous.empty() && !before)
      return add(i, "the receipt before it is missing or is another than the signed one");
    const bool starts = !before || chain_of(what_[*before]) != chain_of(current);
    const bool of_dispatch = !current.dispatch_id.empty();
    if (starts && of_dispatch && !started_.insert(chain_of(current)).second)
      add(i, "its dispatch has a second beginning");
    if (!before) return;
    const auto& earlier = what_[*before];
    const bool fits = earlier.document_id == current.document_id && earlier.sha256 == current.sha256 &&
                      (earlier.dispatch_id.empty() || earlier.dispatch_id == current.dispatch_id);
    if (!fits) add(i, "the receipt before it is about something else");
    // One document receipt may begin many dispatches; within a chain every receipt has one successor.
    if (!starts && !followed_.insert(*before).second) add(i, "two receipts follow the same one");
  }

  // All predecessors stand before, or all behind.
  void check_order(std::size_t i) {
    const auto before = predecessor(i);
    if (!before || *before == i) return;
    const bool oldest_first = *before < i;
    if (!oldest_first_) oldest_first_ = oldest_first;
    if (*oldest_first_ != oldest_first) add(i, "the file is not in the order of the chain");
  }

  [[nodiscard]] std::optional<std::size_t> predecessor(std::size_t i) const {
    const auto found = by_hash_.find(what_[i].previous);
    return found == by_hash_.end() ? std::nullopt : std::optional(found->second);
  }

  const std::vector<statement>& what_;
  std::vector<receipt_verdict>& verdicts_;
  std::map<std::string, std::size_t> by_hash_;
  std::set<chain> started_;
  std::set<std::size_t> followed_;
  std::optional<bool> oldest_first_;
};

}  // namespace

outcome<std::vector<known_key>> parse_keys(std::string_view text) {
  const auto value = parse(text);
  if (!value || !member_of(*value, "items"))
    return fail(exit_code::local_file, "The keys file is not what `elsec nodes -o FILE` saves.");
  std::vector<known_key> keys;
  for (const auto& node : array_of(*value, "items")) {
    const auto name = text_of(node, "name");
    if (name.empty()) return fail(exit_code::local_file, "A node in the keys file has no name.");
    for (const auto& key : array_of(node, "keys")) {
      auto parsed = parse_key(name, key);
      if (!parsed) return std::unexpected(std::move(parsed.error()));
      keys.push_back(std::move(*parsed));
    }
  }
  return keys;
}

outcome<receipts_file> parse_receipts(std::string_view text) {
  const auto value = parse(text);
  if (!value || (!value->is_object() && !value->is_array()))
    return fail(exit_code::local_file, "The receipts file is not JSON with receipts.");
  receipts_file file;
  if (const auto* list = value->if_array()) {
    file.receipts.assign(list->begin(), list->end());
  } else if (const auto* items = member_of(*value, "items")) {
    if (!items->is_array()) return fail(exit_code::local_file, "`items` in the receipts file is not a list.");
    file.receipts.assign(items->get_array().begin(), items->get_array().end());
  } else {
    file.receipts.push_back(*value);
    file.single = true;
  }
  return file;
}

bool receipts_verdict::holds() const {
  return !receipts.empty() && std::ranges::all_of(receipts, [](const auto& r) { return r.problems.empty(); });
}

receipts_verdict verify_receipts(const receipts_file& file, const std::vector<known_key>& keys) {
  receipts_verdict verdict;
  std::vector<statement> statements;
  for (const auto& receipt : file.receipts) {
    auto& one = verdict.receipts.emplace_back();
    const auto what = check_alone(receipt, keys, one.problems);
    one.id = what.id;
    one.kind = what.kind;
    one.node = what.node;
    one.at = what.at;
    one.dispatch_id = what.dispatch_id;
    statements.push_back(what);
  }
  if (!file.single) chain_check(statements, verdict.receipts).run();
  return verdict;
}

}  // namespace elsec::cli
