#pragma once
// One organisation: its profile, people, sessions and tokens, and the actors of its documents. Started on first use,
// put to sleep when idle; everything it knows is on disk.

#include "actors/aggregate.hpp"

#include <unordered_map>

namespace elsec::actors {

struct tenant_state {
  explicit tenant_state(tenant_actor::pointer own_self) : self(own_self), own(own_self) {}

  caf::typed_response_promise<outcome> found(const register_organisation& command);
  caf::typed_response_promise<outcome> log_in(const start_session& command);
  caf::result<outcome> decide(const shared_command& what);
  void log_in_checked(const domain::user_row& user, const maybe_idempotent& repeat, const password_verdict& verdict,
                      caf::typed_response_promise<outcome> promise);
  upload_started upload(const begin_upload& command);
  caf::result<done> receive(const incoming_transfer& command);

  // The actor of a document, started if need be.
  document_actor document(const std::string& id);
  void retire(const std::string& id);
  void look_around();
  void stop();

  tenant_actor::pointer self;
  aggregate<tenant_actor::base> own;
  shared_context with;
  domain::organisation_id id;
  struct worker {
    document_actor actor;
    std::chrono::steady_clock::time_point last_command{};
  };
  std::unordered_map<std::string, worker> documents;
  std::size_t guests = 0;   // uploads and transfers under way
  std::size_t log_ins = 0;  // password checks under way
  struct failures {
    unsigned count = 0;
    domain::time_point delayed_until{};
  };
  std::unordered_map<domain::user_id, failures> failed_log_ins;
  bool active = true;
};

tenant_actor::behavior_type tenant(tenant_actor::stateful_pointer<tenant_state> self, shared_context with,
                                   domain::organisation_id id);

}  // namespace elsec::actors
