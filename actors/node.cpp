#include "actors/node.hpp"

#include "actors/content_writer.hpp"
#include "actors/directory.hpp"
#include "actors/janitor.hpp"
#include "actors/link.hpp"
#include "actors/mailroom.hpp"
#include "actors/passwords.hpp"
#include "actors/screening.hpp"
#include "actors/state_writer.hpp"
#include "actors/tenant.hpp"

#include <spdlog/spdlog.h>

namespace elsec::actors {

// These live as long as the process.
template <class Actor>
void node_state::watch(const Actor& actor) {
  self->monitor(actor);
}

// Precondition: watched. After what waits in its mailbox, or, with a high priority, before that.
template <caf::message_priority Priority, class Actor>
void node_state::end(const Actor& actor) {
  ++alive;
  self->send<Priority>(actor, stop_atom_v);
}

void node_state::start(const shared_services& services, const node_tools& tools) {
  with = std::make_shared<context>();
  with->with = services;
  with->node = self;
  // Those that wait for the disk, a child process or a long computation.
  const auto spawn_blocking = [&](auto behaviour, auto... arguments) {
    return tools.own_threads ? self->spawn<caf::detached>(behaviour, std::move(arguments)...)
                             : self->spawn(behaviour, std::move(arguments)...);
  };
  with->writer = spawn_blocking(state_writer, services);
  with->content_writer = spawn_blocking(content_writer, services);
  for (std::size_t i = 0; i < tools.passwords; ++i) with->passwords.push_back(spawn_blocking(passwords, services));
  with->directory = self->spawn(directory, services, with->writer);
  with->screening = spawn_blocking(screening, services, tools.screening_worker);
  with->postal = spawn_blocking(postal_office, services, with->node, tools.postal);
  for (const auto& peer : tools.peers) {
    const auto one = self->spawn(link, shared_context(with), peer);
    with->links.emplace(peer, one);
    const auto handle = caf::actor_cast<caf::strong_actor_ptr>(one);
    self->send(with->writer, link_atom_v, peer, handle);
    if (peer != services->node_name) self->send(with->directory, link_atom_v, peer, handle);
  }
  for (const auto& [peer, one] : with->links) self->send(one, start_atom_v);
  mailroom = self->spawn(actors::mailroom, shared_context(with));
  with->janitor = self->spawn(janitor, shared_context(with));
  watch(with->writer);
  watch(with->content_writer);
  watch(with->directory);
  watch(with->screening);
  watch(with->postal);
  watch(mailroom);
  watch(with->janitor);
  for (const auto& [peer, one] : with->links) watch(one);
}

tenant_actor node_state::tenant(const domain::organisation_id& id) {
  auto& entry = tenants[id];
  if (!entry.actor) entry.actor = self->spawn(actors::tenant, shared_context(with), id);
  entry.last_command = self->clock().now();
  return entry.actor;
}

// All commands for a tenant pass through here, so nothing can reach it after this stop. One that was sent on while the
// tenant said that it was idle keeps it.
void node_state::retire(const domain::organisation_id& id) {
  const auto found = tenants.find(id);
  if (found == tenants.end()) return;
  if (self->clock().now() - found->second.last_command < tenant_idle) return;
  self->send(found->second.actor, stop_atom_v);
  tenants.erase(found);
}

caf::typed_response_promise<caf::unit_t> node_state::stop() {
  auto promise = self->make_response_promise<caf::unit_t>();
  if (stage > 0) {
    promise.deliver(caf::unit);
    return promise;
  }
  stopped = promise;
  next_stage();
  return promise;
}

// Each stage ends when all its actors have; the writers come last.
void node_state::next_stage() {
  ++stage;
  if (stage == 1) {
    end(mailroom);
    end(with->janitor);
    for (const auto& [peer, one] : with->links) end(one);
    // Files and letters may wait before them for minutes; they are due again after the next start.
    end<caf::message_priority::high>(with->postal);
    end<caf::message_priority::high>(with->screening);
  } else if (stage == 2) {
    for (const auto& [id, one] : tenants) {
      watch(one.actor);
      end(one.actor);
    }
    tenants.clear();
    if (alive == 0) next_stage();
  } else if (stage == 3) {
    end(with->writer);
    end(with->content_writer);
  } else {
    // Passwords and the directory have no state worth waiting for.
    for (const auto& one : with->passwords) self->send_exit(one, caf::exit_reason::user_shutdown);
    self->send_exit(with->directory, caf::exit_reason::user_shutdown);
    stopped.deliver(caf::unit);
    mailroom = nullptr;
    with.reset();
    self->quit();
  }
}

// While the node runs none of those it watches may end: without one of them it would only seem to work.
void node_state::ended(const caf::actor_addr&) {
  if (stage == 0) with->with->stop_process("an actor has ended that must not");
  if (--alive == 0) next_stage();
}

node_actor::behavior_type node(node_actor::stateful_pointer<node_state> self, shared_services with, node_tools tools) {
  self->state.start(with, tools);
  self->set_down_handler([self](caf::down_msg& down) { self->state.ended(down.source); });
  return {
      [self](const shared_command& what) {
        return self->delegate(self->state.tenant(what->whom().organisation), what);
      },
      [self](const begin_upload& command) {
        return self->delegate(self->state.tenant(command.who.organisation_id), command);
      },
      [self](const incoming_transfer& what) { return self->delegate(self->state.tenant(what.organisation), what); },
      [self](idle_atom, const domain::organisation_id& organisation) { self->state.retire(organisation); },
      [self](const shared_envelope& envelope) { self->send(self->state.mailroom, envelope); },
      [self](link_atom, const std::string& peer, bool up) { self->send(self->state.mailroom, link_atom_v, peer, up); },
      [self](stop_atom) { return self->state.stop(); },
  };
}

}  // namespace elsec::actors
