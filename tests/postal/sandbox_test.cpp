// The sandbox a job runs in: what is not allowed ends it.

#include "postal/sandbox.hpp"

#include "tests/postal/support.hpp"

#include <csignal>
#include <fcntl.h>
#include <functional>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace elsec::postal::testing {
namespace {

constexpr int fine = 0;
constexpr int refused = 7;  // the process went on, without what it wanted

// The wait status of a process that does this in the sandbox.
int status_of(const std::function<int()>& act) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(enter_sandbox() ? act() : 99);
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

bool killed(const std::function<int()>& act) {
  const int status = status_of(act);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

bool ends_with(int code, const std::function<int()>& act) {
  const int status = status_of(act);
  return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sandbox)

BOOST_AUTO_TEST_CASE(computing_and_memory_are_allowed) {
  BOOST_TEST(ends_with(fine, [] {
    const std::vector<char> large(std::size_t{64} << 20U, 'x');
    return large.back() == 'x' ? fine : refused;
  }));
}

BOOST_AUTO_TEST_CASE(opening_a_file_is_death) {
  BOOST_TEST(killed([] { return ::open("/etc/passwd", O_RDONLY); }));
  BOOST_TEST(killed([] { return ::open("/tmp/elsec-sandbox", O_WRONLY | O_CREAT, 0600); }));
}

BOOST_AUTO_TEST_CASE(network_is_death) {
  BOOST_TEST(killed([] { return ::socket(AF_INET, SOCK_STREAM, 0); }));
  BOOST_TEST(killed([] { return ::socket(AF_UNIX, SOCK_STREAM, 0); }));
}

BOOST_AUTO_TEST_CASE(starting_or_signalling_processes_is_death) {
  BOOST_TEST(killed([] { return static_cast<int>(::fork()); }));
  BOOST_TEST(killed([] { return ::execl("/bin/true", "true", nullptr); }));
  BOOST_TEST(killed([] { return ::kill(::getppid(), SIGTERM); }));
  BOOST_TEST(killed([] { return static_cast<int>(::syscall(SYS_ptrace, 16, 1, 0, 0)); }));
}

BOOST_AUTO_TEST_CASE(executable_memory_is_death) {
  BOOST_TEST(killed([] {
    return ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? 1 : 0;
  }));
}

BOOST_AUTO_TEST_CASE(looking_at_the_file_system_is_refused) {
  BOOST_TEST(ends_with(refused, [] {
    struct stat about{};
    return ::syscall(SYS_newfstatat, AT_FDCWD, "/etc/passwd", &about, 0) == 0 ? fine : refused;
  }));
}

BOOST_AUTO_TEST_CASE(threads_that_were_there_before_are_in_it_too) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::atomic<bool> closed = false;
    std::thread other([&] {
      while (!closed) std::this_thread::yield();
      (void)::open("/etc/passwd", O_RDONLY);
      ::_exit(fine);
    });
    if (!enter_sandbox()) ::_exit(99);
    closed = true;
    other.join();
  }
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  BOOST_TEST((WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS));
}

BOOST_AUTO_TEST_CASE(files_cannot_grow_beyond_their_limit) {
  const temp_folder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    const int file = ::open(folder.in("out").c_str(), O_WRONLY | O_CREAT, 0600);
    if (!limit_resources({std::uint64_t{1} << 40U, 5, 1000})) ::_exit(99);
    const std::vector<char> data(2000);
    if (::write(file, data.data(), data.size()) != 1000) ::_exit(refused);
    ::_exit(::write(file, data.data(), data.size()) < 0 && errno == EFBIG ? fine : refused);
  }
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == fine));
  BOOST_TEST(std::filesystem::file_size(folder.in("out")) == 1000U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::postal::testing
