#pragma once
// Deadlines: rows of tables::due that the janitor turns into commands when their time has come. The command ends its
// deadline, or sets a later one, in its own commit: until then the row stays and is tried again.

#include "decisions/services.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace elsec::decisions {

// The kind of deadline that a file has until it was looked at. Its object: document id.
inline constexpr std::string_view file_to_screen = "screening";

// Due from the moment it is set, whatever becomes of the clock.
inline constexpr domain::time_point right_away{};

struct deadline {
  std::string_view kind;  // of registry::deadline_kinds
  domain::time_point at{};
  domain::organisation_id organisation{};
  std::string object{};  // what the command needs to find what it is about
};

void set_deadline(storage::change_set& changes, const deadline& what);
// One that does not exist is no error.
void end_deadline(storage::change_set& changes, const deadline& what);

// The same work again, after a wait that is twice the last one. False, and nothing set, when it has waited for
// put_off_altogether already: then it has failed for good.
[[nodiscard]] bool put_off(storage::change_set& changes, domain::time_point at, const storage::deadline_row& row,
                           domain::time_point now);
// Likewise for what keeps its attempts elsewhere: the next wait of one that was put off so often already; none when it
// has failed for good.
[[nodiscard]] std::optional<std::chrono::seconds> next_wait(std::uint32_t attempts) noexcept;
// The wait before the next attempt of one that was put off so often.
[[nodiscard]] std::chrono::seconds wait_after(std::uint32_t attempts) noexcept;
// Of a kind whose deadlines are set for `right_away`, or put off: those lie no further ahead than their wait.
[[nodiscard]] std::chrono::milliseconds never_ahead(const policy& set) noexcept;
// Whether the row, whose time is `at`, lies further ahead than it can have been set for.
[[nodiscard]] bool is_misdated(domain::time_point at, const storage::deadline_row& row, domain::time_point now,
                               std::chrono::milliseconds ahead_max) noexcept;

// The key of its row: those of a kind sort by time.
[[nodiscard]] std::string key_of(const deadline& what);
// What the keys of a kind begin with.
[[nodiscard]] std::string deadline_prefix(std::string_view kind);
// The time in the key of a deadline of this kind.
[[nodiscard]] domain::time_point time_of_deadline(std::string_view key, std::string_view kind);
// The organisation's id in it.
[[nodiscard]] std::string organisation_of_deadline(std::string_view key, std::string_view kind);
// A deadline whose row cannot be read: the key says all but how often it was put off.
[[nodiscard]] storage::deadline_row deadline_in(std::string_view key, std::string_view kind);
// Beyond all those of the same kind, time and organisation as this key's.
[[nodiscard]] std::string beyond_organisation(std::string_view key, std::string_view kind);

}  // namespace elsec::decisions
