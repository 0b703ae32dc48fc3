#pragma once
// The `state` environment: typed, sealed tables over LMDB. Synchronous; one thread commits, any thread reads.
//
// Every value is sealed with the table's name and the row's key as associated data: a flipped bit or a row in the wrong
// place is an `integrity` error that names table and key (identifiers only; keys that are not printable appear as hex).

#include "codec/cbor.hpp"
#include "crypto/seal.hpp"
#include "storage/change_set.hpp"
#include "storage/schema.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace elsec::storage {

struct store_options {
  std::string folder;                    // created when missing, mode 0700
  std::uint64_t map_bytes = 1ULL << 40;  // virtual size; the file stays as small as its data
  unsigned readers_max = 1'024;
  // Start even where rows are not those last written: what is there counts from now on (storage/sums.hpp).
  bool accept_rows = false;
};

enum class direction : std::uint8_t { forward, backward };

// 16 random bytes in hex.
[[nodiscard]] std::string new_epoch();

class store;

// A consistent view of all tables. Short-lived, used by one thread, never kept across a message. Must not outlive the
// store.
class snapshot {
 public:
  ~snapshot();
  snapshot(snapshot&&) noexcept;
  snapshot& operator=(snapshot&&) = delete;

  template <class Record>
  [[nodiscard]] domain::result<std::optional<Record>> get(const table<Record>& where, std::string_view key) const {
    auto plain = get_plain(where.name, where.owner, key);
    if (!plain) return std::unexpected(std::move(plain.error()));
    if (!*plain) return std::optional<Record>{};
    auto record = decode<Record>(where, key, **plain);
    if (!record) return std::unexpected(std::move(record.error()));
    return std::optional<Record>(std::move(*record));
  }

  [[nodiscard]] domain::result<bool> contains(std::string_view table_name, std::string_view key) const;
  [[nodiscard]] domain::result<std::uint64_t> rows_of(std::string_view table_name) const;

  // Visits rows whose key begins with `prefix`, beginning beyond `after` (a whole key; empty: from the start of the
  // direction) until the visitor returns false. A damaged row is handed over as its error (`integrity`): whether those
  // behind it are looked at is for the visitor to say.
  template <class Record, class Visit>  // Visit: bool(std::string_view key, domain::result<Record>&& record)
  [[nodiscard]] domain::result<void> scan(const table<Record>& where, std::string_view prefix, std::string_view after,
                                          direction way, Visit&& visit) const {
    return walk(where.name, where.owner, prefix, after, way,
                [&](std::string_view key, domain::result<domain::bytes>&& plain) {
                  auto record = plain ? decode<Record>(where, key, *plain)
                                      : domain::result<Record>(std::unexpected(std::move(plain.error())));
                  return static_cast<bool>(visit(key, std::move(record)));
                });
  }

  // A number of tables::counters or tables::usage; 0 where there is none. One that is damaged is counted again.
  [[nodiscard]] domain::result<std::uint64_t> count(const table<number>& where, std::string_view key) const;

  // Keys only: values are neither read nor opened. Visit: bool(std::string_view key)
  [[nodiscard]] domain::result<void> scan_keys(std::string_view table_name, std::string_view prefix,
                                               std::string_view after, direction way,
                                               const std::function<bool(std::string_view)>& visit) const;

 private:
  friend class store;
  struct state;
  explicit snapshot(std::unique_ptr<state> s);

  [[nodiscard]] domain::result<std::optional<domain::bytes>> get_plain(std::string_view table_name, sealed_by owner,
                                                                       std::string_view key) const;
  [[nodiscard]] domain::result<void> walk(
      std::string_view table_name, sealed_by owner, std::string_view prefix, std::string_view after, direction way,
      const std::function<bool(std::string_view, domain::result<domain::bytes>&&)>& visit) const;
  [[nodiscard]] domain::error damaged(std::string_view table_name, std::string_view key) const;

  template <class Record>
  [[nodiscard]] domain::result<Record> decode(const table<Record>& where, std::string_view key,
                                              std::span<const std::uint8_t> plain) const {
    auto record = codec::from_cbor<Record>(plain);
    if (!record) return std::unexpected(damaged(where.name, key));
    return record;
  }

  std::unique_ptr<state> state_;
};

class store {
 public:
  // Opens or creates the environment, migrates an older schema and renews indexes made with something else. `integrity`
  // when the master key does not fit, `invalid` when the schema is newer than this program, `io` otherwise. Frees
  // reader slots of dead processes. The same folder must not be opened twice at once by one process.
  [[nodiscard]] static domain::result<std::unique_ptr<store>> open(const store_options& options,
                                                                   const crypto::secret& master_key,
                                                                   const schema& shape = current_schema());
  ~store();
  store(const store&) = delete;
  store& operator=(const store&) = delete;

  // `overloaded` when `readers_max` snapshots exist already. Thread-safe.
  [[nodiscard]] domain::result<snapshot> read() const;

  // Commits all change sets in one transaction, synced once. One thread at a time. One result per change set, in order.
  // A change set that breaks a rule is refused alone: `on_conflict` of its insert, `conflict` for a tenant that exists,
  // `not_found` for one that does not, `invalid` for an unfit key. If LMDB refuses (`storage_full`: no space left,
  // `too_large`), the transaction is aborted and each change set is replayed alone, so that only the offender fails.
  // `io` means that a write or sync failed: nothing may be assumed, the process must stop.
  [[nodiscard]] std::vector<domain::result<committed>> commit(std::span<const change_set* const> batch);

  // Grows whenever a commit writes or erases the row, and now and then when it does so with another of the table (0 for
  // a name that is no table). For caches: what was read from a snapshot opened after asking holds as long as the number
  // stays, since it is raised before anyone learns of a commit. Thread-safe.
  [[nodiscard]] std::uint64_t changes_of(std::string_view table_name, std::string_view key) const noexcept;

  // How many reads have met a damaged value of a table since the start, for those that had any. Thread-safe.
  [[nodiscard]] std::vector<std::pair<std::string_view, std::uint64_t>> damage_met() const;

  // The tenant's sealing key; `not_found` for an unknown tenant. Thread-safe, cached within a bound.
  [[nodiscard]] domain::result<crypto::secret> tenant_key(const domain::organisation_id& organisation) const;
  // Keyed hash (hex) for index keys of personal data and request fingerprints.
  [[nodiscard]] std::string index_hash(std::string_view purpose, std::string_view value) const;
  // The first epoch of this node's outboxes, made with the environment.
  [[nodiscard]] const std::string& epoch() const noexcept;

  // Bytes still free on the file system.
  [[nodiscard]] domain::result<std::uint64_t> free_bytes() const;
  // Frees reader slots of dead processes; for a timer.
  void check_readers() const;

 private:
  struct state;
  explicit store(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

}  // namespace elsec::storage
