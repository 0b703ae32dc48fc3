#pragma once
// POST /api-tokens.

#include "capabilities/access/credentials.hpp"
#include "capabilities/access/examples.hpp"
#include "capabilities/command_of_caller.hpp"
#include "capabilities/groups.hpp"
#include "decisions/audit.hpp"

#include <algorithm>

namespace elsec::capabilities {

struct create_api_token : command_of_caller {
  create_api_token(const request& from, domain::new_api_token wanted)
      : command_of_caller(from), what(std::move(wanted)), repeat(from.repeat) {}

  domain::new_api_token what;
  maybe_idempotent repeat;

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    using domain::error_code;
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
    changes.put(storage::tables::api_tokens, storage::key_of(who.organisation_id, row.id), row);
    audit(changes, given.now, who.organisation_id,
          {.actor = audit_name_of(who), .action = "api_token.created", .object = row.id.str()});
    const answered answer{
        .status = 201, .body = codec::to_json(created), .location = "/api/v1/api-tokens/" + row.id.str()};
    keep_answer(changes, given.with, repeat, answer, {.of = who.organisation_id, .id = row.id.str(), .secret = true});
    return ruling{.answer = answer, .changes = std::move(changes)};
  }

  [[nodiscard]] static route described() {
    return command_route<create_api_token, in_body<domain::new_api_token>>(
        {.method = "POST",
         .path = "/api/v1/api-tokens",
         .id = "create_api_token",
         .summary = "Makes an API token; it is shown this once",
         .group = groups::access,
         .need = access::scoped,
         .scope = domain::scope::account_write,
         .repeatable = true,
         .success = 201,
         .answer = body_type_of<domain::api_token_created>,
         .problems = {409}});
  }
};

}  // namespace elsec::capabilities
