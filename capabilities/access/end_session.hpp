#pragma once
// DELETE /sessions/{id}, /sessions/current: a person signs out.

#include "capabilities/access/credentials.hpp"
#include "capabilities/command_of_caller.hpp"
#include "capabilities/groups.hpp"

namespace elsec::capabilities {

struct end_session : command_of_caller {
  // Without a session: the current one.
  explicit end_session(const request& from, std::optional<domain::session_id> which = {})
      : command_of_caller(from), session(which ? *which : from.who.session_id.value_or(domain::session_id{})) {}

  domain::session_id session;

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    const auto row = find_row(given.read, storage::tables::sessions, storage::key_of(who.organisation_id, session));
    if (!row) return std::unexpected(row.error());
    if (row->user_id != who.user_id) return domain::fail(domain::error_code::not_found);
    storage::change_set changes;
    end_credential(changes, storage::tables::sessions, who.organisation_id, *row);
    return ruling{
        .answer = {.status = 204}, .changes = std::move(changes), .notices = {credential_ended(row->credential)}};
  }

  [[nodiscard]] static route described() {
    return command_route<end_session, in_path<domain::session_id>>({.method = "DELETE",
                                                                    .path = "/api/v1/sessions/{id}",
                                                                    .id = "end_session",
                                                                    .summary = "Ends one of one's own sessions",
                                                                    .group = groups::access,
                                                                    .need = access::person,
                                                                    .success = 204});
  }

  [[nodiscard]] static route described_for_current() {
    return command_route<end_session>({.method = "DELETE",
                                       .path = "/api/v1/sessions/current",
                                       .id = "end_current_session",
                                       .summary = "Signs out",
                                       .group = groups::access,
                                       .need = access::person,
                                       .success = 204,
                                       .cookie = cookie_use::ends});
  }
};

}  // namespace elsec::capabilities
