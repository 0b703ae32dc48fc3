#pragma once
// What the tests of this room share: a folder of their own, keys and identifiers, and LMDB behind the store's back.

#include "crypto/random.hpp"
#include "storage/lmdb.hpp"
#include "storage/store.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace elsec::storage::testing {

using domain::error_code;

// A folder that is gone when the test ends.
class temp_folder {
 public:
  temp_folder() : temp_folder(std::filesystem::temp_directory_path()) {}
  explicit temp_folder(const std::filesystem::path& parent) {
    std::string path = (parent / "elsec-storage-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = path;
  }
  ~temp_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temp_folder(const temp_folder&) = delete;
  temp_folder& operator=(const temp_folder&) = delete;

  // Where syncs cost nothing, for tests that open and close hundreds of times and are not about the disk.
  [[nodiscard]] static std::filesystem::path in_memory() {
    const std::filesystem::path shared = "/dev/shm";
    return std::filesystem::is_directory(shared) ? shared : std::filesystem::temp_directory_path();
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string in(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline crypto::secret key_of_byte(std::uint8_t fill) {
  if (!crypto::start()) throw std::runtime_error("libsodium does not start");
  return crypto::secret::from(std::vector<std::uint8_t>(crypto::secret::size, fill)).value();
}

inline crypto::secret master() { return key_of_byte(7); }

template <class Id>
Id id(std::uint8_t which) {
  domain::ulid_entropy entropy{};
  entropy.back() = which;
  return Id::make(domain::time_point(std::chrono::milliseconds(1'700'000'000'000)), entropy);
}

inline domain::organisation_id org(std::uint8_t which) { return id<domain::organisation_id>(which); }

inline store_options options_in(const temp_folder& folder) {
  return {.folder = folder.in("state"), .map_bytes = 1ULL << 30, .readers_max = 64};
}

inline std::unique_ptr<store> open_store(const temp_folder& folder) {
  auto opened = store::open(options_in(folder), master());
  if (!opened) throw std::runtime_error("the store does not open: " + opened.error().detail);
  return std::move(*opened);
}

// Whatever a test has put there behind the store's back.
inline std::unique_ptr<store> open_as_it_is(const temp_folder& folder) {
  auto options = options_in(folder);
  options.accept_rows = true;
  auto opened = store::open(options, master());
  if (!opened) throw std::runtime_error("the store does not open: " + opened.error().detail);
  return std::move(*opened);
}

inline domain::result<committed> commit_one(store& into, const change_set& changes) {
  const change_set* const one = &changes;
  return into.commit({&one, 1}).front();
}

inline std::vector<domain::result<committed>> commit_all(store& into, const std::vector<change_set>& sets) {
  std::vector<const change_set*> batch;
  for (const auto& set : sets) batch.push_back(&set);
  return into.commit(batch);
}

inline void must_commit(store& into, const change_set& changes) {
  if (const auto done = commit_one(into, changes); !done) throw std::runtime_error(done.error().detail);
}

inline change_set founding(const domain::organisation_id& organisation) {
  change_set changes;
  changes.found(organisation);
  return changes;
}

// A store with organisations 1 and 2.
inline std::unique_ptr<store> open_with_tenants(const temp_folder& folder) {
  auto opened = open_store(folder);
  must_commit(*opened, founding(org(1)));
  must_commit(*opened, founding(org(2)));
  return opened;
}

template <class Record>
domain::result<std::optional<Record>> get(const store& from, const table<Record>& where, std::string_view key) {
  auto view = from.read();
  if (!view) return std::unexpected(view.error());
  return view->get(where, key);
}

inline std::string text_at(const store& from, std::string_view key) {
  const auto row = get(from, tables::received_dispatches, key);
  if (!row) return "error: " + row.error().detail;
  return *row ? (**row).value : "nothing";
}

// Changes stored values behind the store's back; the store must be closed meanwhile.
class raw_environment {
 public:
  explicit raw_environment(const std::string& folder) {
    must(mdb_env_create(&env_));
    must(mdb_env_set_maxdbs(env_, 64));
    must(mdb_env_set_mapsize(env_, 1ULL << 30));
    must(mdb_env_open(env_, folder.c_str(), MDB_NOTLS, 0600));
  }
  ~raw_environment() { mdb_env_close(env_); }
  raw_environment(const raw_environment&) = delete;
  raw_environment& operator=(const raw_environment&) = delete;

  [[nodiscard]] std::string get(std::string_view table_name, std::string_view key) const {
    auto txn = lmdb::transaction::begin(env_, MDB_RDONLY).value();
    return std::string(txn.get(handle(txn, table_name), key).value().value());
  }
  void put(std::string_view table_name, std::string_view key, std::string_view value) {
    auto txn = lmdb::transaction::begin(env_, 0).value();
    must(txn.put(handle(txn, table_name), key, value));
    must(txn.commit());
  }
  void erase(std::string_view table_name, std::string_view key) {
    auto txn = lmdb::transaction::begin(env_, 0).value();
    must(txn.erase(handle(txn, table_name), key));
    must(txn.commit());
  }
  [[nodiscard]] std::vector<std::string> keys(std::string_view table_name) const {
    auto txn = lmdb::transaction::begin(env_, MDB_RDONLY).value();
    auto at = lmdb::cursor::open(txn, handle(txn, table_name)).value();
    std::vector<std::string> all;
    for (auto more = at.first(); more.value(); more = at.next()) all.emplace_back(at.key());
    return all;
  }
  [[nodiscard]] MDB_stat stat(std::string_view table_name) const {
    auto txn = lmdb::transaction::begin(env_, MDB_RDONLY).value();
    MDB_stat found{};
    must(mdb_stat(txn.raw(), handle(txn, table_name), &found));
    return found;
  }

 private:
  static void must(lmdb::code rc) {
    if (rc != MDB_SUCCESS) throw std::runtime_error(mdb_strerror(rc));
  }
  static MDB_dbi handle(const lmdb::transaction& txn, std::string_view table_name) {
    MDB_dbi opened = 0;
    must(mdb_dbi_open(txn.raw(), std::string(table_name).c_str(), 0, &opened));
    return opened;
  }
  MDB_env* env_ = nullptr;
};

// As a store keeps it: its first bytes stand at the end once more.
inline std::string as_stored(const domain::bytes& sealed) {
  std::string stored(sealed.begin(), sealed.end());
  return stored + stored.substr(0, 8);
}

// The key of a row of the first tenant.
inline std::string numbered_key(std::uint64_t number) { return key_of(org(1), big_endian(number)); }

}  // namespace elsec::storage::testing
