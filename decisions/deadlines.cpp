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

void set_deadline(storage::change_set& changes, const deadline& what) {
  changes.put(tables::due, key_of(what), {std::string(what.kind), what.organisation, what.object});
}

void end_deadline(storage::change_set& changes, const deadline& what) { changes.erase(tables::due, key_of(what)); }

}  // namespace elsec::decisions
