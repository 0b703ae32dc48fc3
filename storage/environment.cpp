#include "storage/environment.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace elsec::storage {
namespace {

using domain::error_code;
using domain::fail;

constexpr mode_t folder_mode = 0700;
constexpr mode_t file_mode = 0600;

// A short write with less room than this was short for want of room: twice what one group of change sets writes.
constexpr std::uint64_t full_below_bytes = 16ULL << 20;

constexpr const char* damaged_file =
    ". The file is damaged, or parts of an older copy of it have come back; put back a whole copy of the data folder "
    "(docs/reliability.md says what to do where there is none)";

std::string reason(lmdb::code rc) { return mdb_strerror(rc); }

domain::result<void> sync_folder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  const int why = errno;
  if (fd >= 0) ::close(fd);
  if (!synced) return fail(error_code::io, "a database folder cannot be synced: " + reason(why));
  return {};
}

domain::result<void> make_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), folder_mode) != 0 && errno != EEXIST)
    return fail(error_code::io, "the database folder cannot be created: " + reason(errno));
  return sync_folder(folder + "/..");
}

domain::result<std::uint64_t> room_in(const std::string& folder) {
  struct statvfs info{};
  if (::statvfs(folder.c_str(), &info) != 0)
    return fail(error_code::io, "the free space of a database cannot be read: " + reason(errno));
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

// Room up to the process' file size limit, which ends a file as a full disk does.
std::uint64_t room_below_limit(int data_file) {
  rlimit limit{};
  struct stat info{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || ::fstat(data_file, &info) != 0) return UINT64_MAX;
  const auto size = static_cast<std::uint64_t>(info.st_size);
  return limit.rlim_cur > size ? limit.rlim_cur - size : 0;
}

bool may_mean_full(lmdb::code rc) { return rc == ENOSPC || rc == EDQUOT || rc == EFBIG || rc == EIO; }

}  // namespace

domain::result<std::unique_ptr<environment>> environment::open(const environment_options& options) {
  if (auto made = make_folder(options.folder); !made) return std::unexpected(std::move(made.error()));
  if (auto sound = check_pages(options.folder + "/data.mdb", options.large); !sound)
    return fail(sound.error().code, options.folder + "/data.mdb: " + sound.error().detail + damaged_file);
  std::unique_ptr<environment> opened(new environment);
  opened->folder_ = options.folder;
  MDB_env* raw = nullptr;
  lmdb::code rc = mdb_env_create(&raw);
  opened->env_.reset(raw);
  if (rc == MDB_SUCCESS) rc = mdb_env_set_mapsize(raw, options.map_bytes);
  if (rc == MDB_SUCCESS) rc = mdb_env_set_maxreaders(raw, options.readers_max);
  if (rc == MDB_SUCCESS) rc = mdb_env_set_maxdbs(raw, options.tables_max);
  // A reader slot belongs to its snapshot, not to a thread: a thread may hold several, and pools share threads.
  if (rc == MDB_SUCCESS) rc = mdb_env_open(raw, options.folder.c_str(), MDB_NOTLS, file_mode);
  if (rc != MDB_SUCCESS) return fail(error_code::io, "the database cannot be opened: " + reason(rc));
  opened->witness_ = ::open((options.folder + "/data.mdb").c_str(), O_RDONLY | O_CLOEXEC);
  if (opened->witness_ < 0) return fail(error_code::io, "the data file cannot be opened: " + reason(errno));
  if (auto synced = sync_folder(options.folder); !synced) return std::unexpected(std::move(synced.error()));
  opened->check_readers();
  return opened;
}

environment::~environment() {
  if (witness_ >= 0) ::close(witness_);
}

domain::result<lmdb::transaction> environment::begin_read() const {
  auto txn = lmdb::transaction::begin(env_.get(), MDB_RDONLY);
  if (txn) return std::move(*txn);
  if (txn.error() == MDB_READERS_FULL) return fail(error_code::overloaded, "too many reads at once; repeat later");
  return fail(error_code::io, "a read cannot begin: " + reason(txn.error()));
}

domain::result<lmdb::transaction> environment::begin_write() {
  auto txn = lmdb::transaction::begin(env_.get(), 0);
  if (!txn) return fail(error_code::io, "a transaction cannot begin: " + reason(txn.error()));
  return std::move(*txn);
}

domain::result<std::vector<MDB_dbi>> environment::open_tables(const lmdb::transaction& txn,
                                                              std::span<const std::string_view> names) {
  std::vector<MDB_dbi> handles;
  handles.reserve(names.size());
  for (const auto name : names) {
    MDB_dbi handle = 0;
    const lmdb::code rc = mdb_dbi_open(txn.raw(), std::string(name).c_str(), MDB_CREATE, &handle);
    if (rc != MDB_SUCCESS)
      return fail(error_code::io, "table " + std::string(name) + " cannot be opened: " + reason(rc));
    handles.push_back(handle);
  }
  return handles;
}

domain::result<void> environment::commit(lmdb::transaction txn) {
  if (const lmdb::code rc = txn.commit(); rc != MDB_SUCCESS) return std::unexpected(explain_write(rc));
  return {};
}

// LMDB 0.9.24 reports a disk that fills up in the middle of a write as EIO ("short write"), like a broken disk, and
// hands on whatever errno the final sync had. Only a full disk may be taken as a refusal.
domain::error environment::explain_write(lmdb::code rc) const {
  if (rc == MDB_MAP_FULL) return {error_code::storage_full, "the database has reached its largest size", {}};
  if (rc == MDB_TXN_FULL) return {error_code::too_large, "the change is too large for one transaction", {}};
  if (may_mean_full(rc) && (rc != EIO || is_full()) && is_sound())
    return {error_code::storage_full, "no space is left for the database; free some, then repeat", {}};
  return {error_code::io, "a write to the database failed: " + reason(rc), {}};
}

domain::error environment::explain_read(lmdb::code rc, std::string_view table) {
  const std::string where = "table " + std::string(table);
  if (rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND || rc == MDB_CURSOR_FULL)
    return {error_code::integrity, where + ": its structure is damaged", {}};
  return {error_code::io, where + " cannot be read: " + reason(rc), {}};
}

bool environment::is_full() const {
  const auto room = room_in(folder_);
  return room && std::min(*room, room_below_limit(witness_)) < full_below_bytes;
}

// Whether a failed commit left everything as it was. Linux reports a lost write once to every descriptor that was open
// at the time: had the sync inside the commit failed, this one would fail, too. And LMDB refuses every transaction
// after its meta page could not be written.
bool environment::is_sound() const {
  if (::fdatasync(witness_) != 0) return false;
  const auto probe = lmdb::transaction::begin(env_.get(), MDB_RDONLY);
  return probe.has_value() || probe.error() == MDB_READERS_FULL;
}

domain::result<std::uint64_t> environment::free_bytes() const { return room_in(folder_); }

std::size_t environment::page_bytes() const noexcept {
  MDB_stat stat{};
  return mdb_env_stat(env_.get(), &stat) == MDB_SUCCESS ? stat.ms_psize : 0;
}

void environment::check_readers() const {
  int freed = 0;
  // Slots that cannot be checked now are checked the next time.
  static_cast<void>(mdb_reader_check(env_.get(), &freed));
}

}  // namespace elsec::storage
