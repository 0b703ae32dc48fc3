#pragma once
// The only write transactions of the `state` environment. Takes what waits in its mailbox, commits it as one group with
// one sync, then answers, wakes links and tells event streams.

#include "actors/interfaces.hpp"
#include "decisions/services.hpp"

namespace elsec::actors {

struct state_writer_state {
  explicit state_writer_state(state_writer_actor::pointer own_self) : self(own_self) {}

  struct waiting {
    shared_changes changes;
    caf::typed_response_promise<commit_result> promise;
  };

  caf::typed_response_promise<commit_result> take(const shared_changes& changes);
  void flush();
  void commit_group(std::vector<waiting> group);
  void act_on(const storage::committed& news);

  state_writer_actor::pointer self;
  shared_services with;
  std::vector<waiting> queue;
  std::size_t queued_bytes = 0;
  bool flush_queued = false;
  std::map<std::string, link_actor> links;
};

// Spawn detached: it blocks on the disk.
state_writer_actor::behavior_type state_writer(state_writer_actor::stateful_pointer<state_writer_state> self,
                                               shared_services with);

}  // namespace elsec::actors
