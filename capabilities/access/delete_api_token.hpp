#pragma once
// DELETE /api-tokens/{id}.

#include "capabilities/access/credentials.hpp"
#include "capabilities/command_of_caller.hpp"
#include "capabilities/groups.hpp"
#include "decisions/audit.hpp"

namespace elsec::capabilities {

struct delete_api_token : command_of_caller {
  delete_api_token(const request& from, domain::token_id which) : command_of_caller(from), token(std::move(which)) {}

  domain::token_id token;

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    const auto row = find_row(given.read, storage::tables::api_tokens, storage::key_of(who.organisation_id, token));
    if (!row) return std::unexpected(row.error());
    storage::change_set changes;
    end_credential(changes, storage::tables::api_tokens, who.organisation_id, *row);
    audit(changes, given.now, who.organisation_id,
          {.actor = audit_name_of(who), .action = "api_token.deleted", .object = row->id.str()});
    return ruling{
        .answer = {.status = 204}, .changes = std::move(changes), .notices = {credential_ended(row->credential)}};
  }

  [[nodiscard]] static route described() {
    return command_route<delete_api_token, in_path<domain::token_id>>({.method = "DELETE",
                                                                       .path = "/api/v1/api-tokens/{id}",
                                                                       .id = "delete_api_token",
                                                                       .summary = "Revokes an API token",
                                                                       .group = groups::access,
                                                                       .need = access::scoped,
                                                                       .scope = domain::scope::account_write,
                                                                       .success = 204});
  }
};

}  // namespace elsec::capabilities
