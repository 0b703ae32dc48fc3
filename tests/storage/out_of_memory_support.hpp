#pragma once
// One action again and again, each time in a child process of its own in which another allocation fails.

#include "domain/error.hpp"
#include "tests/storage/allocation_faults.hpp"
#include "tests/storage/support.hpp"

#include <atomic>
#include <functional>
#include <new>
#include <string_view>
#include <utility>

namespace elsec::storage::testing {

// What a child leaves its parent, in memory they share; the child may die at any moment.
struct told {
  static constexpr std::size_t text_bytes = 400;

  std::atomic<std::uint64_t> allocations{0};
  std::atomic<std::uint64_t> acknowledged{0};  // steps whose success was told
  std::atomic<std::uint64_t> begun{0};         // steps that were begun
  std::atomic<bool> refused{false};            // a step has failed with an error
  std::atomic<bool> has_thrown{false};         // likewise, with an exception
  std::atomic<bool> stops{false};              // a write has failed: the process would stop here
  std::atomic<bool> ended{false};              // by std::terminate()
  char wrong[text_bytes]{};                    // what does not hold
};

// The process would stop here: what failed was a write, and nothing may be assumed.
struct process_stops {};

class run_of {
 public:
  explicit run_of(told& parent) : parent_(parent) {}

  // A step as the program takes it: what is refused, or has thrown for want of memory, is asked once more.
  template <class Step>
  auto take(std::string_view name, Step&& step) {
    ++parent_.begun;
    auto done = attempt(step);
    if (!done) {
      end_shortage();
      done = attempt(step);
    }
    // A commit that has thrown may have been on disk already; it says so when it comes again.
    const bool was_there = !done && parent_.has_thrown && done.error().code == domain::error_code::conflict;
    if (!done && !was_there) wrong(name, done.error().detail);
    ++parent_.acknowledged;
    return done;
  }
  void expect(bool holds, std::string_view what) {
    if (!holds) wrong(what, "does not hold");
  }
  [[noreturn]] void wrong(std::string_view what, std::string_view why);

 private:
  template <class Step>
  auto attempt(Step& step) -> decltype(step()) {
    try {
      auto done = step();
      if (done) return done;
      if (done.error().code == domain::error_code::io) throw process_stops{};
      // Whoever has no memory may not say that something else is wrong.
      if (!parent_.has_thrown && done.error().code != domain::error_code::overloaded)
        wrong("refused", done.error().detail);
      parent_.refused = true;
      return done;
    } catch (const std::bad_alloc&) {
      end_shortage();
      parent_.has_thrown = true;
      return std::unexpected(domain::error{domain::error_code::internal, "no memory", {}});
    }
  }

  told& parent_;
};

// What gives a value or throws, as a step.
template <class Function>
auto step_of(Function function) {
  return [function]() -> domain::result<decltype(function())> { return function(); };
}

struct action {
  std::function<void(run_of&, const temp_folder&)> run;
  // In the parent, when memory is to be had again: what was acknowledged is there.
  std::function<void(const told&, const temp_folder&)> check = [](const told&, const temp_folder&) {};
  bool may_end = false;  // it does what ends the process on purpose when it has no memory
};

// Each allocation of it fails, first alone, then with all that follow in the same step. Precondition: libsodium has
// started.
void run_without_memory(const action& what);

}  // namespace elsec::storage::testing
