#pragma once
// Numbers that follow from rows: how much an organisation has stored, which position was given out last, how many
// envelopes are set aside. Kept so that nobody has to count, and counted again when one cannot be read.

#include "storage/database.hpp"

namespace elsec::storage {

// A row of `counters` or `usage`, 0 where there is none. Errors are those of reading; `integrity` when what it would be
// counted from is damaged as well.
[[nodiscard]] domain::result<std::uint64_t> count_at(const database& in, const lmdb::transaction& txn,
                                                     const table<number>& where, std::string_view key);

// Bytes of all documents of the organisation. One that cannot be read counts nothing.
[[nodiscard]] domain::result<std::uint64_t> recount_usage(const database& in, const lmdb::transaction& txn,
                                                          std::string_view organisation);

}  // namespace elsec::storage
