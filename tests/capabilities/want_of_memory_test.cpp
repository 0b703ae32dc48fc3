// Statements of peers while memory is short: nothing that a peer has stated is thrown away for that.

#include "tests/capabilities/abroad.hpp"
#include "tests/storage/allocation_faults.hpp"

#include <csignal>
#include <new>
#include <sys/wait.h>
#include <unistd.h>

using namespace elsec;
using namespace elsec::capabilities;
using namespace elsec::capabilities::testing;
namespace faults = elsec::storage::testing;

namespace {

enum class decided : std::uint8_t { something_else, thrown_away, without_a_failure };

bool throws_away(const domain::result<ruling>& what) {
  return what && what->changes && std::ranges::any_of(what->changes->writes(), [](const auto& write) {
           return write.table == tables::rejected.name && write.what == storage::change_set::action::put;
         });
}

// In a process of its own, which may end of it.
decided without_allocation(std::uint64_t which, const command& what, const facts& given) {
  const auto child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    ::close(STDERR_FILENO);
    std::signal(SIGABRT, SIG_DFL);  // Boost.Test's would go on with the next case
    auto came_to = decided::something_else;
    try {
      faults::fail_allocation(which, faults::shortage::of_one);
      const auto result = what.decide(given);
      const bool failed = faults::end_of_allocation_faults() >= which;
      came_to = !failed               ? decided::without_a_failure
                : throws_away(result) ? decided::thrown_away
                                      : decided::something_else;
    } catch (const std::bad_alloc&) {
    }
    ::_exit(static_cast<int>(came_to));
  }
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? static_cast<decided>(WEXITSTATUS(status)) : decided::something_else;
}

struct short_of_memory : sent_abroad {
  void check_never_thrown_away() {
    const storage::inbound_row waiting{
        .kind = domain::wire::kind_statement, .id = "id", .body = codec::to_cbor(delivered()), .reason = {}};
    const auto heard =
        with.registry.find_wire_kind(domain::wire::kind_statement)->received({"node2", inbound_row_key, waiting});
    BOOST_REQUIRE(heard.has_value());
    const auto snapshot = read();
    auto came_to = decided::something_else;
    std::uint64_t which = 0;
    while (came_to == decided::something_else && which < allocations_max)
      came_to = without_allocation(++which, **heard, {with, snapshot, now, {}});
    BOOST_TEST(which > 1U);
    BOOST_CHECK(came_to == decided::without_a_failure);
  }

  static constexpr std::uint64_t allocations_max = 20'000;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(statements_without_memory, short_of_memory)

BOOST_AUTO_TEST_CASE(G1_a_statement_waits_while_its_dispatch_cannot_be_read) { check_never_thrown_away(); }

BOOST_AUTO_TEST_CASE(G1_so_it_does_when_its_documents_row_is_damaged) {
  damage(tables::documents, storage::key_of(one.organisation_id, document.id));
  check_never_thrown_away();
}

BOOST_AUTO_TEST_SUITE_END()
