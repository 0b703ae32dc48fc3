// No space left is a refusal: nothing half is stored, everything stored stays readable, and when space comes back the
// same store goes on.

#include "storage/content_store.hpp"
#include "tests/storage/support.hpp"

#include <csignal>
#include <fstream>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace elsec::storage::testing {
namespace {

constexpr std::size_t row_bytes = 60'000;
constexpr std::uint64_t rows_max = 1'000;  // far more than any of these disks holds

change_set big_row(std::uint64_t number) {
  change_set changes;
  changes.insert(tables::received_dispatches, numbered_key(number), {std::string(row_bytes, 'x')});
  changes.publish(org(1), {});
  return changes;
}

// Bounds the size of every file this process writes, as a full disk does.
class file_size_limit {
 public:
  explicit file_size_limit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit smaller{bytes, before_.rlim_max};
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &smaller);
  }
  ~file_size_limit() { lift(); }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;
  void lift() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

// Fills the disk until a commit is refused, makes room, goes on. Empty when all is as it should be, else what is not.
template <class MakeRoom>
std::string fill_and_recover(const std::string& folder, MakeRoom&& make_room) {
  const auto opened = store::open({.folder = folder, .map_bytes = 1ULL << 30, .readers_max = 8}, master());
  if (!opened) return "does not open: " + opened.error().detail;
  auto& store = **opened;
  if (!commit_one(store, founding(org(1)))) return "no tenant";
  std::uint64_t stored = 0;
  domain::result<committed> last;
  while (stored < rows_max && (last = commit_one(store, big_row(stored + 1)))) ++stored;
  if (last) return "the disk never filled";
  if (last.error().code != error_code::storage_full) return "not storage_full: " + last.error().detail;
  if (stored == 0) return "nothing could be stored before";
  const auto again = commit_all(store, {big_row(stored + 1), big_row(stored + 2)});
  for (const auto& one : again)
    if (one || one.error().code != error_code::storage_full) return "a repeat was not refused as storage_full";
  const auto intact = [&](const storage::store& in, std::uint64_t count) {
    for (std::uint64_t i = 1; i <= count + 1; ++i) {
      const auto row = get(in, tables::received_dispatches, numbered_key(i));
      if (!row || row->has_value() != (i <= count)) return false;
      if (get(in, tables::feed, numbered_key(i)).value().has_value() != (i <= count)) return false;
    }
    return true;
  };
  if (!intact(store, stored)) return "rows are missing or half there after the refusal";
  make_room();
  for (int i = 0; i < 5; ++i)
    if (const auto more = commit_one(store, big_row(++stored)); !more) return "no recovery: " + more.error().detail;
  return intact(store, stored) ? "" : "rows are missing or half there after the recovery";
}

// A mount namespace of this process' own; as an ordinary user inside a user namespace.
bool own_mounts() {
  if (::geteuid() == 0) {
    if (::unshare(CLONE_NEWNS) != 0) return false;
  } else {
    const auto user = ::geteuid();
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
  }
  return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

// Runs in a child: 4 MiB of disk, of which 1 MiB can be given back. False when such a disk cannot be mounted here.
bool on_a_small_disk(const temp_folder& folder, std::string& verdict) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    const bool mounted = own_mounts() && ::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=4m,mode=0700") == 0;
    std::string said = "cannot mount";
    if (mounted) {
      std::ofstream(folder.in("ballast")) << std::string(1 << 20, 'b');
      said = fill_and_recover(folder.in("state"), [&] { std::filesystem::remove(folder.in("ballast")); });
    }
    said = (mounted ? "+" : "-") + said;
    ::_exit(::write(ends[1], said.data(), said.size()) > 0 ? 0 : 1);
  }
  ::close(ends[1]);
  char buffer[512];
  const auto length = ::read(ends[0], buffer, sizeof buffer);
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  if (length < 1) throw std::runtime_error("the child said nothing");
  verdict.assign(buffer + 1, static_cast<std::size_t>(length - 1));
  return buffer[0] == '+';
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_full_disk)

BOOST_AUTO_TEST_CASE(refuses_and_recovers_on_a_small_file_system) {
  const temp_folder folder;
  std::string verdict;
  if (!on_a_small_disk(folder, verdict)) {
    BOOST_TEST_MESSAGE("no file system can be mounted here: a file size limit takes its place");
    file_size_limit limit(3 << 20);
    verdict = fill_and_recover(folder.in("state"), [&] { limit.lift(); });
  }
  BOOST_TEST(verdict == "");
}

BOOST_AUTO_TEST_CASE(refuses_and_recovers_at_a_file_size_limit) {
  const temp_folder folder;
  file_size_limit limit((3 << 20) + 12'345);  // not at a page's end: the last write is a short one
  const auto verdict = fill_and_recover(folder.in("state"), [&] { limit.lift(); });
  limit.lift();
  BOOST_TEST(verdict == "");
}

BOOST_AUTO_TEST_CASE(or_a_full_map_refuses_the_one_too_large_and_lets_the_small_ones_pass) {
  const temp_folder folder;
  const auto store = store::open({.folder = folder.in("state"), .map_bytes = 1 << 20, .readers_max = 8}, master());
  BOOST_REQUIRE(store.has_value());
  must_commit(**store, founding(org(1)));
  const auto small = [](std::uint64_t number) {
    change_set changes;
    changes.put(tables::received_dispatches, numbered_key(number), {"small"});
    changes.publish(org(1), {});
    return changes;
  };
  change_set huge;
  huge.put(tables::received_dispatches, numbered_key(2), {std::string(2 << 20, 'x')});
  huge.publish(org(1), {});
  const auto results = commit_all(**store, {small(1), huge, small(3)});
  BOOST_TEST(results[0].has_value());
  BOOST_REQUIRE(!results[1].has_value());
  BOOST_TEST((results[1].error().code == error_code::storage_full));
  BOOST_TEST(results[2].has_value());
  BOOST_TEST(text_at(**store, numbered_key(1)) == "small");
  BOOST_TEST(text_at(**store, numbered_key(2)) == "nothing");
  BOOST_TEST(text_at(**store, numbered_key(3)) == "small");
  BOOST_TEST(results[2]->feeds.front().second == 2U);  // no gap where the huge one was
}

// The key made in the aborted transaction must not outlive it: the replay makes another one.
BOOST_AUTO_TEST_CASE(or_a_full_map_leaves_no_tenant_key_behind_that_is_not_on_disk) {
  const temp_folder folder;
  const store_options options{.folder = folder.in("state"), .map_bytes = 1 << 20, .readers_max = 8};
  {
    const auto store = store::open(options, master()).value();
    change_set first, huge;
    first.put(tables::received_dispatches, numbered_key(1), {"after its founding"});
    huge.put(tables::cards_by_version, "huge", {std::string(2 << 20, 'x')});
    const auto results = commit_all(*store, {founding(org(1)), first, huge});
    BOOST_TEST((results[0] && results[1] && !results[2]));
  }
  BOOST_TEST(text_at(*store::open(options, master()).value(), numbered_key(1)) == "after its founding");
}

BOOST_AUTO_TEST_CASE(refuses_content_and_takes_it_when_there_is_room) {
  const temp_folder folder;
  const auto store = content_store::open(folder.in("content"), 1ULL << 30);
  BOOST_REQUIRE(store.has_value());
  const crypto::content_id content{1};
  const std::vector<domain::bytes> chunks(8, domain::bytes(crypto::chunk_sealed_max, 'c'));
  file_size_limit limit(1 << 20);
  domain::result<void> last;
  const auto store_at = [&](std::uint32_t index) {
    const content_change change = store_chunks{content, index, chunks};
    const content_change* const one = &change;
    return (*store)->commit({&one, 1});
  };
  std::uint32_t stored = 0;
  while (stored < rows_max && (last = store_at(stored))) stored += 8;
  limit.lift();
  BOOST_REQUIRE(!last.has_value());
  BOOST_TEST((last.error().code == error_code::storage_full), last.error().detail);
  BOOST_TEST((*store)->stored_chunks(content).value() == stored);
  BOOST_TEST(store_at(stored).has_value());
  BOOST_TEST((*store)->stored_chunks(content).value() == stored + 8);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::storage::testing
