#include "storage/sums.hpp"

#include "codec/cbor.hpp"

namespace elsec::storage {
namespace {

using domain::error_code;
using domain::fail;

// A table's rows as they are.
domain::result<crypto::digest> sum_of_rows(const database& in, const lmdb::transaction& txn, std::size_t table) {
  crypto::digest sum{};
  auto at = lmdb::cursor::open(txn, in.handles[table]);
  auto found = at ? at->first() : std::unexpected(at.error());
  for (; found && *found; found = at->next())
    count_row(in, sum, table, at->key(), stamp_of(in, txn, table, at->key(), at->value()));
  if (!found) return std::unexpected(environment::explain_read(found.error(), table_names[table]));
  return sum;
}

// The sum that the last commit left; nothing where it cannot be read.
domain::result<std::optional<crypto::digest>> sum_written(const database& in, const lmdb::transaction& txn,
                                                          std::size_t table) {
  const auto& where = tables::sums;
  const auto plain = in.get(txn, where.name, where.owner, table_names[table]);
  if (!plain && plain.error().code == error_code::integrity) return std::optional<crypto::digest>{};
  if (!plain) return std::unexpected(plain.error());
  if (!*plain) return crypto::digest{};
  const auto row = codec::from_cbor<sum_row>(**plain);
  if (!row || row->sum.size() != crypto::digest{}.size()) return std::optional<crypto::digest>{};
  crypto::digest sum{};
  std::ranges::copy(row->sum, sum.begin());
  return sum;
}

domain::error not_those_written(const std::string& tables) {
  return {error_code::integrity,
          "the database is not as it was last written: rows of the tables " + tables +
              " are missing, or older ones have come back (a disk that has lost writes, or parts of an older copy). "
              "Put back a whole copy of the data folder; or, where there is none, start once with --accept-state: what "
              "is there counts from then on, and documents, receipts and letters may be missing or outdated",
          {}};
}

}  // namespace

void count_row(const database& in, crypto::digest& sum, std::size_t table, std::string_view key,
               std::string_view stamp) {
  if (table_names[table] == tables::sums.name) return;
  const auto row = in.keys.row_hash(table_names[table], key, stamp);
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] ^= row[i];
}

std::string stamp_of(const database& in, const lmdb::transaction& txn, std::size_t table, std::string_view key,
                     std::string_view stored) {
  const auto front = stored.substr(0, stamp_bytes);
  if (stored.size() < stamp_bytes) return std::string(front);
  const auto end = stored.substr(stored.size() - stamp_bytes);
  if (front == end) return std::string(front);
  const auto sealed = stored.substr(0, stored.size() - stamp_bytes);
  return std::string(in.opens(txn, table, key, sealed) ? front : end);
}

domain::result<void> take_sums(database& in, const lmdb::transaction& txn, found_rows what) {
  std::string unlike;
  for (std::size_t table = 0; table < table_names.size(); ++table) {
    const auto there = sum_of_rows(in, txn, table);
    if (!there) return std::unexpected(there.error());
    const auto written = sum_written(in, txn, table);
    if (!written) return std::unexpected(written.error());
    if (*written && **written != *there) unlike += (unlike.empty() ? "" : ", ") + std::string(table_names[table]);
    in.sums[table] = *there;
  }
  if (!unlike.empty() && what == found_rows::must_be_those_written) return std::unexpected(not_those_written(unlike));
  return {};
}

}  // namespace elsec::storage
