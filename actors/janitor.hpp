#pragma once
// Deadlines and leftovers, bounded: rows of tables::due become commands; contents whose record never came are freed,
// reader slots of dead processes, too.

#include "actors/context.hpp"

#include <map>
#include <set>
#include <string>

namespace elsec::actors {

struct janitor_state {
  explicit janitor_state(janitor_actor::pointer own_self) : self(own_self) {}

  void tick();
  void look_for_due();

  janitor_actor::pointer self;
  shared_context with;
  std::set<std::string> under_way;  // rows whose command is being decided
  std::map<std::string, std::size_t, std::less<>> by_kind;
  struct retry {
    std::chrono::steady_clock::time_point at;
    std::chrono::milliseconds wait{0};
  };
  std::map<std::string, retry> retries;         // rows whose command has ended
  std::optional<crypto::content_id> looked_at;  // pending contents up to this one; none: begin with the first

 private:
  void look_for_due(const deadline_kind& kind);
  [[nodiscard]] bool may_begin(const std::string& row) const;
  void begin(const storage::snapshot& snapshot, const std::string& row, const deadline_kind& kind);
  void ended(const std::string& row, const std::string& kind, bool met);
  void try_again_later(const std::string& row);
  [[nodiscard]] bool is_gone(const std::string& row) const;
  void free_contents();
  void write_content(shared_content_work work, content_board::hold hold);
};

janitor_actor::behavior_type janitor(janitor_actor::stateful_pointer<janitor_state> self, shared_context with);

}  // namespace elsec::actors
