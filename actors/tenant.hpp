#pragma once
// One organisation: decides what concerns it, and starts the actors of its documents, uploads and transfers. Started on
// first use, put to sleep when idle; everything it knows is on disk.

#include "actors/decider.hpp"

#include <unordered_map>

namespace elsec::actors {

struct tenant_state {
  explicit tenant_state(tenant_actor::pointer own_self) : self(own_self), own(own_self) {}

  caf::result<outcome> decide(const shared_command& what);
  upload_started upload(const begin_upload& command);
  caf::result<done> receive(const incoming_transfer& command);

  // The actor of a document, started if need be.
  document_actor document(const std::string& id);
  void retire(const std::string& id);
  void look_around();
  void stop();

  tenant_actor::pointer self;
  decider<tenant_actor::base> own;
  shared_context with;
  domain::organisation_id id;
  struct worker {
    document_actor actor;
    std::chrono::steady_clock::time_point last_command{};
  };
  std::unordered_map<std::string, worker> documents;
  std::size_t guests = 0;  // uploads and transfers under way
  bool active = true;
};

tenant_actor::behavior_type tenant(tenant_actor::stateful_pointer<tenant_state> self, shared_context with,
                                   domain::organisation_id id);

}  // namespace elsec::actors
