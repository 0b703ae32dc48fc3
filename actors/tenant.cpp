#include "actors/tenant.hpp"

#include "actors/document.hpp"
#include "actors/tenant_decisions.hpp"
#include "actors/transfer.hpp"
#include "actors/upload.hpp"
#include "crypto/random.hpp"

#include <algorithm>

namespace elsec::actors {

using domain::error_code;
namespace tables = storage::tables;

caf::typed_response_promise<outcome> tenant_state::found(const register_organisation& command) {
  auto promise = self->make_response_promise<outcome>();
  const new_password asked{command.what.user.password.str(), self->clock().now()};
  ++log_ins;
  self->request(with->next_passwords(), commit_deadline, asked)
      .then(
          [this, command, promise](password_hash& hash) mutable {
            --log_ins;
            if (!hash) return reply(promise, outcome(std::unexpected(std::move(hash.error()))));
            auto decided = decide_founding(*with->with, id, command, std::move(*hash));
            self->request(with->directory, commit_deadline,
                          publish_card{decided.card, share(std::move(decided.changes))})
                .then(
                    [promise, answer = std::move(decided.answer)](commit_result& result) mutable {
                      promise.deliver(result ? std::move(answer) : outcome(std::unexpected(std::move(result.error()))));
                    },
                    [promise](caf::error&) mutable {
                      reply_error(promise, error_code::timed_out, "the disk did not answer in time");
                    });
          },
          [this, promise](caf::error&) mutable {
            --log_ins;
            reply_error(promise, error_code::overloaded, "too many registrations at once; repeat in a few seconds");
          });
  return promise;
}

caf::typed_response_promise<outcome> tenant_state::log_in(const start_session& command) {
  auto promise = self->make_response_promise<outcome>();
  const auto user = find_user(*with->with, command.what.email);
  if (!user) {
    promise.deliver(outcome(std::unexpected(user.error())));
    return promise;
  }
  const auto failed = failed_log_ins.find(user->id);
  if (failed != failed_log_ins.end() && with->with->now() < failed->second.delayed_until) {
    reply_error(promise, error_code::too_many_requests, "too many failed log-ins; wait before the next");
    return promise;
  }
  ++log_ins;
  const password_check check{user->password_hash, command.what.password.str(), self->clock().now()};
  self->request(with->next_passwords(), commit_deadline, check)
      .then(
          [this, user = *user, repeat = command.repeat, promise](const password_verdict& verdict) mutable {
            --log_ins;
            log_in_checked(user, repeat, verdict, promise);
          },
          [this, promise](caf::error&) mutable {
            --log_ins;
            reply_error(promise, error_code::overloaded, "too many log-ins at once; repeat later");
          });
  return promise;
}

void tenant_state::log_in_checked(const domain::user_row& user, const maybe_idempotent& repeat,
                                  const password_verdict& verdict, caf::typed_response_promise<outcome> promise) {
  if (!verdict) return reply(promise, outcome(std::unexpected(verdict.error())));
  if (!*verdict) {
    note_failure(failed_log_ins[user.id], *with->with);
    return reply(promise, outcome(domain::fail(error_code::bad_credentials, "e-mail or password is wrong")));
  }
  failed_log_ins.erase(user.id);
  auto begun = decide_session(*with->with, user, repeat);
  self->request(with->writer, commit_deadline, share(std::move(begun.changes)))
      .then(
          [this, promise, answer = begun.answer, credential = begun.credential](commit_result& result) mutable {
            if (!result) return reply(promise, outcome(std::unexpected(std::move(result.error()))));
            with->with->activity->begin(credential, with->with->now());
            promise.deliver(outcome(std::move(answer)));
          },
          [promise](caf::error&) mutable {
            reply_error(promise, error_code::timed_out, "the disk did not answer in time");
          });
}

// What concerns one of its documents is that one's to decide.
caf::result<outcome> tenant_state::decide(const shared_command& what) {
  const auto [organisation, object] = what->whom();
  if (object.empty()) return own.perform(with, what);
  active = true;
  return self->delegate(document(object), what);
}

upload_started tenant_state::upload(const begin_upload& command) {
  auto room = std::make_shared<room_claim>(*with->with, *with->room, id);
  if (auto ok = room->cover(command.size.value_or(0)); !ok) return std::unexpected(std::move(ok.error()));
  ++guests;
  return self->spawn<caf::monitored>(actors::upload, with, command, std::move(room));
}

caf::result<done> tenant_state::receive(const incoming_transfer& command) {
  ++guests;
  return self->delegate(self->spawn<caf::monitored>(actors::transfer, with, command), command);
}

document_actor tenant_state::document(const std::string& document_id) {
  auto& entry = documents[document_id];
  if (!entry.actor) entry.actor = self->spawn(actors::document, with, document_id, tenant_actor(self));
  entry.last_command = self->clock().now();
  return entry.actor;
}

// All commands for a document pass through here, so nothing can reach it after this stop. One that was sent on while
// the document said that it was idle keeps it.
void tenant_state::retire(const std::string& document_id) {
  const auto found = documents.find(document_id);
  if (found == documents.end()) return;
  if (self->clock().now() - found->second.last_command < document_idle) return;
  self->send(found->second.actor, stop_atom_v);
  documents.erase(found);
}

void tenant_state::look_around() {
  const bool busy = active || own.was_active() || !own.idle() || guests > 0 || log_ins > 0 || !documents.empty();
  active = false;
  if (!busy && failed_log_ins.empty()) self->send(with->node, idle_atom_v, id);
  std::erase_if(failed_log_ins, [&](const auto& entry) {
    return with->with->now() > entry.second.delayed_until + std::chrono::minutes(15);
  });
  self->delayed_send(self, tenant_idle, tick_atom_v);
}

void tenant_state::stop() {
  for (const auto& [document_id, entry] : documents) self->send(entry.actor, stop_atom_v);
  documents.clear();
  own.enqueue([this] { self->quit(); });
}

tenant_actor::behavior_type tenant(tenant_actor::stateful_pointer<tenant_state> self, shared_context with,
                                   domain::organisation_id id) {
  auto& state = self->state;
  state.with = std::move(with);
  state.id = std::move(id);
  self->set_down_handler([self](caf::down_msg&) { --self->state.guests; });
  self->delayed_send(self, tenant_idle, tick_atom_v);
  return {
      [self](const register_organisation& c) { return self->state.found(c); },
      [self](const start_session& c) { return self->state.log_in(c); },
      [self](const shared_command& what) { return self->state.decide(what); },
      [self](const begin_upload& c) { return self->state.upload(c); },
      [self](const incoming_transfer& c) { return self->state.receive(c); },
      [self](idle_atom, const std::string& document) { self->state.retire(document); },
      [self](tick_atom) { self->state.look_around(); },
      [self](stop_atom) { self->state.stop(); },
  };
}

}  // namespace elsec::actors
