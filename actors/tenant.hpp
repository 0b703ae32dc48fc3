#pragma once
// One organisation: decides what concerns it, and starts the actors of its documents, uploads and transfers. Started on
// first use, put to sleep when idle; everything it knows is on disk.

#include "actors/decider.hpp"

#include <functional>
#include <unordered_map>
#include <unordered_set>

namespace elsec::actors {

struct tenant_state {
  explicit tenant_state(tenant_actor::pointer own_self) : self(own_self), own(own_self) {}
  tenant_state(const tenant_state&) = delete;
  tenant_state& operator=(const tenant_state&) = delete;
  // The next one will not know of these documents' actors: they must not decide beside those that follow.
  ~tenant_state();

  caf::result<outcome> decide(const shared_command& what);
  upload_started upload(const begin_upload& command);
  caf::result<done> receive(const incoming_transfer& command);

  // The actor of a document, started if need be.
  document_actor document(const std::string& id);
  // After that document's actor has said, having got `got` commands, that nothing is left to do.
  void retire(const std::string& id, std::uint64_t got);
  void look_around();
  void ended(const caf::actor_addr& who);
  // Ends behind all that it has started: whoever works for the organisation may use the disk until then.
  void stop();

  tenant_actor::pointer self;
  decider<tenant_actor::base> own;
  shared_context with;
  domain::organisation_id id;
  struct worker {
    document_actor actor;
    std::uint64_t sent = 0;  // commands, so far
  };
  std::unordered_map<std::string, worker> documents;
  std::unordered_map<caf::actor_addr, std::string> ids;  // of their actors, also of those that are leaving
  std::unordered_set<std::string> bereft;                // whose actor has died
  // Uploads and transfers under way, and how each is told to end.
  std::unordered_map<caf::actor_addr, std::function<void()>> guests;
  beginning began;
  std::uint64_t taken = 0;  // commands, uploads and transfers that the node sent on
  bool active = true;
  bool stopping = false;
  bool finished = false;  // all that this one itself had to decide

 private:
  void leave_as_the_last();
};

tenant_actor::behavior_type tenant(tenant_actor::stateful_pointer<tenant_state> self, shared_context with,
                                   domain::organisation_id id, beginning began);

}  // namespace elsec::actors
