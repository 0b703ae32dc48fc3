#pragma once
// A letter entering a state, and its dispatch with it, as changes.

#include "decisions/dispatch_changes.hpp"
#include "decisions/rows.hpp"

#include <string>

namespace elsec::capabilities {

// A letter, and the dispatch that it is the letter of.
struct letter_affair {
  domain::letter_row letter;
  decisions::affair about;
};
[[nodiscard]] domain::result<letter_affair> find_letter(const storage::snapshot& read,
                                                        const domain::organisation_id& of, const domain::letter_id& id);

// False, and nothing changed, when it is in this state already or further. `reason`: of `failed`.
bool enter(storage::change_set& changes, const decisions::facts& given, const domain::organisation_id& of,
           letter_affair what, domain::letter_state to, const std::string& reason = {});

}  // namespace elsec::capabilities
