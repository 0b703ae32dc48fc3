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
domain::result<Record> must_find(const storage::snapshot& read, const storage::table<Record>& where,
                                 const std::string& key) {
  auto found = read.get(where, key);
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

void audit(storage::change_set& changes, domain::time_point now, const domain::organisation_id& of, std::string actor,
           std::string action, std::string object, std::string detail) {
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

founding decide_founding(const services& with, const domain::organisation_id& id, const register_organisation& command,
                         std::string encoded_hash) {
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
  return {answer, std::move(changes), domain::card_of(organisation)};
}

session_begun decide_session(const services& with, const domain::user_row& user, const maybe_idempotent& repeat) {
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
  return {answer, std::move(changes), credential};
}

domain::result<ruling> grant_capabilities::decide(const facts& given) const {
  auto before = must_find(given.read, tables::organisations, organisation.str());
  if (!before) return std::unexpected(before.error());
  const auto after = domain::grant(*before, what);
  storage::change_set changes;
  changes.put(tables::organisations, after.id.str(), after);
  audit(changes, given.now, after.id, "operator", "capabilities.changed", after.id.str(),
        "receive=" + std::string(after.capabilities.receive ? "true" : "false") +
            " beds=" + (after.capabilities.beds ? "true" : "false") + ": " + what.reason.str());
  return ruling{.answer = {.body = codec::to_json(after)}, .changes = std::move(changes), .card = card_of(after)};
}

domain::result<ruling> change_organisation::decide(const facts& given) const {
  auto before = must_find(given.read, tables::organisations, who.organisation_id.str());
  if (!before) return std::unexpected(before.error());
  if (!fits(if_match, codec::to_json(*before)))
    return domain::fail(error_code::stale, "read the organisation again and repeat the change");
  const auto after = domain::change(std::move(*before), what);
  if (!after) return std::unexpected(after.error());
  storage::change_set changes;
  changes.put(tables::organisations, after->id.str(), *after);
  audit(changes, given.now, after->id, actor_of(who), "organisation.changed", after->id.str(), "");
  return ruling{.answer = {.body = codec::to_json(*after)}, .changes = std::move(changes), .card = card_of(*after)};
}

domain::result<ruling> end_session::decide(const facts& given) const {
  const auto id = session ? *session : who.session_id.value_or(domain::session_id{});
  const auto key = storage::key_of(who.organisation_id, id);
  const auto row = must_find(given.read, tables::sessions, key);
  if (!row) return std::unexpected(row.error());
  if (row->user_id != who.user_id) return domain::fail(error_code::not_found);
  storage::change_set changes;
  changes.erase(tables::sessions, key);
  changes.erase(tables::credentials, row->credential);
  return ruling{
      .answer = {.status = 204}, .changes = std::move(changes), .notices = {credential_ended{row->credential}}};
}

domain::result<ruling> create_api_token::decide(const facts& given) const {
  if (what.expires_at && *what.expires_at <= given.now)
    return domain::fail_field(error_code::invalid, "/expires_at", "must lie in the future");
  const bool beyond = std::ranges::any_of(
      what.scopes, [&](const domain::scope_name& wanted) { return !domain::allows(who, wanted.value()); });
  if (beyond)
    return domain::fail_field(error_code::forbidden, "/scopes", "a token cannot hold a scope its maker lacks");
  domain::api_token_row row;
  static_cast<domain::new_api_token&>(row) = what;
  row.id = crypto::new_id<domain::token_id>(given.now);
  row.created_at = given.now;
  const domain::api_token_created created{static_cast<const domain::api_token&>(row), crypto::new_token()};
  row.credential = credential_of(created.token);

  storage::change_set changes;
  add_credential(changes, row.credential,
                 {.organisation_id = who.organisation_id,
                  .token_id = row.id,
                  .roles = {},
                  .scopes = row.scopes,
                  .expires_at = row.expires_at,
                  .csrf_token = {}});
  changes.put(tables::api_tokens, storage::key_of(who.organisation_id, row.id), row);
  audit(changes, given.now, who.organisation_id, actor_of(who), "api_token.created", row.id.str(), "");
  const answered answer{
      .status = 201, .body = codec::to_json(created), .location = "/api/v1/api-tokens/" + row.id.str()};
  keep_answer(changes, given.with, repeat, answer, row.id.str(), true);
  return ruling{.answer = answer, .changes = std::move(changes)};
}

domain::result<ruling> delete_api_token::decide(const facts& given) const {
  const auto key = storage::key_of(who.organisation_id, token);
  const auto row = must_find(given.read, tables::api_tokens, key);
  if (!row) return std::unexpected(row.error());
  storage::change_set changes;
  changes.erase(tables::api_tokens, key);
  changes.erase(tables::credentials, row->credential);
  audit(changes, given.now, who.organisation_id, actor_of(who), "api_token.deleted", row->id.str(), "");
  return ruling{
      .answer = {.status = 204}, .changes = std::move(changes), .notices = {credential_ended{row->credential}}};
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
