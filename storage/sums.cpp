#include "storage/sums.hpp"

#include "codec/cbor.hpp"

namespace elsec::storage {
namespace {

using domain::error_code;
using domain::fail;

domain::result<void> count_rows(const database& in, const lmdb::transaction& txn, std::size_t table,
                                crypto::digest& sum) {
  auto at = lmdb::cursor::open(txn, in.handles[table]);
  auto found = at ? at->first() : std::unexpected(at.error());
  for (; found && *found; found = at->next())
    count_row(in, sum, table, at->key(), stamp_of(in, txn, table, at->key(), at->value()));
  if (!found) return std::unexpected(environment::explain_read(found.error(), table_names[table]));
  return {};
}

// What the last commit left, in hex; nothing where it cannot be read.
domain::result<std::optional<std::string>> sum_written(const database& in, const lmdb::transaction& txn) {
  const auto& meta = tables::meta;
  const auto plain = in.get(txn, meta.name, meta.owner, sum_key);
  if (!plain && plain.error().code == error_code::integrity) return std::optional<std::string>{};
  if (!plain) return std::unexpected(plain.error());
  if (!*plain) return "";
  auto row = codec::from_cbor<text_value>(**plain);
  if (!row) return std::optional<std::string>{};
  return std::move(row->value);
}

}  // namespace

void count_row(const database& in, crypto::digest& sum, std::size_t table, std::string_view key,
               std::string_view stamp) {
  if (table_names[table] == tables::meta.name && key == sum_key) return;
  const auto row = in.keys.row_hash(table_names[table], key, stamp);
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] ^= row[i];
}

std::string stamp_of(const database& in, const lmdb::transaction& txn, std::size_t table, std::string_view key,
                     std::string_view stored) {
  const auto front = stored.substr(0, stamp_bytes);
  if (stored.size() < stamp_bytes) return std::string(front);
  const auto end = stored.substr(stored.size() - stamp_bytes);
  if (front == end) return std::string(front);
  return std::string(in.opens(txn, table, key, stored.substr(0, stored.size() - stamp_bytes)) ? front : end);
}

domain::result<void> take_sum(database& in, const lmdb::transaction& txn, found_rows what) {
  crypto::digest there{};
  for (std::size_t table = 0; table < table_names.size(); ++table)
    if (auto counted = count_rows(in, txn, table, there); !counted) return counted;
  const auto written = sum_written(in, txn);
  if (!written) return std::unexpected(written.error());
  if (what == found_rows::must_be_those_written && *written && **written != crypto::to_hex(there))
    return fail(error_code::integrity,
                "the database is not as it was last written: rows are missing, or older ones have come back (a disk "
                "that has lost writes, or parts of an older copy). Put back a whole copy of the data folder; or, where "
                "there is none, start once with --accept-state: what is there counts from then on, and documents, "
                "receipts and letters may be missing or outdated");
  in.sum = there;
  return {};
}

}  // namespace elsec::storage
