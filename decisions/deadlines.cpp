#include "decisions/deadlines.hpp"

#include <algorithm>

namespace elsec::decisions {

namespace tables = storage::tables;

std::string key_of(const deadline& what) {
  const auto at = std::max<std::int64_t>(what.at.time_since_epoch().count(), 0);
  return storage::key_of(deadline_prefix(what.kind), storage::big_endian(static_cast<std::uint64_t>(at)),
                         what.organisation, what.object);
}

std::string deadline_prefix(std::string_view kind) { return storage::key_of(kind, '\0'); }

domain::time_point time_of_deadline(std::string_view key, std::string_view kind) {
  const auto at = storage::trailing_number(key.substr(0, kind.size() + 1 + storage::number_bytes));
  return domain::time_point(domain::time_point::duration(static_cast<std::int64_t>(at)));
}

std::string organisation_of_deadline(std::string_view key, std::string_view kind) {
  constexpr auto before = 1 + storage::number_bytes;
  return std::string(key.substr(std::min(key.size(), kind.size() + before), domain::organisation_id::length));
}

storage::deadline_row deadline_in(std::string_view key, std::string_view kind) {
  const auto of = organisation_of_deadline(key, kind);
  const auto before_object = kind.size() + 1 + storage::number_bytes + domain::organisation_id::length;
  return {.kind = std::string(kind),
          .organisation_id = domain::organisation_id::parse(of).value_or(domain::organisation_id{}),
          .object = std::string(key.substr(std::min(key.size(), before_object)))};
}

std::string beyond_organisation(std::string_view key, std::string_view kind) {
  constexpr auto upto_organisation = 1 + storage::number_bytes + domain::organisation_id::length;
  return std::string(key.substr(0, kind.size() + upto_organisation)) + '\xff';
}

void set_deadline(storage::change_set& changes, const deadline& what) {
  changes.put(tables::due, key_of(what), {std::string(what.kind), what.organisation, what.object, 0});
}

void end_deadline(storage::change_set& changes, const deadline& what) { changes.erase(tables::due, key_of(what)); }

std::chrono::seconds wait_after(std::uint32_t attempts) noexcept {
  std::chrono::seconds wait = put_off_first;
  for (std::uint32_t i = 0; i < attempts && wait < put_off_longest; ++i) wait *= 2;
  return std::min<std::chrono::seconds>(wait, put_off_longest);
}

std::optional<std::chrono::seconds> next_wait(std::uint32_t attempts) noexcept {
  std::chrono::seconds waited{0};
  for (std::uint32_t i = 0; i < attempts; ++i) waited += wait_after(i);
  if (waited >= put_off_altogether) return std::nullopt;
  return wait_after(attempts);
}

bool put_off(storage::change_set& changes, domain::time_point at, const storage::deadline_row& row,
             domain::time_point now) {
  const auto wait = next_wait(row.attempts);
  if (!wait) return false;
  end_deadline(changes, {row.kind, at, row.organisation_id, row.object});
  auto later = row;
  ++later.attempts;
  changes.put(tables::due, key_of({row.kind, now + *wait, row.organisation_id, row.object}), later);
  return true;
}

std::chrono::milliseconds never_ahead(const policy&) noexcept { return std::chrono::milliseconds{0}; }

bool is_misdated(domain::time_point at, const storage::deadline_row& row, domain::time_point now,
                 std::chrono::milliseconds ahead_max) noexcept {
  if (row.attempts == 0) return at > now + ahead_max;
  return at > now + wait_after(row.attempts - 1);
}

}  // namespace elsec::decisions
