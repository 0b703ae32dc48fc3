#include "capabilities/directory/capability.hpp"

#include "capabilities/directory/examples.hpp"
#include "capabilities/groups.hpp"
#include "capabilities/lists.hpp"
#include "codec/cbor.hpp"
#include "decisions/card_index.hpp"
#include "domain/wire.hpp"

#include <algorithm>

namespace elsec::capabilities {

struct directory_parameters : domain::directory_query, list_query {};
BOOST_DESCRIBE_STRUCT(directory_parameters, (domain::directory_query, list_query), ())

namespace {

// Organisations with a word that begins like the longest of those asked for, newest first, each once.
domain::result<std::vector<domain::organisation_id>> found_by_word(const facts& given,
                                                                   const std::vector<std::string>& words) {
  const auto longest = std::ranges::max(words, {}, &std::string::size);
  auto ids = organisations_by_word(given.read, longest, rows_per_page_max);
  if (!ids) return ids;
  std::ranges::sort(*ids, std::greater{});
  const auto repeated = std::ranges::unique(*ids);
  ids->erase(repeated.begin(), repeated.end());
  return ids;
}

domain::result<shown> search_directory(const facts& given, const request& asked) {
  const auto query = asked.query_as<directory_parameters>();
  if (!query) return std::unexpected(query.error());
  const auto cursor = cursor_of(*query);
  if (auto ok = check_cursor(cursor); !ok) return std::unexpected(std::move(ok.error()));
  page_maker page(*query);
  const auto visit = [&](std::string_view id, const domain::card& card) {
    if (!page.goes_on()) return false;
    page.at(id);
    if (domain::matches(card, *query)) page.add(codec::to_json(card));
    return true;
  };
  if (!query->query) {
    auto walked = given.read.scan(tables::cards, {}, cursor, storage::direction::backward,
                                  [&](std::string_view key, domain::result<domain::card_row>&& row) {
                                    if (row) return visit(key, row->card);
                                    if (!page.goes_on()) return false;
                                    page.at(key);
                                    page.leave_out();
                                    return true;
                                  });
    if (!walked) return std::unexpected(std::move(walked.error()));
    return page.page();
  }
  const auto words = domain::words_of(query->query->str());
  if (words.empty()) return page.page();  // nobody, as domain::matches has it
  const auto ids = found_by_word(given, words);
  if (!ids) return std::unexpected(ids.error());
  for (const auto& id : *ids) {
    if (!cursor.empty() && id.str() >= cursor) continue;
    const auto cards = cards_by_id(given.read, id);
    if (!cards && !is_damage(cards.error())) return std::unexpected(cards.error());
    if (!cards) page.leave_out();
    if (cards && !cards->empty() && !visit(id.str(), cards->front())) break;
  }
  return page.page();
}

domain::node_keys keys_of(const known_node& node) {
  domain::node_keys entry{node.name, {}};
  for (const auto& key : node.receipt_keys)
    entry.keys.push_back({.id = crypto::key_id_of(key), .public_key = crypto::to_base64url(key)});
  return entry;
}

// What a peer does not hold yet of this node's cards, oldest first.
domain::result<domain::bytes> answer_cards(const services& with, const std::string&, const domain::bytes& question) {
  namespace wire = domain::wire;
  const auto wanted = codec::from_cbor<wire::cards_wanted>(question);
  const auto snapshot = with.store->read();
  if (!wanted || !snapshot) return domain::fail(domain::error_code::bad_request);
  auto batch = cards_after(*snapshot, with.node_name, wanted->after, cards_per_message);
  if (!batch) return std::unexpected(std::move(batch.error()));
  wire::cards cards{.jws = {}, .more = batch->more, .last = batch->last};
  for (auto& row : batch->cards) cards.jws.push_back(std::move(row.jws));
  return codec::to_cbor(cards);
}

// In the order of the node list; the cursor is a node's name.
domain::result<shown> list_nodes(const facts& given, const request& asked) {
  const auto query = asked.query_as<list_query>();
  if (!query) return std::unexpected(query.error());
  const auto cursor = cursor_of(*query);
  if (!cursor.empty() && given.with.find_node(cursor) == nullptr) return std::unexpected(wrong_cursor());
  page_maker page(*query);
  bool skip = !cursor.empty();
  for (const auto& node : given.with.nodes) {
    if (std::exchange(skip, skip && node.name != cursor)) continue;
    if (!page.goes_on()) break;
    page.at(node.name);
    page.add(codec::to_json(keys_of(node)));
  }
  return page.page();
}

}  // namespace

capability directory_capability() {
  return {.name = "directory",
          .routes = {{.method = "GET",
                      .path = "/api/v1/directory",
                      .id = "search_directory",
                      .summary = "Organisations of the whole network",
                      .group = groups::network,
                      .need = access::anyone,
                      .query = codec::type_of<directory_parameters>,
                      .answer = list_type_of<domain::card>,
                      .show = &search_directory},
                     {.method = "GET",
                      .path = "/api/v1/nodes",
                      .id = "list_nodes",
                      .summary = "The nodes' keys, for checking receipts",
                      .group = groups::network,
                      .query = codec::type_of<list_query>,
                      .answer = list_type_of<domain::node_keys>,
                      .show = &list_nodes}},
          .made_of = {.request_kinds = {{domain::wire::kind_cards_wanted, codec::type_of<domain::wire::cards_wanted>,
                                         &answer_cards}}}};
}

}  // namespace elsec::capabilities
