#pragma once
// POST /operator/v1/organisations/{id}/recount: how much the organisation has stored is counted again from its
// documents, as after one of them could not be read. A number that cannot be read itself is counted again anyway.

#include "capabilities/damage/examples.hpp"
#include "capabilities/groups.hpp"
#include "decisions/audit.hpp"
#include "decisions/rows.hpp"

namespace elsec::capabilities {

struct recount_usage : command {
  recount_usage(const request&, domain::organisation_id of, recount_reason said)
      : organisation(std::move(of)), what(std::move(said)) {}

  domain::organisation_id organisation;
  recount_reason what;

  [[nodiscard]] subject whom() const override { return {organisation}; }

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    const auto there = given.read.contains(tables::organisations.name, organisation.str());
    if (!there) return std::unexpected(there.error());
    if (!*there) return domain::fail(domain::error_code::not_found);
    storage::change_set changes;
    changes.recount_usage(organisation);
    audit(
        changes, given.now, organisation,
        {.actor = "operator", .action = "usage.recounted", .object = organisation.str(), .detail = what.reason.str()});
    return ruling{.answer = {.status = 204}, .changes = std::move(changes)};
  }

  [[nodiscard]] static route described() {
    return command_route<recount_usage, in_path<domain::organisation_id>, in_body<recount_reason>>(
        {.method = "POST",
         .path = "/operator/v1/organisations/{id}/recount",
         .id = "recount_usage",
         .summary = "Counts again how much the organisation has stored; the reason is kept",
         .group = groups::operation,
         .need = access::operator_,
         .success = 204});
  }
};

}  // namespace elsec::capabilities
