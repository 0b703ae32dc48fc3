#include "capabilities/directory/capability.hpp"

#include "capabilities/directory/examples.hpp"
#include "capabilities/groups.hpp"
#include "capabilities/lists.hpp"
#include "codec/cbor.hpp"
#include "decisions/card_search.hpp"
#include "domain/wire.hpp"

#include <algorithm>
#include <utility>

namespace elsec::capabilities {

struct directory_parameters : domain::directory_query, list_query {};
BOOST_DESCRIBE_STRUCT(directory_parameters, (domain::directory_query, list_query), ())

namespace {

// All organisations, newest first.
domain::result<void> list_everybody(const facts& given, const std::string& cursor, page_maker& page) {
  if (auto ok = check_cursor(cursor); !ok) return ok;
  return given.read.scan(tables::cards, {}, cursor, storage::direction::backward,
                         [&](std::string_view key, domain::result<domain::card_row>&& row) {
                           if (!page.goes_on()) return false;
                           page.at(key);
                           if (row)
                             page.add(codec::to_json(row->card));
                           else
                             page.leave_out();
                           return true;
                         });
}

// The card of an organisation that the index names, if it is what is wanted.
domain::result<void> add_if_wanted(const facts& given, const domain::directory_query& query,
                                   const wanted_term& followed, const term_walk::entry& found, page_maker& page) {
  const auto id = domain::organisation_id::parse(found.organisation_id);
  const auto cards = cards_by_id(given.read, id.value_or(domain::organisation_id{}));
  if (!cards && !is_damage(cards.error())) return std::unexpected(cards.error());
  if (!cards)
    page.leave_out();
  else if (!cards->empty() && domain::matches(cards->front(), query) &&
           is_found_at(cards->front(), followed, found.term))
    page.add(codec::to_json(cards->front()));
  return {};
}

// Where a page begins. Its cursor says which of the terms the walk follows, and the key it has come to.
struct walk_start {
  wanted_term followed;
  std::string after{};
};
domain::result<walk_start> start_of(const storage::snapshot& read, const std::vector<wanted_term>& wanted,
                                    const std::string& cursor) {
  if (cursor.empty()) {
    auto rarest = rarest_of(wanted, read);
    if (!rarest) return std::unexpected(std::move(rarest.error()));
    return walk_start{std::move(*rarest)};
  }
  const auto at = key_at(cursor);
  if (!at) return std::unexpected(at.error());
  const auto end = std::min(at->find('\0'), at->size());
  const auto followed = std::ranges::find(wanted, at->substr(0, end), &wanted_term::text);
  auto after = at->substr(std::min(end + 1, at->size()));
  if (followed == wanted.end() || !after.starts_with(followed->text)) return std::unexpected(wrong_cursor());
  return walk_start{*followed, std::move(after)};
}

domain::result<void> list_those_with(const std::vector<wanted_term>& wanted, const facts& given,
                                     const domain::directory_query& query, const std::string& cursor,
                                     page_maker& page) {
  auto from = start_of(given.read, wanted, cursor);
  if (!from) return std::unexpected(std::move(from.error()));
  const auto followed = from->followed;
  term_walk walk(given.read, followed, from->after);
  while (page.looks_on()) {
    const auto found = walk.next();
    if (!found) return std::unexpected(found.error());
    if (*found == nullptr) break;
    const auto has_all = has_whole_terms(given.read, (*found)->organisation_id, wanted);
    if (!has_all) return std::unexpected(has_all.error());
    if (*has_all && !page.goes_on()) break;
    page.at(cursor_at(storage::key_of(followed.text, '\0', (*found)->key)));
    if (!*has_all) continue;
    if (auto ok = add_if_wanted(given, query, followed, **found, page); !ok) return ok;
  }
  return {};
}

domain::result<shown> search_directory(const facts& given, const request& asked) {
  const auto query = asked.query_as<directory_parameters>();
  if (!query) return std::unexpected(query.error());
  page_maker page(*query);
  // Whoever searches for something without a word in it finds nobody, as domain::matches has it.
  if (query->query && domain::words_of(query->query->str()).empty()) return page.page();
  const auto wanted = wanted_terms(*query);
  auto listed = wanted.empty() ? list_everybody(given, cursor_of(*query), page)
                               : list_those_with(wanted, given, *query, cursor_of(*query), page);
  if (!listed) return std::unexpected(std::move(listed.error()));
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
