#pragma once
// Looks at uploaded files, oldest first, one at a time, in a child process. The queue is a table, so it costs no memory
// and survives a restart.

#include "actors/context.hpp"
#include "postal/worker.hpp"

namespace elsec::actors {

struct screening_state {
  explicit screening_state(screening_actor::pointer own_self) : self(own_self) {}

  void look();

  screening_actor::pointer self;
  shared_services with;
  node_actor node;
  std::shared_ptr<postal::pdf_service> worker;
  std::string skip_to;  // after a failure: files up to this one wait for the next round
  bool busy = false;

 private:
  void report(const domain::organisation_id& organisation, const domain::document_id& document,
              postal::inspection result);
  void put_off(const domain::document_id& document);
};

// Spawn detached: it waits for the child process.
screening_actor::behavior_type screening(screening_actor::stateful_pointer<screening_state> self, shared_services with,
                                         node_actor node, std::shared_ptr<postal::pdf_service> worker);

}  // namespace elsec::actors
