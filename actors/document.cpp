#include "actors/document.hpp"

namespace elsec::actors {

void document_state::look_around() {
  if (work.idle() && !work.was_active()) self->send(owner, idle_atom_v, id, work.taken());
  self->delayed_send(self, document_idle, tick_atom_v);
}

document_actor::behavior_type document(document_actor::stateful_pointer<document_state> self, shared_context with,
                                       std::string id, tenant_actor owner, beginning began) {
  auto& state = self->state;
  state.with = std::move(with);
  state.id = std::move(id);
  state.owner = std::move(owner);
  state.began = std::move(began);
  if (state.began.anew) state.work.wait_for_predecessor(state.with);
  self->delayed_send(self, document_idle, tick_atom_v);
  return {
      [self](const shared_command& what) { return self->state.work.perform(self->state.with, what); },
      [self](tick_atom) { self->state.look_around(); },
      // After what is under way: whoever asked gets the answer.
      [self](stop_atom) { self->state.work.finish([self] { self->quit(); }); },
  };
}

}  // namespace elsec::actors
