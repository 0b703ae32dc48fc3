#pragma once
// POST /sessions: a person signs in. An account that does not exist costs the same time and gets the same answer as a
// wrong password. Whose password is looked at is read when the request comes; whether that person may sign in, as what,
// and how many failures there were before, is decided in the organisation's turn.

#include "capabilities/access/credentials.hpp"
#include "capabilities/access/examples.hpp"
#include "capabilities/access/users.hpp"
#include "capabilities/groups.hpp"
#include "capabilities/route.hpp"

namespace elsec::capabilities {

struct start_session : command {
  start_session(std::optional<domain::user_row> known, const request& from)
      : user(std::move(known)), repeat(from.repeat) {}

  std::optional<domain::user_row> user;  // as found when the request came; nothing for an unknown address
  std::string password{};
  maybe_idempotent repeat;

  // Unknown addresses are the business of one organisation that does not exist.
  [[nodiscard]] subject whom() const override { return {user ? user->organisation_id : domain::organisation_id{}}; }

  // Spares the work; those that come side by side all pass here, so `decide` asks again.
  [[nodiscard]] domain::result<preparation> before(const services& with) const override {
    if (must_wait(with)) return too_many_failed();
    return check_password{user ? user->password_hash : std::string{}, password};
  }

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    if (must_wait(given.with)) return too_many_failed();
    if (!std::get<password_checked>(given.done).fits || !user) return refused();
    const auto person = as_of_now(given.read);
    if (!person) return std::unexpected(person.error());
    if (!*person) return refused();
    const domain::session_started started{.token = crypto::new_token(),
                                          .expires_at = given.now + given.with.policy.session_max,
                                          .user_id = user->id,
                                          .organisation_id = user->organisation_id,
                                          .csrf_token = crypto::new_token()};
    const auto session = session_of(started, given.now);
    storage::change_set changes;
    add_credential(changes, session.credential, credential_row_of(**person, started, session.id));
    changes.put(storage::tables::sessions, storage::key_of(user->organisation_id, session.id), session);
    const answered answer{
        .status = 201, .body = codec::to_json(started), .location = "/api/v1/sessions/" + session.id.str()};
    keep_answer(changes, given.with, repeat, answer,
                {.of = user->organisation_id, .id = session.id.str(), .secret = true});
    return ruling{.answer = answer, .changes = std::move(changes), .notices = {succeeded(session.credential)}};
  }

  [[nodiscard]] static domain::result<shared_command> make(const services& with, const request& from) {
    const auto body = from.body_as<domain::log_in>();
    if (!body) return std::unexpected(body.error());
    if (!with.activity->has_room(with.now(), with.policy.session_idle))
      return domain::fail(domain::error_code::overloaded, "Too many people are signed in.");
    const auto snapshot = with.store->read();
    if (!snapshot) return std::unexpected(snapshot.error());
    auto user = find_user(with, *snapshot, body->email);
    if (!user) return std::unexpected(std::move(user.error()));
    start_session made(std::move(*user), from);
    made.password = body->password.str();
    return as_command(std::move(made));
  }

  [[nodiscard]] static route described() {
    return {.method = "POST",
            .path = "/api/v1/sessions",
            .id = "start_session",
            .summary = "Signs a person in",
            .group = groups::access,
            .body = body_kind::json,
            .request = body_type_of<domain::log_in>,
            .repeatable = true,
            .success = 201,
            .answer = body_type_of<domain::session_started>,
            .problems = {401, 409},
            .cookie = cookie_use::begins,
            .make = &make};
  }

 private:
  [[nodiscard]] bool must_wait(const services& with) const {
    return user && with.now() < with.log_ins->until(user->id);
  }
  [[nodiscard]] static std::unexpected<domain::error> too_many_failed() {
    return domain::fail(domain::error_code::too_many_requests, "too many failed log-ins; wait before the next");
  }

  // Nothing when the person is gone, or the password that was looked at is not theirs any more.
  [[nodiscard]] domain::result<std::optional<domain::user_row>> as_of_now(const storage::snapshot& read) const {
    auto row = read.get(storage::tables::users, storage::key_of(user->organisation_id, user->id));
    if (row && *row && (*row)->password_hash != user->password_hash) row->reset();
    return row;
  }

  [[nodiscard]] ruling refused() const {
    ruling no{.refusal = domain::error{domain::error_code::bad_credentials, "e-mail or password is wrong", {}}};
    if (user)
      no.notices.emplace_back(news([id = user->id](const services& with) {
        with.log_ins->failed(id, with.now(), with.policy.logins_failed_free);
      }));
    return no;
  }

  [[nodiscard]] notice succeeded(const std::string& credential) const {
    return news([credential, id = user->id](const services& with) {
      with.log_ins->succeeded(id);
      with.activity->begin(credential, with.now());
    });
  }

  [[nodiscard]] domain::session_row session_of(const domain::session_started& started, domain::time_point now) const {
    domain::session_row session;
    session.id = crypto::new_id<domain::session_id>(now);
    session.created_at = now;
    session.expires_at = started.expires_at;
    session.credential = credential_of(started.token);
    session.user_id = user->id;
    return session;
  }

  [[nodiscard]] static domain::credential_row credential_row_of(const domain::user_row& person,
                                                                const domain::session_started& started,
                                                                const domain::session_id& session) {
    return {.organisation_id = person.organisation_id,
            .user_id = person.id,
            .session_id = session,
            .roles = person.roles,
            .scopes = domain::scopes_of(person.roles),
            .expires_at = started.expires_at,
            .csrf_token = started.csrf_token};
  }
};

}  // namespace elsec::capabilities
