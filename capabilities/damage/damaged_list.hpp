#pragma once
// GET /operator/v1/damaged-rows: what could not be read and was taken out of its table, newest first. Identifiers only:
// the value is sealed and stays on the node.

#include "capabilities/lists.hpp"

namespace elsec::capabilities {

struct damaged_entry {
  domain::damage_id id;
  domain::time_point at{};
  std::string table;
  std::string key;  // as the log names it
  std::uint64_t bytes = 0;
};
BOOST_DESCRIBE_STRUCT(damaged_entry, (), (id, at, table, key, bytes))

struct damaged_list {
  using item = damaged_entry;
  using query = list_query;
  static constexpr auto& rows = tables::damaged;

  static domain::result<row_ranges> range(const facts&, const request&, const list_query&) { return row_ranges{}; }
  static bool keep(const facts&, const request&, const list_query&, const storage::damaged_row&) { return true; }
  static damaged_entry item_of(const request&, const storage::damaged_row& row) {
    const std::string key(row.key.begin(), row.key.end());
    return {
        .id = row.id, .at = row.at, .table = row.table, .key = storage::printable_key(key), .bytes = row.sealed.size()};
  }
};

}  // namespace elsec::capabilities
