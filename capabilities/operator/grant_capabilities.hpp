#pragma once
// PUT /operator/v1/organisations/{id}/capabilities: what an organisation may do in the network; the reason is kept.

#include "capabilities/groups.hpp"
#include "capabilities/operator/examples.hpp"
#include "capabilities/route.hpp"
#include "decisions/audit.hpp"
#include "decisions/rows.hpp"

namespace elsec::capabilities {

struct grant_capabilities : command {
  grant_capabilities(const request&, domain::organisation_id to, domain::capability_grant granted)
      : organisation(std::move(to)), what(std::move(granted)) {}

  domain::organisation_id organisation;
  domain::capability_grant what;

  [[nodiscard]] subject whom() const override { return {organisation}; }

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    auto before = find_row(given.read, tables::organisations, organisation.str());
    if (!before) return std::unexpected(before.error());
    const auto after = domain::grant(*before, what);
    const auto yes_or_no = [](bool held) { return std::string(held ? "true" : "false"); };
    storage::change_set changes;
    changes.put(tables::organisations, after.id.str(), after);
    audit(changes, given.now, after.id,
          {.actor = "operator",
           .action = "capabilities.changed",
           .object = after.id.str(),
           .detail = "receive=" + yes_or_no(after.capabilities.receive) +
                     " beds=" + yes_or_no(after.capabilities.beds) + ": " + what.reason.str()});
    return ruling{
        .answer = {.body = codec::to_json(after)}, .changes = std::move(changes), .card = domain::card_of(after)};
  }

  [[nodiscard]] static route described() {
    return command_route<grant_capabilities, in_path<domain::organisation_id>, in_body<domain::capability_grant>>(
        {.method = "PUT",
         .path = "/operator/v1/organisations/{id}/capabilities",
         .id = "grant_capabilities",
         .summary = "Grants or withdraws capabilities; the reason is kept",
         .group = groups::operation,
         .need = access::operator_,
         .answer = body_type_of<domain::organisation>,
         .problems = {409}});
  }
};

}  // namespace elsec::capabilities
