#pragma once
// Searching the directory: cards are walked in the order of one index, that of the rarest of what is asked for, and
// what else is asked for is looked up for each in the same index before its row is opened.

#include "decisions/card_index.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::decisions {

// Something a card must have: a term, or one that begins so.
struct wanted_term {
  std::string text;
  bool whole = true;
};
// Empty when nothing is asked for.
[[nodiscard]] std::vector<wanted_term> wanted_terms(const domain::directory_query& query);

// The one with the fewest entries, as far as that is told by counting a few. `wanted` must not be empty.
[[nodiscard]] domain::result<wanted_term> rarest_of(const std::vector<wanted_term>& wanted,
                                                    const storage::snapshot& read);

// The entries of tables::cards_by_term for a term, or for all terms that begin so: term by term in their order, so that
// whole words come before longer ones, and in each the newest organisation first.
class term_walk {
 public:
  // `after`: the key to begin beyond; empty: at the beginning.
  term_walk(const storage::snapshot& read, wanted_term what, std::string_view after);

  struct entry {
    std::string key;
    std::string_view term;             // of the key
    std::string_view organisation_id;  // likewise
  };
  // Nothing after the last one. What it gave stays until it is asked again.
  [[nodiscard]] domain::result<const entry*> next();

 private:
  [[nodiscard]] domain::result<void> read_on();
  [[nodiscard]] domain::result<bool> next_term();

  const storage::snapshot& read_;
  std::string begin_;  // of all keys of the walk
  std::string term_;   // with the 0 behind it; empty: before the first
  std::string after_;
  std::vector<std::string> ahead_;  // the next one at the back
  entry current_;
};

// Whether an organisation has all terms of which that can be told without its card.
[[nodiscard]] domain::result<bool> has_whole_terms(const storage::snapshot& read, std::string_view organisation_id,
                                                   const std::vector<wanted_term>& wanted);

// A card with several terms that begin as asked for is found at the first of them.
[[nodiscard]] bool is_found_at(const domain::card& card, const wanted_term& followed, std::string_view term);

}  // namespace elsec::decisions
