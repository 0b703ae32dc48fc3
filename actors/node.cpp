#include "actors/node.hpp"

#include "actors/content_writer.hpp"
#include "actors/directory.hpp"
#include "actors/janitor.hpp"
#include "actors/link.hpp"
#include "actors/mailroom.hpp"
#include "actors/passwords.hpp"
#include "actors/screening.hpp"
#include "actors/state_writer.hpp"
#include "actors/supervision.hpp"
#include "actors/tenant.hpp"

#include <algorithm>

namespace elsec::actors {

namespace {

// Of stopping: from here on nobody decides for an organisation any more.
constexpr int stage_of_tenants = 2;

}  // namespace

// These live as long as the process: without one of them it would only seem to work.
template <class Actor>
const Actor& node_state::watch(std::string role, const Actor& actor) {
  self->monitor(actor);
  vital.emplace(actor.address(), std::move(role));
  return actor;
}

// Precondition: monitored. After what waits in its mailbox, or, with a high priority, before that.
template <caf::message_priority Priority, class Actor>
void node_state::end(const Actor& actor) {
  awaited.insert(actor.address());
  self->send<Priority>(actor, stop_atom_v);
}

void node_state::start(const shared_services& services, const node_tools& tools) {
  with = std::make_shared<context>();
  with->with = services;
  with->node = self;
  const auto spawn = [&](const std::string& role, auto* begin, auto... parts) {
    return watch(role, self->spawn(reporting(role, begin), std::move(parts)...));
  };
  // Those that wait for the disk, a child process or a long computation.
  const auto spawn_blocking = [&](const std::string& role, auto* begin, auto... parts) {
    if (!tools.own_threads) return spawn(role, begin, std::move(parts)...);
    return watch(role, self->spawn<caf::detached>(reporting(role, begin), std::move(parts)...));
  };
  with->writer = spawn_blocking("the state writer", state_writer, services);
  with->content_writer = spawn_blocking("the content writer", content_writer, services);
  for (std::size_t i = 0; i < tools.passwords; ++i)
    with->passwords.push_back(spawn_blocking("the passwords", passwords, services));
  with->directory = spawn("the directory", directory, services, with->writer);
  with->screening = spawn_blocking("the screening", screening, services, tools.screening_worker);
  with->postal = spawn_blocking("the postal office", postal_office, services, with->node, tools.postal);
  for (const auto& peer : tools.peers)
    with->links.emplace(peer, spawn("the link to " + peer, link, shared_context(with), peer));
  introduce_links();
  mailroom = spawn("the mailroom", actors::mailroom, shared_context(with));
  with->janitor = spawn("the janitor", janitor, shared_context(with));
}

void node_state::introduce_links() {
  for (const auto& [peer, one] : with->links) {
    const auto handle = caf::actor_cast<caf::strong_actor_ptr>(one);
    self->send(with->writer, link_atom_v, peer, handle);
    if (peer != with->with->node_name) self->send(with->directory, link_atom_v, peer, handle);
  }
  for (const auto& [peer, one] : with->links) self->send(one, start_atom_v);
}

// What a link passes on names whomever the peer likes: only an organisation that is here gets an actor for it. Others
// may name one that is about to be registered.
bool node_state::is_named_by_peer_only(const domain::organisation_id& id) const {
  const auto& sender = self->current_sender();
  if (sender == nullptr || tenants.contains(id)) return false;
  const auto of = [&](const auto& each) { return each.second.address() == caf::actor_cast<caf::actor_addr>(sender); };
  if (std::ranges::none_of(with->links, of)) return false;
  const auto snapshot = with->with->store->read();
  return snapshot && !snapshot->contains(storage::tables::organisations.name, id.str()).value_or(true);
}

// Nobody while those of one that has died are still at work: two would decide the same.
std::optional<tenant_actor> node_state::tenant(const domain::organisation_id& id) {
  const auto mourned = bereft.find(id);
  if (mourned != bereft.end() && !mourned->second.expired()) return std::nullopt;
  auto& entry = tenants[id];
  if (!entry.actor) {
    const auto household = std::make_shared<const domain::organisation_id>(id);
    entry.household = household;
    entry.actor = self->spawn<caf::monitored>(reporting("an organisation", actors::tenant), shared_context(with), id,
                                              beginning{household, bereft.erase(id) > 0});
    ids.emplace(entry.actor.address(), id);
  }
  ++entry.sent;
  return entry.actor;
}

template <class Answer, class Question>
caf::result<Answer> node_state::send_on(const domain::organisation_id& to, const Question& what) {
  if (stage >= stage_of_tenants)
    return Answer(domain::fail(domain::error_code::overloaded, "the node is stopping; repeat in a moment"));
  if (is_named_by_peer_only(to))
    return Answer(domain::fail(domain::error_code::not_found, "no such organisation here"));
  const auto found = tenant(to);
  if (!found) return Answer(domain::fail(domain::error_code::overloaded, "repeat in a moment"));
  return self->delegate(*found, what);
}

// As a tenant does with its documents: nothing can reach it after this stop, and nothing is on its way.
void node_state::retire(const domain::organisation_id& id, std::uint64_t got) {
  const auto found = tenants.find(id);
  if (found == tenants.end() ||
      found->second.actor.address() != caf::actor_cast<caf::actor_addr>(self->current_sender()))
    return;
  if (found->second.sent != got) return;
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
  } else if (stage == stage_of_tenants) {
    for (const auto& [id, one] : tenants) end(one.actor);
    tenants.clear();
    for (const auto& [leaving, id] : ids) awaited.insert(leaving);
    if (awaited.empty()) next_stage();
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

void node_state::ended(const caf::down_msg& down) {
  if (awaited.erase(down.source) > 0) {
    if (awaited.empty()) next_stage();
  } else if (const auto found = vital.find(down.source); found != vital.end()) {
    with->with->stop_process(found->second + " has ended: " + caf::to_string(down.reason));
  } else {
    tenant_ended(down.source);
  }
}

// Of one that was not sent away, it is a death: the next command finds another.
void node_state::tenant_ended(const caf::actor_addr& who) {
  const auto known = ids.extract(who);
  if (known.empty()) return;
  const auto found = tenants.find(known.mapped());
  if (found == tenants.end() || found->second.actor.address() != who) return;
  bereft.insert_or_assign(known.mapped(), found->second.household);
  tenants.erase(found);
}

node_actor::behavior_type node(node_actor::stateful_pointer<node_state> self, shared_services with, node_tools tools) {
  self->set_exception_handler([](std::exception_ptr& thrown) { return tell_what_was_thrown("the node", thrown); });
  self->state.start(with, tools);
  self->set_down_handler([self](caf::down_msg& down) { self->state.ended(down); });
  return {
      [self](const shared_command& what) { return self->state.send_on<outcome>(what->whom().organisation, what); },
      [self](const begin_upload& command) {
        return self->state.send_on<upload_started>(command.who.organisation_id, command);
      },
      [self](const incoming_transfer& what) { return self->state.send_on<done>(what.organisation, what); },
      [self](idle_atom, const domain::organisation_id& organisation, std::uint64_t got) {
        self->state.retire(organisation, got);
      },
      [self](const shared_envelope& envelope) { self->send(self->state.mailroom, envelope); },
      [self](link_atom, const std::string& peer, bool up) { self->send(self->state.mailroom, link_atom_v, peer, up); },
      [self](stop_atom) { return self->state.stop(); },
  };
}

}  // namespace elsec::actors
