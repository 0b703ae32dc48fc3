#pragma once
// What snapshots and batches share: the environment, the tables' handles, the keys, and how a value is sealed.

#include "crypto/seal.hpp"
#include "storage/environment.hpp"
#include "storage/keyring.hpp"
#include "storage/tables.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace elsec::storage {

// "organisation id" in front of every key of a tenant's table.
inline constexpr std::size_t tenant_prefix_bytes = domain::organisation_id::length;

// A stored value: what crypto::seal() made, then its first bytes once more (storage/sums.hpp).
inline constexpr std::size_t stamp_bytes = 8;
static_assert(stamp_bytes <= crypto::nonce_size);

class database {
 public:
  database(std::unique_ptr<environment> opened, const crypto::secret& master_key)
      : env(std::move(opened)), keys(master_key) {}

  std::unique_ptr<environment> env;
  keyring keys;
  std::array<MDB_dbi, table_names.size()> handles{};  // in the order of table_names
  // Raised by every write of a row, each for many rows of one table; after the commit, before anyone is answered.
  static constexpr std::size_t rows_counted_apart = 256;
  std::array<std::atomic<std::uint64_t>, table_names.size() * rows_counted_apart> changes{};
  [[nodiscard]] static std::size_t change_of(std::size_t table, std::string_view key) noexcept {
    return table * rows_counted_apart + std::hash<std::string_view>{}(key) % rows_counted_apart;
  }

  // What all rows add up to after the last commit; for the one thread that commits.
  crypto::digest sum{};

  // How many reads have met a damaged value of each table.
  mutable std::array<std::atomic<std::uint64_t>, table_names.size()> damage_met{};

  // `internal` for a name that is no table.
  [[nodiscard]] domain::result<MDB_dbi> handle(std::string_view table_name) const;
  // The place in table_names of a table whose handle it is.
  [[nodiscard]] std::size_t place_of(MDB_dbi handle) const noexcept;

  // The value of a row, or nothing where there is no such row.
  [[nodiscard]] domain::result<std::optional<domain::bytes>> get(const lmdb::transaction& txn,
                                                                 std::string_view table_name, sealed_by owner,
                                                                 std::string_view key) const;
  // Whether a sealed value opens, without its stamp at the end.
  [[nodiscard]] bool opens(const lmdb::transaction& txn, std::size_t table, std::string_view key,
                           std::string_view sealed) const;
  // Opens a stored value; `integrity` names table and key.
  [[nodiscard]] domain::result<domain::bytes> open_value(const lmdb::transaction& txn, std::string_view table_name,
                                                         sealed_by owner, std::string_view key,
                                                         std::string_view stored) const;
  // A tenant's key; `not_found` for an unknown tenant. What is found is remembered: `txn` must not see uncommitted
  // keys.
  [[nodiscard]] domain::result<crypto::secret> tenant_key(const lmdb::transaction& txn,
                                                          std::string_view organisation) const;

  [[nodiscard]] static domain::bytes seal(const crypto::secret& key, std::string_view table_name,
                                          std::string_view row_key, std::span<const std::uint8_t> plain);
  // The error of a value that cannot be read; counted for its table.
  [[nodiscard]] domain::error damaged(std::string_view table_name, std::string_view key) const;

 private:
  [[nodiscard]] domain::result<domain::bytes> unseal(const lmdb::transaction& txn, std::string_view table_name,
                                                     sealed_by owner, std::string_view key,
                                                     std::string_view sealed) const;
};

}  // namespace elsec::storage
