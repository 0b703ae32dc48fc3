#include "decisions/card_index.hpp"

#include "domain/folding.hpp"

#include <boost/describe/enum_to_string.hpp>

#include <algorithm>

namespace elsec::decisions {

namespace tables = storage::tables;
using storage::direction;

namespace terms {
namespace {

constexpr std::size_t word_bytes_max = 64;  // keeps keys well below LMDB's limit

}  // namespace

std::string word(std::string folded) {
  folded.resize(std::min(folded.size(), word_bytes_max));
  return 'w' + std::move(folded);
}
std::string postal_code(std::string_view code) { return 'p' + std::string(code); }
std::string sector(domain::sector which) { return 's' + std::string(boost::describe::enum_to_string(which, "")); }
std::string can_receive(bool it_can) { return it_can ? "r1" : "r0"; }
std::string ik(const domain::ik_number& number) { return 'i' + number.str(); }

}  // namespace terms

namespace {

std::string version_prefix(const std::string& node) { return node + '\0'; }

std::string key_of_term(const std::string& term, const domain::organisation_id& id) {
  return storage::key_of(term, '\0', id);
}

void erase_entries(storage::change_set& changes, const domain::card_row& old) {
  changes.erase(tables::cards_by_version,
                storage::key_of(version_prefix(old.card.node), storage::big_endian(old.version)));
}

// Those that both have stay as they are.
void change_terms(storage::change_set& changes, const std::optional<domain::card_row>& old, const domain::card& card) {
  const auto before = old ? terms_of(old->card) : std::set<std::string>{};
  const auto after = terms_of(card);
  for (const auto& term : before)
    if (!after.contains(term)) changes.erase(tables::cards_by_term, key_of_term(term, card.id));
  for (const auto& term : after)
    if (!before.contains(term)) changes.put(tables::cards_by_term, key_of_term(term, card.id), {});
}

// A card that cannot be read is none: it keeps nobody from the others.
domain::result<std::optional<domain::card_row>> readable(domain::result<std::optional<domain::card_row>> row) {
  if (row || row.error().code != domain::error_code::integrity) return row;
  return std::optional<domain::card_row>{};
}

domain::organisation_id trailing_organisation(std::string_view key) {
  const auto text = key.substr(key.size() - std::min(key.size(), domain::organisation_id::length));
  return domain::organisation_id::parse(text).value_or(domain::organisation_id{});
}

}  // namespace

std::set<std::string> terms_of(const domain::card& card) {
  std::set<std::string> all{terms::postal_code(card.address.postal_code.str()), terms::sector(card.sector),
                            terms::can_receive(card.can_receive)};
  if (card.ik) all.insert(terms::ik(*card.ik));
  for (auto& word : domain::words_of(card.name + " " + card.address.city.str()))
    all.insert(terms::word(std::move(word)));
  return all;
}

domain::result<domain::found_cards> cards_by_id(const storage::snapshot& snapshot, const domain::organisation_id& id) {
  auto row = snapshot.get(tables::cards, id.str());
  if (!row) return std::unexpected(row.error());
  if (!*row) return domain::found_cards{};
  return domain::found_cards{std::move((*row)->card)};
}

domain::result<domain::found_cards> capable_cards_by_ik(const storage::snapshot& snapshot,
                                                        const domain::ik_number& ik) {
  std::vector<domain::organisation_id> ids;
  auto walked = snapshot.scan_keys(tables::cards_by_term.name, terms::ik(ik) + '\0', {}, direction::forward,
                                   [&](std::string_view key) {
                                     ids.push_back(trailing_organisation(key));
                                     return true;
                                   });
  if (!walked) return std::unexpected(walked.error());
  domain::found_cards cards;
  for (const auto& id : ids) {
    auto found = cards_by_id(snapshot, id);
    if (!found) return std::unexpected(found.error());
    if (!found->empty() && found->front().verified) cards.push_back(std::move(found->front()));
  }
  return cards;
}

domain::result<std::uint64_t> newest_card_version(const storage::snapshot& snapshot, const std::string& node) {
  std::uint64_t version = 0;
  auto walked = snapshot.scan_keys(tables::cards_by_version.name, version_prefix(node), {}, direction::backward,
                                   [&](std::string_view key) {
                                     version = storage::trailing_number(key);
                                     return false;
                                   });
  if (!walked) return std::unexpected(walked.error());
  return version;
}

domain::result<card_batch> cards_after(const storage::snapshot& snapshot, const std::string& node, std::uint64_t after,
                                       std::size_t count, std::uint64_t up_to) {
  card_batch batch{.cards = {}, .last = after};
  std::vector<std::string> organisations;
  std::size_t looked_at = 0;
  const auto prefix = version_prefix(node);
  auto walked =
      snapshot.scan(tables::cards_by_version, prefix, storage::key_of(prefix, storage::big_endian(after)),
                    direction::forward, [&](std::string_view key, domain::result<storage::text_value>&& entry) {
                      const auto version = storage::trailing_number(key);
                      if (version > up_to) return false;
                      batch.more = looked_at++ == count;
                      if (batch.more) return false;
                      batch.last = version;
                      if (entry) organisations.push_back(std::move(entry->value));
                      return true;
                    });
  if (!walked) return std::unexpected(walked.error());
  for (const auto& organisation : organisations) {
    auto row = readable(snapshot.get(tables::cards, organisation));
    if (!row) return std::unexpected(row.error());
    if (*row && (*row)->version <= up_to) batch.cards.push_back(std::move(**row));
  }
  return batch;
}

domain::result<void> store_card(storage::change_set& changes, const storage::snapshot& snapshot,
                                const domain::card_row& row) {
  const auto& card = row.card;
  const auto old = snapshot.get(tables::cards, card.id.str());
  if (!old) return std::unexpected(old.error());
  // An organisation belongs to one node for good: no other node may speak for it, whatever version it claims.
  if (*old && (*old)->card.node != card.node)
    return domain::fail(domain::error_code::integrity, "the organisation belongs to another node");
  if (*old && (*old)->version >= row.version) return {};
  if (*old) erase_entries(changes, **old);
  changes.put(tables::cards, card.id.str(), row);
  changes.put(tables::cards_by_version, storage::key_of(version_prefix(card.node), storage::big_endian(row.version)),
              {card.id.str()});
  change_terms(changes, *old, card);
  return {};
}

domain::result<storage::change_set> remade_term_index(const storage::snapshot& snapshot) {
  std::set<std::string, std::less<>> missing;
  auto walked = snapshot.scan(tables::cards, {}, {}, direction::forward,
                              [&](std::string_view, domain::result<domain::card_row>&& row) {
                                if (!row) return true;  // damaged: it is not found by its terms
                                for (const auto& term : terms_of(row->card))
                                  missing.insert(key_of_term(term, row->card.id));
                                return true;
                              });
  if (!walked) return std::unexpected(walked.error());
  storage::change_set changes;
  walked = snapshot.scan_keys(tables::cards_by_term.name, {}, {}, direction::forward, [&](std::string_view key) {
    if (const auto known = missing.find(key); known != missing.end())
      missing.erase(known);
    else
      changes.erase(tables::cards_by_term, std::string(key));
    return true;
  });
  if (!walked) return std::unexpected(walked.error());
  for (const auto& key : missing) changes.put(tables::cards_by_term, key, {});
  return changes;
}

storage::schema state_schema() {
  auto made = storage::current_schema();
  // The number is raised when a card's terms are chosen otherwise.
  made.indexes = storage::schema::index_origin{"terms 1, " + domain::folding_origin(), &remade_term_index};
  return made;
}

}  // namespace elsec::decisions
