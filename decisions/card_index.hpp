#pragma once
// Organisation cards on disk: finding them, and storing a newer one with its index entries.

#include "decisions/services.hpp"

#include <set>
#include <string>
#include <string_view>

namespace elsec::decisions {

// What cards are found by, as it stands in the keys of tables::cards_by_term. Postal codes and words are found by their
// beginnings, too.
namespace terms {
[[nodiscard]] std::string word(std::string folded);  // of domain::words_of; a very long one only by its beginning
[[nodiscard]] std::string postal_code(std::string_view code);
[[nodiscard]] std::string sector(domain::sector which);
[[nodiscard]] std::string can_receive(bool it_can);
[[nodiscard]] std::string ik(const domain::ik_number& number);
}  // namespace terms
[[nodiscard]] std::set<std::string> terms_of(const domain::card& card);

// At most one.
[[nodiscard]] domain::result<domain::found_cards> cards_by_id(const storage::snapshot& snapshot,
                                                              const domain::organisation_id& id);
// Only organisations that hold a capability answer to an IK.
[[nodiscard]] domain::result<domain::found_cards> capable_cards_by_ik(const storage::snapshot& snapshot,
                                                                      const domain::ik_number& ik);

// The version of the newest card of a home node; 0 without any.
[[nodiscard]] domain::result<std::uint64_t> newest_card_version(const storage::snapshot& snapshot,
                                                                const std::string& node);
// At most so many of a home node's cards, oldest first.
struct card_batch {
  std::vector<domain::card_row> cards;
  std::uint64_t last = 0;  // the version looked at last, also of one that is damaged; the next batch begins behind it
  bool more = false;
};
// Those with versions above `after`, and none above `up_to`.
[[nodiscard]] domain::result<card_batch> cards_after(const storage::snapshot& snapshot, const std::string& node,
                                                     std::uint64_t after, std::size_t count,
                                                     std::uint64_t up_to = UINT64_MAX);

// Replaces what is held of this organisation; a card that is not newer changes nothing. `integrity` when the
// organisation is known to belong to another node.
[[nodiscard]] domain::result<void> store_card(storage::change_set& changes, const storage::snapshot& snapshot,
                                              const domain::card_row& row);

// What the index of terms holds too much and too little of, seen from the cards: for an index that was made with other
// rules or other Unicode data. Reads every card; errors are those of damaged rows.
[[nodiscard]] domain::result<storage::change_set> remade_term_index(const storage::snapshot& snapshot);

// The schema to open a node's `state` with: its index of terms is made anew where words fold otherwise than when it was
// made (another ICU, or other rules of ours).
[[nodiscard]] storage::schema state_schema();

}  // namespace elsec::decisions
