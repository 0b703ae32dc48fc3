#include "actors/state_writer.hpp"

namespace elsec::actors {

// A flush message goes to the end of the mailbox: whatever arrived before it joins the group.
caf::typed_response_promise<commit_result> state_writer_state::take(const shared_changes& changes) {
  auto promise = self->make_response_promise<commit_result>();
  queue.push_back({changes, promise});
  queued_bytes += changes->size_bytes();
  if (queue.size() >= group_change_sets_max || queued_bytes >= group_bytes_max) {
    flush();
  } else if (!flush_queued) {
    flush_queued = true;
    self->send(self, flush_atom_v);
  }
  return promise;
}

void state_writer_state::flush() {
  queued_bytes = 0;
  if (!queue.empty()) commit_group(std::exchange(queue, {}));
}

void state_writer_state::commit_group(std::vector<waiting> group) {
  std::vector<const storage::change_set*> batch;
  batch.reserve(group.size());
  for (const auto& one : group) batch.push_back(one.changes.get());
  with->committing();
  auto results = with->store->commit(batch);
  with->metrics->commit(group.size());
  with->committed();
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!results[i] && results[i].error().code == domain::error_code::io)
      with->stop_process("state: " + results[i].error().detail);
    if (results[i]) act_on(*results[i]);
    group[i].promise.deliver(std::move(results[i]));
  }
}

void state_writer_state::act_on(const storage::committed& news) {
  for (const auto& peer : news.peers)
    if (const auto link = links.find(peer); link != links.end()) self->send(link->second, wake_atom_v);
  for (const auto& [organisation, position] : news.feeds) with->feeds->notify(organisation.str());
}

state_writer_actor::behavior_type state_writer(state_writer_actor::stateful_pointer<state_writer_state> self,
                                               shared_services with) {
  self->state.with = std::move(with);
  return {
      [self](const shared_changes& changes) { return self->state.take(changes); },
      [self](flush_atom) {
        self->state.flush_queued = false;
        self->state.flush();
      },
      [self](link_atom, const std::string& peer, const caf::strong_actor_ptr& link) {
        self->state.links[peer] = caf::actor_cast<link_actor>(link);
      },
      [self](stop_atom) {
        self->state.flush();
        self->quit();
      },
  };
}

}  // namespace elsec::actors
