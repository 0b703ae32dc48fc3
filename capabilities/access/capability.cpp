#include "capabilities/access/capability.hpp"

#include "capabilities/access/create_api_token.hpp"
#include "capabilities/access/delete_api_token.hpp"
#include "capabilities/access/end_session.hpp"
#include "capabilities/access/register_organisation.hpp"
#include "capabilities/access/start_session.hpp"
#include "capabilities/lists.hpp"

namespace elsec::capabilities {
namespace {

struct sessions_list : plain_list<domain::session> {
  static constexpr const auto& rows = storage::tables::sessions;

  static bool keep(const facts&, const request& asked, const list_query&, const domain::session_row& row) {
    return row.user_id == asked.who.user_id;
  }
  static domain::session item_of(const request& asked, const domain::session_row& row) {
    domain::session one = row;
    one.current = row.id == asked.who.session_id;
    return one;
  }
};

struct api_tokens_list : plain_list<domain::api_token> {
  static constexpr const auto& rows = storage::tables::api_tokens;
};

domain::result<shown> show_me(const facts& given, const request& asked) {
  if (!asked.who.user_id) return domain::fail(domain::error_code::forbidden, "an API token is no person");
  const auto user =
      find_row(given.read, storage::tables::users, storage::key_of(asked.who.organisation_id, *asked.who.user_id));
  if (!user) return std::unexpected(user.error());
  domain::me me;
  static_cast<domain::user&>(me) = *user;
  me.csrf_token = asked.who.csrf_token;
  return object<domain::me>(domain::result<domain::me>(std::move(me)));
}

route list_sessions() {
  return list_route<sessions_list>({.path = "/api/v1/sessions",
                                    .id = "list_sessions",
                                    .summary = "One's own sessions",
                                    .group = groups::access,
                                    .need = access::person});
}

route get_me() {
  return {.method = "GET",
          .path = "/api/v1/users/me",
          .id = "get_me",
          .summary = "The signed-in person",
          .group = groups::access,
          .need = access::person,
          .answer = body_type_of<domain::me>,
          .show = &show_me};
}

route list_api_tokens() {
  return list_route<api_tokens_list>({.path = "/api/v1/api-tokens",
                                      .id = "list_api_tokens",
                                      .summary = "The organisation's API tokens",
                                      .group = groups::access,
                                      .need = access::scoped,
                                      .scope = domain::scope::account_write});
}

}  // namespace

capability access_capability() {
  return {.name = "access",
          .routes = {register_organisation::described(), start_session::described(), list_sessions(),
                     end_session::described_for_current(), end_session::described(), get_me(), list_api_tokens(),
                     create_api_token::described(), delete_api_token::described()},
          .made_of = {.deadline_kinds = {kind_met_together<expire_credentials>(credential_expires)}}};
}

}  // namespace elsec::capabilities
