#pragma once
// Deadlines: rows of tables::due that the janitor turns into commands when their time has come. The command ends its
// deadline, or sets a later one, in its own commit: until then the row stays and is tried again.

#include "decisions/services.hpp"

#include <string>
#include <string_view>

namespace elsec::decisions {

struct deadline {
  std::string_view kind;  // of registry::deadline_kinds
  domain::time_point at{};
  domain::organisation_id organisation{};
  std::string object{};  // what the command needs to find what it is about
};

void set_deadline(storage::change_set& changes, const deadline& what);
// One that does not exist is no error.
void end_deadline(storage::change_set& changes, const deadline& what);

// The key of its row: those of a kind sort by time.
[[nodiscard]] std::string key_of(const deadline& what);
// What the keys of a kind begin with.
[[nodiscard]] std::string deadline_prefix(std::string_view kind);
// The time in the key of a deadline of this kind.
[[nodiscard]] domain::time_point time_of_deadline(std::string_view key, std::string_view kind);

}  // namespace elsec::decisions
