#pragma once
// Deadlines and leftovers, in bounded batches: expired credentials and kept answers, contents whose record never came,
// reader slots of dead processes, and dispatches that were waiting for screening when the node stopped.

#include "actors/context.hpp"

namespace elsec::actors {

struct janitor_state {
  explicit janitor_state(janitor_actor::pointer own_self) : self(own_self) {}

  void tick();

  janitor_actor::pointer self;
  shared_context with;

 private:
  void resume_dispatches();
  void expire_credentials(const storage::snapshot& snapshot, storage::change_set& changes) const;
  void expire_answers(const storage::snapshot& snapshot, storage::change_set& changes) const;
  void free_contents(const storage::snapshot& snapshot);
};

janitor_actor::behavior_type janitor(janitor_actor::stateful_pointer<janitor_state> self, shared_context with);

}  // namespace elsec::actors
