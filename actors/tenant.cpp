#include "actors/tenant.hpp"

#include "actors/document.hpp"
#include "actors/supervision.hpp"
#include "actors/transfer.hpp"
#include "actors/upload.hpp"

namespace elsec::actors {

namespace {

std::unexpected<domain::error> node_stops() {
  return domain::fail(domain::error_code::overloaded, "the node is stopping; repeat in a moment");
}

}  // namespace

tenant_state::~tenant_state() {
  for (const auto& [document_id, entry] : documents) caf::anon_send_exit(entry.actor, caf::exit_reason::kill);
  for (const auto& [guest, end] : guests) end();
}

// What concerns one of its documents is that one's to decide.
caf::result<outcome> tenant_state::decide(const shared_command& what) {
  ++taken;
  const auto [organisation, object] = what->whom();
  if (object.empty()) return own.perform(with, what);
  if (stopping) return outcome(node_stops());
  active = true;
  return self->delegate(document(object), what);
}

upload_started tenant_state::upload(const begin_upload& command) {
  ++taken;
  if (stopping) return node_stops();
  auto room = std::make_shared<room_claim>(*with->with, *with->room, id);
  if (auto ok = room->cover(command.size.value_or(0)); !ok) return std::unexpected(std::move(ok.error()));
  auto guest = self->spawn<caf::monitored>(reporting("an upload", actors::upload), with, command, std::move(room));
  guests.emplace(guest.address(), [guest] { caf::anon_send(guest, abort_upload{}); });
  return guest;
}

caf::result<done> tenant_state::receive(const incoming_transfer& command) {
  ++taken;
  if (stopping) return done(node_stops());
  const auto guest = self->spawn<caf::monitored>(reporting("a transfer", actors::transfer), with, command);
  // It goes on with what is on disk.
  guests.emplace(guest.address(), [guest] { caf::anon_send_exit(guest, caf::exit_reason::user_shutdown); });
  return self->delegate(guest, command);
}

document_actor tenant_state::document(const std::string& document_id) {
  auto& entry = documents[document_id];
  if (!entry.actor) {
    const bool anew = bereft.erase(document_id) > 0 || began.anew;
    entry.actor = self->spawn<caf::monitored>(reporting("a document", actors::document), with, document_id,
                                              tenant_actor(self), beginning{began.household, anew});
    ids.emplace(entry.actor.address(), document_id);
  }
  ++entry.sent;
  return entry.actor;
}

// All commands for a document pass through here, so nothing can reach it after this stop, and where as many were sent
// as it had got when it said that it was idle, nothing is on its way either: it decides nothing any more, and the next
// one may begin at once. No time could tell that: a message may take any.
void tenant_state::retire(const std::string& document_id, std::uint64_t got) {
  const auto found = documents.find(document_id);
  if (found == documents.end() ||
      found->second.actor.address() != caf::actor_cast<caf::actor_addr>(self->current_sender()))
    return;
  if (found->second.sent != got) return;
  self->send(found->second.actor, stop_atom_v);
  documents.erase(found);
}

// Of a document's actor that was not sent away, it is a death: the next command finds another.
void tenant_state::ended(const caf::actor_addr& who) {
  const bool was_guest = guests.erase(who) > 0;
  const auto known = ids.extract(who);
  if (stopping) return leave_as_the_last();
  if (was_guest || known.empty()) return;
  const auto found = documents.find(known.mapped());
  if (found == documents.end() || found->second.actor.address() != who) return;
  bereft.insert(known.mapped());
  documents.erase(found);
}

void tenant_state::look_around() {
  const bool busy = active || own.was_active() || !own.idle() || !guests.empty() || !documents.empty();
  active = false;
  if (!busy) self->send(with->node, idle_atom_v, id, taken);
  self->delayed_send(self, tenant_idle, tick_atom_v);
}

void tenant_state::stop() {
  stopping = true;
  for (const auto& [document_id, entry] : documents) self->send(entry.actor, stop_atom_v);
  documents.clear();
  for (const auto& [guest, end] : guests) end();
  own.finish([this] {
    finished = true;
    leave_as_the_last();
  });
}

void tenant_state::leave_as_the_last() {
  if (finished && ids.empty() && guests.empty()) self->quit();
}

tenant_actor::behavior_type tenant(tenant_actor::stateful_pointer<tenant_state> self, shared_context with,
                                   domain::organisation_id id, beginning began) {
  auto& state = self->state;
  state.with = std::move(with);
  state.id = std::move(id);
  state.began = std::move(began);
  if (state.began.anew) state.own.wait_for_predecessor(state.with);
  self->set_down_handler([self](caf::down_msg& down) { self->state.ended(down.source); });
  self->delayed_send(self, tenant_idle, tick_atom_v);
  return {
      [self](const shared_command& what) { return self->state.decide(what); },
      [self](const begin_upload& c) { return self->state.upload(c); },
      [self](const incoming_transfer& c) { return self->state.receive(c); },
      [self](idle_atom, const std::string& document, std::uint64_t got) { self->state.retire(document, got); },
      [self](tick_atom) { self->state.look_around(); },
      [self](stop_atom) { self->state.stop(); },
  };
}

}  // namespace elsec::actors
