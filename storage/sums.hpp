#pragma once
// What shows that the rows are those last written. A row is sealed with its table and key, not with a moment: one that
// has come back from an older copy, with a page that a disk did not write, opens as well as the new one. So each table
// has a sum over the rows it should have (tables::sums), changed in every commit with the rows, and compared with those
// that are there at each start: an older row, a missing or an additional one gives another sum.
//
// A sum is the XOR of a keyed hash of each row's table, key and stamp: the first bytes of the random nonce that the row
// was sealed with. The stamp stands at both ends of the stored value, so that a bit that tips over there makes a
// damaged row, which stops nothing, and not a row that nobody wrote.

#include "storage/database.hpp"

namespace elsec::storage {

// Adds a row to the sum of the table with that place in table_names, or takes it away. A row of tables::sums counts
// nowhere.
void count_row(const database& in, crypto::digest& sum, std::size_t table, std::string_view key,
               std::string_view stamp);

// The stamp of a stored value; where its ends differ, the one that was not damaged, as far as one bit is.
[[nodiscard]] std::string stamp_of(const database& in, const lmdb::transaction& txn, std::size_t table,
                                   std::string_view key, std::string_view stored);

// What a store does with rows that are not those last written.
enum class found_rows : std::uint8_t { must_be_those_written, count_from_now_on };

// Reads the tables' sums into the database, at its start. `integrity` names the tables whose rows are not those last
// written; not with `count_from_now_on`, where the rows that are there make the sum. A sum that cannot be read is made
// anew, too: it was damaged by itself.
[[nodiscard]] domain::result<void> take_sums(database& in, const lmdb::transaction& txn, found_rows what);

}  // namespace elsec::storage
