#pragma once
// The process: starts the others in order, finds the tenant for every command, and stops everything in order.
//
//   start: writers, passwords, directory, screening, postal office, links, mailroom, janitor
//   stop:  (the gateway has stopped before) transport's links, janitor, postal office, screening, tenants with their
//          documents, directory, then the writers, which commit what is still in their mailboxes

#include "actors/context.hpp"
#include "actors/postal.hpp"

#include <unordered_map>

namespace elsec::actors {

struct node_tools {
  std::shared_ptr<postal::pdf_service> screening_worker;
  postal_tools postal;
  std::vector<std::string> peers;  // every node of the network, this one included
  std::size_t passwords = 1;       // password actors, one per two cores
  bool own_threads = true;         // for actors that block; without, all share the scheduler (the simulation)
};

struct node_state {
  explicit node_state(node_actor::pointer own_self) : self(own_self) {}

  void start(const shared_services& services, const node_tools& tools);
  tenant_actor tenant(const domain::organisation_id& id);
  void retire(const domain::organisation_id& id);
  caf::typed_response_promise<caf::unit_t> stop();
  void ended(const caf::actor_addr& who);

  node_actor::pointer self;
  std::shared_ptr<context> with;
  mailroom_actor mailroom;
  struct resident {
    tenant_actor actor;
    std::chrono::steady_clock::time_point last_command{};
  };
  std::unordered_map<domain::organisation_id, resident> tenants;
  std::size_t alive = 0;  // monitored actors of the current stage of stopping
  int stage = 0;          // 0: running
  caf::typed_response_promise<caf::unit_t> stopped;

 private:
  template <class Actor>
  void watch(const Actor& actor);
  template <caf::message_priority Priority = caf::message_priority::normal, class Actor>
  void end(const Actor& actor);
  void next_stage();
};

node_actor::behavior_type node(node_actor::stateful_pointer<node_state> self, shared_services with, node_tools tools);

}  // namespace elsec::actors
