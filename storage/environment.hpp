#pragma once
// One LMDB environment in a folder of its own, opened with default durability: an acknowledged commit is on disk.
// Both stores of this room sit on it; it knows what LMDB's codes mean for the program.

#include "domain/error.hpp"
#include "storage/lmdb.hpp"
#include "storage/pages.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace elsec::storage {

struct environment_options {
  std::string folder;  // created when missing, mode 0700; its parent must exist
  std::uint64_t map_bytes = 0;
  unsigned readers_max = 0;
  unsigned tables_max = 0;
  large_values large = large_values::looked_at;
};

class environment {
 public:
  // Looks through the pages of an existing one (`integrity`: it is damaged, and stays as it is). Creates or opens it,
  // makes its folder entries durable, frees reader slots of dead processes.
  [[nodiscard]] static domain::result<std::unique_ptr<environment>> open(const environment_options& options);
  ~environment();
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;

  // `overloaded` when every reader slot is taken.
  [[nodiscard]] domain::result<lmdb::transaction> begin_read() const;
  [[nodiscard]] domain::result<lmdb::transaction> begin_write();
  // Opens all tables, creating those that are missing; handles in the order of the names.
  [[nodiscard]] static domain::result<std::vector<MDB_dbi>> open_tables(const lmdb::transaction& txn,
                                                                        std::span<const std::string_view> names);
  [[nodiscard]] domain::result<void> commit(lmdb::transaction txn);

  // What a code means that a write or a commit returned. `storage_full`: nothing changed and the environment goes on.
  // `too_large`: more than one transaction holds. `io`: nothing may be assumed.
  [[nodiscard]] domain::error explain_write(lmdb::code rc) const;
  // What a code means that a read returned: `integrity` when the structure is damaged, `io` otherwise.
  [[nodiscard]] static domain::error explain_read(lmdb::code rc, std::string_view table);

  [[nodiscard]] domain::result<std::uint64_t> free_bytes() const;
  // Of one page of its file.
  [[nodiscard]] std::size_t page_bytes() const noexcept;
  void check_readers() const;

 private:
  struct close {
    void operator()(MDB_env* env) const noexcept { mdb_env_close(env); }
  };
  environment() = default;
  [[nodiscard]] bool is_full() const;
  [[nodiscard]] bool is_sound() const;

  std::string folder_;
  std::unique_ptr<MDB_env, close> env_;
  int witness_ = -1;  // a second descriptor of the data file; see is_sound()
};

}  // namespace elsec::storage
