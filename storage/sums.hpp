#pragma once
// What shows that the rows are those last written. A row is sealed with its table and key, not with a moment: one that
// has come back from an older copy, with a page that a disk did not write, opens as well as the new one. So there is a
// sum over all rows that there should be (tables::meta, "sum"), changed in every commit with the rows, and compared
// with those that are there at each start: an older row, a missing or an additional one gives another sum.
//
// The sum is the XOR of a keyed hash of each row's table, key and stamp: the first bytes of the random nonce that the
// value was sealed with. The stamp stands at both ends of the stored value, so that one bit of it that tips over there
// makes a damaged row, which stops nothing, and not a row that nobody wrote.

#include "storage/database.hpp"

namespace elsec::storage {

// The row of tables::meta with the sum, which itself counts nowhere.
inline constexpr std::string_view sum_key = "sum";

// Adds a row of the table with that place in table_names to the sum, or takes it away.
void count_row(const database& in, crypto::digest& sum, std::size_t table, std::string_view key,
               std::string_view stamp);

// The stamp of a stored value; where its ends differ, the one that was not damaged, as far as one bit is.
[[nodiscard]] std::string stamp_of(const database& in, const lmdb::transaction& txn, std::size_t table,
                                   std::string_view key, std::string_view stored);

// What a store does with rows that are not those last written.
enum class found_rows : std::uint8_t { must_be_those_written, count_from_now_on };

// Makes the sum of the rows that are there the database's own, at its start. `integrity` when it is not the one last
// written; not with `count_from_now_on`, nor when the one last written cannot be read: that was damaged by itself.
[[nodiscard]] domain::result<void> take_sum(database& in, const lmdb::transaction& txn, found_rows what);

}  // namespace elsec::storage
