#pragma once
// The carrier's report of a letter, told by the postal office to the document that sent it.

#include "capabilities/letters/letter_changes.hpp"
#include "capabilities/route.hpp"

namespace elsec::capabilities {

struct letter_happened : command {
  explicit letter_happened(letter_report what) : told(std::move(what)) {}

  letter_report told;

  [[nodiscard]] subject whom() const override { return {told.organisation, told.document.str()}; }

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    auto found = find_letter(given.read, told.organisation, told.letter);
    if (!found) return std::unexpected(found.error());
    storage::change_set changes;
    if (!enter(changes, given, told.organisation, std::move(*found), told.state)) return ruling{};
    return ruling{.changes = std::move(changes)};
  }

  [[nodiscard]] static shared_command make(const letter_report& what) { return make_command<letter_happened>(what); }
};

}  // namespace elsec::capabilities
