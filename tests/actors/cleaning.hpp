#pragma once
// A stage for the janitor: kinds of deadlines, and the commands that they come to.

#include "actors/janitor.hpp"
#include "decisions/deadlines.hpp"
#include "tests/actors/commands.hpp"

namespace elsec::actors::testing {

// What is due: ends its deadline, as every such command does in its own commit.
struct due_command : command {
  due_command(domain::time_point set_for, const storage::deadline_row& from) : at(set_for), row(from) {}

  domain::time_point at;
  storage::deadline_row row;

  [[nodiscard]] decisions::subject whom() const override { return {row.organisation_id}; }
  [[nodiscard]] domain::result<ruling> decide(const facts&) const override {
    ruling ended{.changes = storage::change_set{}};
    end_deadline(*ended.changes, {row.kind, at, row.organisation_id, row.object});
    return ended;
  }
};

struct cleaning : stage {
  cleaning() {
    open().registry.deadline_kinds = {
        {"first", &make_deadline_command<due_command>, 3},
        {"second", &make_deadline_command<due_command>, 2},
        {"third", &make_deadline_command<due_command>},
        {.name = "turns", .make = &make_deadline_command<due_command>, .at_once = 4, .at_once_each = 1},
        {.name = "long",
         .make = &make_deadline_command<due_command>,
         .at_once = 1,
         .patience = std::chrono::minutes(90),
         .ahead_max = [](const policy& set) -> std::chrono::milliseconds { return 2 * set.letter_grace; }}};
  }

  void set(std::string_view kind, domain::time_point at, const std::string& object, std::uint8_t of = 1) {
    storage::change_set changes;
    set_deadline(changes, {kind, at, organisation(of), object});
    commit(changes);
  }
  void set_many(std::string_view kind, std::size_t count) {
    storage::change_set changes;
    for (std::size_t i = 0; i < count; ++i)
      set_deadline(changes, {kind, now() - std::chrono::seconds(1), organisation(1), std::to_string(i)});
    commit(changes);
  }
  janitor_actor start() {
    const auto started = spawn(actors::janitor, with());
    run();
    return started;
  }
  [[nodiscard]] std::size_t left(std::string_view kind) const {
    std::size_t rows = 0;
    const auto walked = read().scan_keys(storage::tables::due.name, deadline_prefix(kind), {},
                                         storage::direction::forward, [&](std::string_view) { return ++rows > 0; });
    BOOST_REQUIRE(walked.has_value());
    return rows;
  }
  [[nodiscard]] static const due_command& as_due(const shared_command& what) {
    return dynamic_cast<const due_command&>(*what);
  }
  // How often a command of this kind was sent, whatever became of it.
  [[nodiscard]] std::size_t sent(std::string_view kind) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(node.got, [&](const auto& what) { return as_due(what).row.kind == kind; }));
  }
  [[nodiscard]] std::string objects_of(std::string_view kind) const {
    std::string all;
    for (const auto& what : node.got)
      if (as_due(what).row.kind == kind) all += as_due(what).row.object + " ";
    return all;
  }
};

}  // namespace elsec::actors::testing
