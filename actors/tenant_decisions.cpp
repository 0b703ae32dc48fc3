#include "actors/tenant_decisions.hpp"

#include "codec/json.hpp"
#include "crypto/random.hpp"
#include "domain/folding.hpp"

#include <algorithm>

namespace elsec::actors {

using domain::error_code;
namespace tables = storage::tables;

namespace {

constexpr auto login_delay_first = std::chrono::seconds(1);
constexpr auto login_delay_max = std::chrono::seconds(60);

template <class Record>
domain::result<Record> must_find(const services& with, const storage::table<Record>& where, const std::string& key) {
  auto snapshot = with.store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  auto found = snapshot->get(where, key);
  if (!found) return std::unexpected(found.error());
  if (!*found) return domain::fail(error_code::not_found);
  return std::move(**found);
}

std::uint64_t milliseconds(domain::time_point at) { return static_cast<std::uint64_t>(at.time_since_epoch().count()); }

std::string credential_of(const std::string& token) { return crypto::to_hex(crypto::sha256(token)); }

void add_credential(storage::change_set& changes, const std::string& credential, const domain::credential_row& row) {
  changes.insert(tables::credentials, credential, row);
  if (row.expires_at)
    changes.put(tables::credential_expiry,
                storage::key_of(storage::big_endian(milliseconds(*row.expires_at)), credential),
                {row.organisation_id, row.session_id ? row.session_id->str() : row.token_id->str()});
}

void audit(storage::change_set& changes, const services& with, const domain::organisation_id& of, std::string actor,
           std::string action, std::string object, std::string detail) {
  const auto now = with.now();
  const storage::audit_row row{crypto::new_id<domain::audit_id>(now),
                               now,
                               std::move(actor),
                               std::move(action),
                               std::move(object),
                               std::move(detail)};
  changes.put(tables::audit, storage::key_of(of, row.id), row);
}

std::string actor_of(const domain::principal& who) {
  return who.user_id ? who.user_id->str() : who.token_id ? who.token_id->str() : std::string("unknown");
}

domain::user_row first_user(const domain::new_person& person, const domain::organisation_id& of, std::string hash,
                            domain::time_point now) {
  domain::user_row user;
  static_cast<domain::person&>(user) = person;
  user.id = crypto::new_id<domain::user_id>(now);
  user.organisation_id = of;
  user.roles = {domain::role::admin, domain::role::member};
  user.created_at = now;
  user.password_hash = std::move(hash);
  return user;
}

}  // namespace

std::string email_key(const services& with, const domain::email_address& email) {
  return with.store->index_hash("email", domain::fold_case(email.str()));
}

domain::result<domain::user_row> find_user(const services& with, const domain::email_address& email) {
  auto snapshot = with.store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  const auto entry = snapshot->get(tables::emails, email_key(with, email));
  if (!entry) return std::unexpected(entry.error());
  if (!*entry) return domain::fail(error_code::bad_credentials);
  auto user = snapshot->get(tables::users, storage::key_of((*entry)->organisation_id, (*entry)->user_id));
  if (!user) return std::unexpected(user.error());
  if (!*user) return domain::fail(error_code::bad_credentials);
  return std::move(**user);
}

decision<outcome> decide_founding(const services& with, const domain::organisation_id& id,
                                  const register_organisation& command, std::string encoded_hash) {
  const auto now = with.now();
  domain::organisation organisation;
  static_cast<domain::organisation_profile&>(organisation) = command.what.organisation;
  organisation.id = id;
  organisation.node = with.node_name;
  organisation.created_at = now;
  const auto user = first_user(command.what.user, id, std::move(encoded_hash), now);

  storage::change_set changes;
  changes.found(id);
  changes.insert(tables::organisations, id.str(), organisation);
  changes.put(tables::declarations, id.str(),
              {user.id, now, command.what.accept, command.what.acts_for_business.value_or(false),
               command.what.consulting_requested.value_or(false)});
  changes.insert(tables::users, storage::key_of(id, user.id), user);
  changes.insert(tables::emails, email_key(with, user.email), {id, user.id}, error_code::email_in_use);

  const answered answer{
      .status = 201,
      .body = codec::to_json(domain::registered{id, user.id, domain::offers_consulting(organisation)}),
      .location = "/api/v1/organisation"};
  keep_answer(changes, with, command.repeat, answer, id.str(), false);
  return {.answer = answer, .changes = std::move(changes), .card = domain::card_of(organisation)};
}

decision<outcome> decide_session(const services& with, const domain::user_row& user, const maybe_idempotent& repeat) {
  const auto now = with.now();
  const domain::session_started started{.token = crypto::new_token(),
                                        .expires_at = now + with.policy.session_max,
                                        .user_id = user.id,
                                        .organisation_id = user.organisation_id,
                                        .csrf_token = crypto::new_token()};
  const auto credential = credential_of(started.token);
  domain::session_row session;
  session.id = crypto::new_id<domain::session_id>(now);
  session.created_at = now;
  session.expires_at = started.expires_at;
  session.credential = credential;
  session.user_id = user.id;
  domain::credential_row row{.organisation_id = user.organisation_id,
                             .user_id = user.id,
                             .session_id = session.id,
                             .roles = user.roles,
                             .scopes = domain::scopes_of(user.roles),
                             .expires_at = started.expires_at,
                             .csrf_token = started.csrf_token};
  storage::change_set changes;
  add_credential(changes, credential, row);
  changes.put(tables::sessions, storage::key_of(user.organisation_id, session.id), session);
  const answered answer{
      .status = 201, .body = codec::to_json(started), .location = "/api/v1/sessions/" + session.id.str()};
  keep_answer(changes, with, repeat, answer, session.id.str(), true);
  auto* activity = with.activity.get();
  return {.answer = answer, .changes = std::move(changes), .act = [activity, credential, now] {
            activity->begin(credential, now);
          }};
}

domain::result<decision<outcome>> decide_grant(const services& with, const grant_capabilities& command) {
  auto before = must_find(with, tables::organisations, command.organisation.str());
  if (!before) return std::unexpected(before.error());
  const auto after = domain::grant(*before, command.what);
  storage::change_set changes;
  changes.put(tables::organisations, after.id.str(), after);
  audit(changes, with, after.id, "operator", "capabilities.changed", after.id.str(),
        "receive=" + std::string(after.capabilities.receive ? "true" : "false") +
            " beds=" + (after.capabilities.beds ? "true" : "false") + ": " + command.what.reason.str());
  return decision<outcome>{
      .answer = answered{.body = codec::to_json(after)}, .changes = std::move(changes), .card = domain::card_of(after)};
}

domain::result<decision<outcome>> decide_change(const services& with, const change_organisation& command) {
  auto before = must_find(with, tables::organisations, command.who.organisation_id.str());
  if (!before) return std::unexpected(before.error());
  if (!fits(command.if_match, codec::to_json(*before)))
    return domain::fail(error_code::stale, "read the organisation again and repeat the change");
  const auto after = domain::change(std::move(*before), command.what);
  if (!after) return std::unexpected(after.error());
  storage::change_set changes;
  changes.put(tables::organisations, after->id.str(), *after);
  audit(changes, with, after->id, actor_of(command.who), "organisation.changed", after->id.str(), "");
  return decision<outcome>{.answer = answered{.body = codec::to_json(*after)},
                           .changes = std::move(changes),
                           .card = domain::card_of(*after)};
}

domain::result<decision<outcome>> decide_end_of_session(const shared_services& with, const end_session& command) {
  const auto id = command.session ? *command.session : command.who.session_id.value_or(domain::session_id{});
  const auto key = storage::key_of(command.who.organisation_id, id);
  const auto session = must_find(*with, tables::sessions, key);
  if (!session) return std::unexpected(session.error());
  if (session->user_id != command.who.user_id) return domain::fail(error_code::not_found);
  storage::change_set changes;
  changes.erase(tables::sessions, key);
  changes.erase(tables::credentials, session->credential);
  return decision<outcome>{.answer = answered{.status = 204},
                           .changes = std::move(changes),
                           .act = [with, credential = session->credential] {
                             with->activity->forget(credential);
                             with->credentials->notify(credential);
                           }};
}

domain::result<decision<outcome>> decide_new_token(const services& with, const create_api_token& command) {
  const auto now = with.now();
  if (command.what.expires_at && *command.what.expires_at <= now)
    return domain::fail_field(error_code::invalid, "/expires_at", "must lie in the future");
  const auto beyond = std::ranges::find_if(command.what.scopes, [&](const domain::scope_name& wanted) {
    return !domain::allows(command.who, wanted.value());
  });
  if (beyond != command.what.scopes.end())
    return domain::fail_field(error_code::forbidden, "/scopes", "a token cannot hold a scope its maker lacks");
  domain::api_token_row row;
  static_cast<domain::new_api_token&>(row) = command.what;
  row.id = crypto::new_id<domain::token_id>(now);
  row.created_at = now;
  const domain::api_token_created created{static_cast<const domain::api_token&>(row), crypto::new_token()};
  row.credential = credential_of(created.token);

  storage::change_set changes;
  add_credential(changes, row.credential,
                 {.organisation_id = command.who.organisation_id,
                  .token_id = row.id,
                  .roles = {},
                  .scopes = row.scopes,
                  .expires_at = row.expires_at,
                  .csrf_token = {}});
  changes.put(tables::api_tokens, storage::key_of(command.who.organisation_id, row.id), row);
  audit(changes, with, command.who.organisation_id, actor_of(command.who), "api_token.created", row.id.str(), "");
  const answered answer{
      .status = 201, .body = codec::to_json(created), .location = "/api/v1/api-tokens/" + row.id.str()};
  keep_answer(changes, with, command.repeat, answer, row.id.str(), true);
  return decision<outcome>{.answer = answer, .changes = std::move(changes)};
}

domain::result<decision<outcome>> decide_end_of_token(const shared_services& with, const delete_api_token& command) {
  const auto key = storage::key_of(command.who.organisation_id, command.token);
  const auto token = must_find(*with, tables::api_tokens, key);
  if (!token) return std::unexpected(token.error());
  storage::change_set changes;
  changes.erase(tables::api_tokens, key);
  changes.erase(tables::credentials, token->credential);
  audit(changes, *with, command.who.organisation_id, actor_of(command.who), "api_token.deleted", token->id.str(), "");
  return decision<outcome>{.answer = answered{.status = 204},
                           .changes = std::move(changes),
                           .act = [with, credential = token->credential] { with->credentials->notify(credential); }};
}

domain::result<void> check_room(const services& with, const domain::organisation_id& of, std::uint64_t bytes,
                                const claimed_room& claimed) {
  const auto free = with.content->free_bytes();
  if (!free) return std::unexpected(free.error());
  if (*free < with.policy.free_reserve_bytes + claimed.on_disk + bytes)
    return domain::fail(error_code::storage_full, "the node's disk is full; repeat later");
  auto snapshot = with.store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  const auto used = snapshot->get(tables::usage, of.str());
  if (!used) return std::unexpected(used.error());
  if ((*used ? (*used)->value : 0) + claimed.of_tenant + bytes > with.policy.tenant_quota_bytes)
    return domain::fail(error_code::storage_full, "the organisation's storage is full; close documents first");
  return {};
}

void note_failure(tenant_state::failures& failed, const services& with) {
  ++failed.count;
  if (failed.count < with.policy.logins_failed_free) return;
  const auto doublings = std::min(failed.count - with.policy.logins_failed_free, 6U);
  failed.delayed_until =
      with.now() + std::min<std::chrono::seconds>(login_delay_first * (1U << doublings), login_delay_max);
}

}  // namespace elsec::actors
