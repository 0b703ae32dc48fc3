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
  caf::typed_response_promise<outcome> grant(const grant_capabilities& command);
  void log_in_checked(const domain::user_row& user, const maybe_idempotent& repeat, const password_verdict& verdict,
                      caf::typed_response_promise<outcome> promise);
  caf::typed_response_promise<outcome> log_out(const end_session& command);
  caf::typed_response_promise<outcome> change(const change_organisation& command);
  caf::typed_response_promise<outcome> create_token(const create_api_token& command);
  caf::typed_response_promise<outcome> delete_token(const delete_api_token& command);
  upload_started upload(const begin_upload& command);
  caf::result<done> receive(const incoming_transfer& command);

  // The actor of a document, started if need be.
  document_actor document(const domain::document_id& id);
  void retire(const domain::document_id& id);
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
  std::unordered_map<domain::document_id, worker> documents;
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
