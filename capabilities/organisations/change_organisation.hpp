#pragma once
// PATCH /organisation: a member changes its own profile; its card follows in the same commit. The body is a JSON merge
// patch (RFC 7396).

#include "capabilities/command_of_caller.hpp"
#include "capabilities/groups.hpp"
#include "capabilities/organisations/examples.hpp"
#include "decisions/audit.hpp"
#include "decisions/rows.hpp"

namespace elsec::capabilities {

struct change_organisation : command_of_caller {
  change_organisation(const request& from, domain::organisation_changes changes)
      : command_of_caller(from), what(std::move(changes)), if_match(from.if_match) {}

  domain::organisation_changes what;
  wanted_versions if_match;

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    auto before = find_row(given.read, tables::organisations, who.organisation_id.str());
    if (!before) return std::unexpected(before.error());
    if (auto ok = check_version(if_match, codec::to_json(*before)); !ok) return std::unexpected(std::move(ok.error()));
    const auto after = domain::change(std::move(*before), what);
    if (!after) return std::unexpected(after.error());
    storage::change_set changes;
    changes.put(tables::organisations, after->id.str(), *after);
    audit(changes, given.now, after->id,
          {.actor = audit_name_of(who), .action = "organisation.changed", .object = after->id.str()});
    return ruling{
        .answer = {.body = codec::to_json(*after)}, .changes = std::move(changes), .card = domain::card_of(*after)};
  }

  [[nodiscard]] static route described() {
    return command_route<change_organisation, in_body<domain::organisation_changes>>(
        {.method = "PATCH",
         .path = "/api/v1/organisation",
         .id = "update_organisation",
         .summary = "Changes one's own organisation: absent members stay, null removes one (RFC 7396)",
         .group = groups::network,
         .need = access::scoped,
         .scope = domain::scope::account_write,
         .versioned = true,
         .answer = body_type_of<domain::organisation>,
         .problems = {409}});
  }
};

}  // namespace elsec::capabilities
