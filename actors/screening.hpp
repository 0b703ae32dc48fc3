#pragma once
// Looks at uploaded files, one at a time, in a child process. It knows nothing of what comes of it: who asks, and in
// which order organisations take turns, is the janitor's business.

#include "actors/context.hpp"
#include "postal/worker.hpp"

namespace elsec::actors {

struct screening_state {
  explicit screening_state(screening_actor::pointer own_self) : self(own_self) {}

  [[nodiscard]] examined examine(const examine_file& what);

  screening_actor::pointer self;
  shared_services with;
  std::shared_ptr<postal::pdf_service> worker;
};

// Spawn detached: it waits for the child process.
screening_actor::behavior_type screening(screening_actor::stateful_pointer<screening_state> self, shared_services with,
                                         std::shared_ptr<postal::pdf_service> worker);

}  // namespace elsec::actors
