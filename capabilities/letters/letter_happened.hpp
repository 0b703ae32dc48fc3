#pragma once
// A letter's happening, told by the postal office to the document that sent it. The letter row and the dispatch change
// in one commit.

#include "capabilities/route.hpp"
#include "decisions/dispatch_changes.hpp"
#include "decisions/rows.hpp"

#include <boost/describe/enum_to_string.hpp>

namespace elsec::capabilities {

struct letter_happened : command {
  explicit letter_happened(letter_report what) : told(std::move(what)) {}

  letter_report told;

  [[nodiscard]] subject whom() const override { return {told.organisation, told.document.str()}; }

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    auto about = find_affair(given.read, told.organisation, told.dispatch);
    if (!about) return std::unexpected(about.error());
    const auto key = storage::key_of(told.organisation, told.letter);
    auto before = find_row(given.read, tables::letters, key);
    if (!before) return std::unexpected(before.error());
    auto row = domain::advance(std::move(*before), told.state, given.now,
                               told.reason.empty() ? std::nullopt : std::optional(told.reason));
    if (!row) return ruling{};
    if (told.pages > 0) row->pages = told.pages;
    if (told.sheets > 0) row->sheets = told.sheets;

    storage::change_set changes;
    changes.put(tables::letters, key, *row);
    changes.publish(told.organisation, letter_event(*row, given.now));
    const bool over = told.state == domain::letter_state::sent || told.state == domain::letter_state::failed;
    if (over) changes.erase(tables::letters_due, told.letter.str());
    advance_dispatch(changes, given.with, *about);
    given.with.metrics->letter_entered(boost::describe::enum_to_string(told.state, ""));
    return ruling{.changes = std::move(changes)};
  }

  [[nodiscard]] static shared_command make(const letter_report& what) { return make_command<letter_happened>(what); }

 private:
  void advance_dispatch(storage::change_set& changes, const services& with, affair& about) const {
    using domain::letter_state;
    dispatch_changes dispatching(changes, with, told.organisation, about.document);
    if (told.state == letter_state::submitted) dispatching.happen(about.dispatch, domain::handed_to_carrier{});
    if (told.state == letter_state::sent) dispatching.happen(about.dispatch, domain::printed_and_sent{});
    if (told.state == letter_state::failed) dispatching.happen(about.dispatch, domain::gone_wrong{told.reason});
  }
};

}  // namespace elsec::capabilities
