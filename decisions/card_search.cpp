#include "decisions/card_search.hpp"

#include "decisions/limits.hpp"

#include <algorithm>

namespace elsec::decisions {

namespace tables = storage::tables;
using storage::direction;

namespace {

// Read ahead of a walk: most pages need no more.
constexpr std::size_t entries_ahead_max = 64;

std::string beginning_of_keys(const wanted_term& what) { return what.whole ? what.text + '\0' : what.text; }

domain::result<std::size_t> count_up_to(const storage::snapshot& read, const std::string& prefix, std::size_t most) {
  std::size_t count = 0;
  auto walked = read.scan_keys(tables::cards_by_term.name, prefix, {}, direction::forward,
                               [&](std::string_view) { return ++count < most; });
  if (!walked) return std::unexpected(std::move(walked.error()));
  return count;
}

}  // namespace

std::vector<wanted_term> wanted_terms(const domain::directory_query& query) {
  std::vector<wanted_term> wanted;
  if (query.ik) wanted.push_back({terms::ik(*query.ik)});
  if (query.query) {
    auto words = domain::words_of(query.query->str());
    std::ranges::sort(words, std::greater{}, &std::string::size);
    // Whoever has a word that begins with "klinikum" has one that begins with "klinik".
    for (const auto& word : words)
      if (std::ranges::none_of(
              wanted, [&](const wanted_term& other) { return !other.whole && other.text.substr(1).starts_with(word); }))
        wanted.push_back({terms::word(word), false});
  }
  if (query.postal_code) wanted.push_back({terms::postal_code(query.postal_code->str()), false});
  if (query.sector) wanted.push_back({terms::sector(*query.sector)});
  if (query.can_receive) wanted.push_back({terms::can_receive(*query.can_receive)});
  return wanted;
}

domain::result<wanted_term> rarest_of(const std::vector<wanted_term>& wanted, const storage::snapshot& read) {
  auto rarest = wanted.begin();
  auto fewest = term_count_max + 1;
  for (auto each = wanted.begin(); each != wanted.end() && each - wanted.begin() < terms_counted_max; ++each) {
    const auto count = count_up_to(read, beginning_of_keys(*each), std::min(fewest, term_count_max));
    if (!count) return std::unexpected(count.error());
    if (*count >= fewest) continue;
    fewest = *count;
    rarest = each;
  }
  return *rarest;
}

term_walk::term_walk(const storage::snapshot& read, wanted_term what, std::string_view after)
    : read_(read), begin_(beginning_of_keys(what)), after_(after) {
  const auto end = after.find('\0');
  if (end != std::string_view::npos) term_ = after.substr(0, end + 1);
}

domain::result<bool> term_walk::next_term() {
  std::string next;
  // Behind every key of the term: no identifier begins with this byte.
  const auto behind = term_.empty() ? std::string{} : term_ + '\xFF';
  auto walked =
      read_.scan_keys(tables::cards_by_term.name, begin_, behind, direction::forward, [&](std::string_view key) {
        next = key.substr(0, key.find('\0') + 1);
        return false;
      });
  if (!walked) return std::unexpected(std::move(walked.error()));
  term_ = next;
  after_.clear();
  return !next.empty();
}

domain::result<void> term_walk::read_on() {
  auto walked =
      read_.scan_keys(tables::cards_by_term.name, term_, after_, direction::backward, [&](std::string_view key) {
        ahead_.emplace_back(key);
        return ahead_.size() < entries_ahead_max;
      });
  if (!ahead_.empty()) after_ = ahead_.back();
  std::ranges::reverse(ahead_);
  return walked;
}

domain::result<const term_walk::entry*> term_walk::next() {
  if (ahead_.empty() && !term_.empty())
    if (auto ok = read_on(); !ok) return std::unexpected(std::move(ok.error()));
  while (ahead_.empty()) {
    const auto more = next_term();
    if (!more) return std::unexpected(more.error());
    if (!*more) return nullptr;
    if (auto ok = read_on(); !ok) return std::unexpected(std::move(ok.error()));
  }
  current_.key = std::move(ahead_.back());
  ahead_.pop_back();
  const std::string_view key = current_.key;
  current_.term = key.substr(0, term_.size() - 1);
  current_.organisation_id = key.substr(term_.size());
  return &current_;
}

domain::result<bool> has_whole_terms(const storage::snapshot& read, std::string_view organisation_id,
                                     const std::vector<wanted_term>& wanted) {
  for (const auto& each : wanted) {
    if (!each.whole) continue;
    const auto has =
        read.contains(tables::cards_by_term.name, storage::key_of(each.text, '\0', std::string(organisation_id)));
    if (!has || !*has) return has;
  }
  return true;
}

bool is_found_at(const domain::card& card, const wanted_term& followed, std::string_view term) {
  if (followed.whole) return true;
  const auto all = terms_of(card);
  const auto first = all.lower_bound(followed.text);
  return first != all.end() && *first == term;
}

}  // namespace elsec::decisions
