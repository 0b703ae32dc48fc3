#pragma once
// One write transaction taking several change sets. Each is prepared first, which only reads: a change set that breaks
// a rule is refused before it has written anything, and the others go on in the same transaction. Only what LMDB itself
// refuses (no space, too large) spoils the whole batch.

#include "storage/change_set.hpp"
#include "storage/database.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::storage {

class batch {
 public:
  [[nodiscard]] static domain::result<batch> begin(database& in);

  // A change set ready to be written: sealed rows in order, positions given.
  struct prepared {
    struct row {
      MDB_dbi table;
      std::string key;
      domain::bytes sealed;  // empty: the row is erased
    };
    std::vector<row> rows;
    std::map<std::string, crypto::secret, std::less<>> founded;
    committed given;
  };
  // Why it is refused: a key that exists, an unknown tenant, an unfit key, a damaged counter.
  [[nodiscard]] domain::result<prepared> prepare(const change_set& changes) const;
  // A failure here leaves nothing to do but drop the batch; explain it after that.
  [[nodiscard]] lmdb::code write(prepared what);
  // A row of `meta`, which change sets cannot write.
  [[nodiscard]] lmdb::code write_meta(std::string_view key, const std::string& value);
  // What all rows add up to with this transaction; a commit that changes any does it by itself.
  [[nodiscard]] lmdb::code write_sum();

  [[nodiscard]] const lmdb::transaction& txn() const noexcept { return txn_; }
  [[nodiscard]] domain::result<void> commit() &&;

 private:
  class preparation;
  batch(database& in, lmdb::transaction txn) : in_(&in), txn_(std::move(txn)), sum_(in.sum) {}

  // Writes or erases one row, and counts it.
  [[nodiscard]] lmdb::code write_row(MDB_dbi table, std::string_view key, std::string_view sealed);

  database* in_;
  lmdb::transaction txn_;
  std::map<std::string, crypto::secret, std::less<>> founded_;  // in this transaction; remembered once it is on disk
  std::vector<std::size_t> written_;                            // places in database::changes
  crypto::digest sum_;                                          // with what this transaction changes
};

}  // namespace elsec::storage
