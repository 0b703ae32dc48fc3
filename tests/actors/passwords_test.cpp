// The actor that hashes and checks passwords, one at a time.

#include "actors/passwords.hpp"

#include "crypto/passwords.hpp"
#include "tests/actors/support.hpp"

#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

using namespace elsec;
using namespace elsec::actors;
using namespace elsec::actors::testing;

namespace {

constexpr auto right = "correct horse battery";

// Less address space is left than Argon2's 64 MiB.
class scarce_memory {
 public:
  scarce_memory() {
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    BOOST_REQUIRE(::getrlimit(RLIMIT_AS, &before_) == 0);
    const auto used = pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const rlimit limited{used + left_bytes, before_.rlim_max};
    BOOST_REQUIRE(::setrlimit(RLIMIT_AS, &limited) == 0);
  }
  ~scarce_memory() { ::setrlimit(RLIMIT_AS, &before_); }
  scarce_memory(const scarce_memory&) = delete;
  scarce_memory& operator=(const scarce_memory&) = delete;

 private:
  static constexpr rlim_t left_bytes = 32U << 20;
  rlimit before_{};
};

struct hashing : stage {
  hashing() : worker(coordinator().system().spawn(actors::passwords, with()->with)) {}
  ~hashing() { caf::anon_send_exit(worker, caf::exit_reason::kill); }

  std::optional<password_verdict> check(const std::string& hash) { return check(hash, coordinator().clock().now()); }
  std::optional<password_verdict> check(const std::string& hash, steady_time asked) {
    std::optional<password_verdict> told;
    const password_check question{hash, right, asked};
    ask_for<password_verdict>(worker, question, [&](password_verdict& verdict) { told = verdict; });
    run();
    return told;
  }
  std::optional<password_hash> make_hash() {
    std::optional<password_hash> told;
    ask_for<password_hash>(worker, new_password{right, coordinator().clock().now()},
                           [&](password_hash& hash) { told = hash; });
    run();
    return told;
  }

  passwords_actor worker;
};

bool is_overload(const auto& told) { return told && !*told && told->error().code == error_code::overloaded; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(passwords_without_memory, hashing)

BOOST_AUTO_TEST_CASE(the_right_one_is_not_called_wrong_but_to_be_sent_again) {
  const auto hash = crypto::hash_password(right);
  {
    const scarce_memory scarce;
    BOOST_TEST(is_overload(check(hash)));
  }
  BOOST_TEST(check(hash)->value());
}

BOOST_AUTO_TEST_CASE(a_new_one_is_to_be_sent_again_and_the_next_is_hashed) {
  {
    const scarce_memory scarce;
    BOOST_TEST(is_overload(make_hash()));
  }
  BOOST_TEST(make_hash()->has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(hashed_passwords, hashing)

// It needs the memory, and so it was begun.
BOOST_AUTO_TEST_CASE(R13_nobodys_is_checked_with_as_much_work_as_somebodys_and_never_fits) {
  {
    const scarce_memory scarce;
    BOOST_TEST(is_overload(check({})));
  }
  const auto told = check({});
  BOOST_REQUIRE((told && *told));
  BOOST_TEST(!told->value());
}

BOOST_AUTO_TEST_CASE(one_that_has_waited_for_too_long_is_sent_away) {
  const auto now = coordinator().clock().now();
  const auto longest = open().policy.password_wait;
  BOOST_TEST(!is_overload(check("no hash", now - longest)));
  BOOST_TEST(is_overload(check("no hash", now - longest - std::chrono::milliseconds(1))));
}

BOOST_AUTO_TEST_SUITE_END()
