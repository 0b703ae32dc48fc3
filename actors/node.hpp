#pragma once
// The process: starts the others in order, finds the tenant for every command, and stops everything in order.
//
//   start: writers, passwords, directory, screening, postal office, links, mailroom, janitor
//   stop:  (the gateway has stopped before) transport's links, janitor, postal office, screening, tenants behind their
//          documents, uploads and transfers, then the writers, which commit what is still in their mailboxes, directory

#include "actors/context.hpp"
#include "actors/postal.hpp"

#include <optional>
#include <unordered_map>
#include <unordered_set>

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
  // Sends it on to the organisation's actor.
  template <class Answer, class Question>
  caf::result<Answer> send_on(const domain::organisation_id& to, const Question& what);
  // After that tenant has said, having got so much, that nothing is left to do.
  void retire(const domain::organisation_id& id, std::uint64_t got);
  caf::typed_response_promise<caf::unit_t> stop();
  void ended(const caf::down_msg& down);

  node_actor::pointer self;
  std::shared_ptr<context> with;
  mailroom_actor mailroom;
  struct resident {
    tenant_actor actor;
    std::weak_ptr<const void> household;
    std::uint64_t sent = 0;  // commands, uploads and transfers, so far
  };
  std::unordered_map<domain::organisation_id, resident> tenants;
  std::unordered_map<caf::actor_addr, domain::organisation_id> ids;               // of tenants, leaving ones too
  std::unordered_map<domain::organisation_id, std::weak_ptr<const void>> bereft;  // whose tenant has died
  std::unordered_map<caf::actor_addr, std::string> vital;                         // what the process is not without
  std::unordered_set<caf::actor_addr> awaited;                                    // in the current stage of stopping
  int stage = 0;                                                                  // 0: running
  caf::typed_response_promise<caf::unit_t> stopped;

 private:
  template <class Actor>
  const Actor& watch(std::string role, const Actor& actor);
  template <caf::message_priority Priority = caf::message_priority::normal, class Actor>
  void end(const Actor& actor);
  void introduce_links();
  [[nodiscard]] bool is_named_by_peer_only(const domain::organisation_id& id) const;
  std::optional<tenant_actor> tenant(const domain::organisation_id& id);
  void tenant_ended(const caf::actor_addr& who);
  void next_stage();
};

node_actor::behavior_type node(node_actor::stateful_pointer<node_state> self, shared_services with, node_tools tools);

}  // namespace elsec::actors
