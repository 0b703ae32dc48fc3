#include "tests/storage/out_of_memory_support.hpp"

#include <cstring>
#include <exception>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace elsec::storage::testing {
namespace {

constexpr int has_ended = 0;
constexpr int is_wrong = 1;

told* of_this_child = nullptr;

[[noreturn]] void note_end() {
  of_this_child->ended = true;
  ::_exit(has_ended);
}

class shared_note {
 public:
  shared_note() {
    void* const at = ::mmap(nullptr, sizeof(told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) throw std::runtime_error("no shared memory");
    note_ = new (at) told;
  }
  ~shared_note() { ::munmap(note_, sizeof(told)); }
  shared_note(const shared_note&) = delete;
  shared_note& operator=(const shared_note&) = delete;
  [[nodiscard]] told& get() const { return *note_; }

 private:
  told* note_;
};

[[noreturn]] void be_child(const action& what, const temp_folder& folder, told& note, std::uint64_t failing,
                           shortage kind) {
  of_this_child = &note;
  std::set_terminate(note_end);
  run_of steps(note);
  fail_allocation(failing, kind);
  try {
    what.run(steps, folder);
  } catch (const process_stops&) {
    note.stops = true;
  } catch (const std::bad_alloc&) {  // between two steps: the action's own
    note.has_thrown = true;
  } catch (const std::exception& thrown) {
    end_of_allocation_faults();
    steps.wrong("thrown", thrown.what());
  }
  note.allocations = end_of_allocation_faults();
  ::_exit(has_ended);
}

// What came of the children.
struct figures {
  std::uint64_t allocations = 0;
  std::uint64_t refused = 0, threw = 0, stopped = 0, ended = 0;

  void add(const told& note) {
    allocations = std::max(allocations, note.allocations.load());
    refused += note.refused;
    threw += note.has_thrown;
    stopped += note.stops;
    ended += note.ended;
  }
};

void run_once(const action& what, std::uint64_t failing, shortage kind, figures& all) {
  const temp_folder folder{temp_folder::in_memory()};
  const shared_note shared;
  auto& note = shared.get();
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) be_child(what, folder, note, failing, kind);
  int status = 0;
  ::waitpid(child, &status, 0);
  all.add(note);
  BOOST_TEST_CONTEXT("allocation " << failing << " fails, step " << note.begun) {
    BOOST_REQUIRE_MESSAGE(WIFEXITED(status), "killed by signal " << WTERMSIG(status));
    BOOST_REQUIRE_MESSAGE(WEXITSTATUS(status) == has_ended, note.wrong);
    BOOST_REQUIRE_MESSAGE(what.may_end || !note.ended, "std::terminate() was called");
    what.check(note, folder);
  }
}

}  // namespace

void run_of::wrong(std::string_view what, std::string_view why) {
  end_of_allocation_faults();
  const auto text = std::string(what) + ": " + std::string(why);
  std::strncpy(parent_.wrong, text.c_str(), told::text_bytes - 1);
  ::_exit(is_wrong);
}

void run_without_memory(const action& what) {
  figures whole;
  run_once(what, 0, shortage::of_one, whole);
  for (const auto kind : {shortage::of_one, shortage::from_one_on}) {
    figures all;
    for (std::uint64_t failing = 1; failing <= whole.allocations; ++failing) run_once(what, failing, kind, all);
    BOOST_TEST_MESSAGE(whole.allocations << " allocations failed: " << all.threw << " exceptions, " << all.refused
                                         << " errors, " << all.stopped << " stops, " << all.ended << " ends");
  }
}

}  // namespace elsec::storage::testing
