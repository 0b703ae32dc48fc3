#pragma once
// RAII over LMDB's C interface: nothing else in the program includes <lmdb.h>. A transaction commits explicitly and
// aborts when it is destroyed; a view into the database never outlives its transaction.

#include <lmdb.h>

#include <expected>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace elsec::storage::lmdb {

// What LMDB returns: 0, one of its own (negative) codes, or an errno.
using code = int;

// The longest key LMDB takes in Debian's build (mdb_env_get_maxkeysize); empty keys are refused, too.
inline constexpr std::size_t key_bytes_max = 511;

[[nodiscard]] inline bool is_key(std::string_view text) noexcept {
  return !text.empty() && text.size() <= key_bytes_max;
}

// LMDB's values carry non-const pointers also where it only reads.
[[nodiscard]] inline MDB_val to_val(std::string_view text) noexcept {
  return {text.size(), const_cast<char*>(text.data())};
}
[[nodiscard]] inline std::string_view to_view(const MDB_val& val) noexcept {
  return {static_cast<const char*>(val.mv_data), val.mv_size};
}

class transaction {
 public:
  // `flags`: MDB_RDONLY, or 0 for the one write transaction, which waits until the one before has ended.
  [[nodiscard]] static std::expected<transaction, code> begin(MDB_env* env, unsigned flags) {
    MDB_txn* txn = nullptr;
    if (const code rc = mdb_txn_begin(env, nullptr, flags, &txn); rc != MDB_SUCCESS) return std::unexpected(rc);
    return transaction(txn);
  }

  [[nodiscard]] MDB_txn* raw() const noexcept { return txn_.get(); }

  [[nodiscard]] std::expected<std::optional<std::string_view>, code> get(MDB_dbi table, std::string_view key) const {
    if (!is_key(key)) return std::optional<std::string_view>{};
    auto wanted = to_val(key);
    MDB_val found{};
    const code rc = mdb_get(raw(), table, &wanted, &found);
    if (rc == MDB_NOTFOUND) return std::optional<std::string_view>{};
    if (rc != MDB_SUCCESS) return std::unexpected(rc);
    return std::optional(to_view(found));
  }

  [[nodiscard]] std::expected<std::size_t, code> rows_of(MDB_dbi table) const {
    MDB_stat stat{};
    if (const code rc = mdb_stat(raw(), table, &stat); rc != MDB_SUCCESS) return std::unexpected(rc);
    return stat.ms_entries;
  }

  [[nodiscard]] code put(MDB_dbi table, std::string_view key, std::string_view value) {
    auto where = to_val(key);
    auto what = to_val(value);
    return mdb_put(raw(), table, &where, &what, 0);
  }

  // Erasing what is not there is no error.
  [[nodiscard]] code erase(MDB_dbi table, std::string_view key) {
    auto where = to_val(key);
    const code rc = mdb_del(raw(), table, &where, nullptr);
    return rc == MDB_NOTFOUND ? MDB_SUCCESS : rc;
  }

  // Ends the transaction, whatever it returns. No cursor of it may be left.
  [[nodiscard]] code commit() { return mdb_txn_commit(txn_.release()); }

 private:
  struct abort {
    void operator()(MDB_txn* txn) const noexcept { mdb_txn_abort(txn); }
  };
  explicit transaction(MDB_txn* txn) : txn_(txn) {}
  std::unique_ptr<MDB_txn, abort> txn_;
};

// A position in one table. Must be destroyed before its transaction ends.
class cursor {
 public:
  [[nodiscard]] static std::expected<cursor, code> open(const transaction& txn, MDB_dbi table) {
    MDB_cursor* raw = nullptr;
    if (const code rc = mdb_cursor_open(txn.raw(), table, &raw); rc != MDB_SUCCESS) return std::unexpected(rc);
    return cursor(raw);
  }

  // False where there is nothing further.
  [[nodiscard]] std::expected<bool, code> first() { return move(MDB_FIRST); }
  [[nodiscard]] std::expected<bool, code> last() { return move(MDB_LAST); }
  [[nodiscard]] std::expected<bool, code> next() { return move(MDB_NEXT); }
  [[nodiscard]] std::expected<bool, code> previous() { return move(MDB_PREV); }

  // The first key that is not smaller than `key`.
  [[nodiscard]] std::expected<bool, code> at_least(std::string_view key) {
    if (key.empty()) return first();
    key_ = to_val(key);
    return move(MDB_SET_RANGE);
  }
  // The last key that is smaller than `key`.
  [[nodiscard]] std::expected<bool, code> below(std::string_view key) {
    const auto found = at_least(key);
    if (!found) return found;
    return *found ? previous() : last();
  }

  [[nodiscard]] std::string_view key() const noexcept { return to_view(key_); }
  [[nodiscard]] std::string_view value() const noexcept { return to_view(value_); }

 private:
  struct close {
    void operator()(MDB_cursor* raw) const noexcept { mdb_cursor_close(raw); }
  };
  explicit cursor(MDB_cursor* raw) : raw_(raw) {}

  std::expected<bool, code> move(MDB_cursor_op step) {
    const code rc = mdb_cursor_get(raw_.get(), &key_, &value_, step);
    if (rc == MDB_NOTFOUND) return false;
    if (rc != MDB_SUCCESS) return std::unexpected(rc);
    return true;
  }

  std::unique_ptr<MDB_cursor, close> raw_;
  MDB_val key_{};
  MDB_val value_{};
};

}  // namespace elsec::storage::lmdb
