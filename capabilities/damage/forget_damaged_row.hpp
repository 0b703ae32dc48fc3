#pragma once
// DELETE /operator/v1/damaged-rows/{id}: the operator has looked into it; what is left of the row is erased.

#include "capabilities/damage/examples.hpp"
#include "capabilities/groups.hpp"
#include "decisions/rows.hpp"

namespace elsec::capabilities {

struct forget_damaged_row : command {
  forget_damaged_row(const request&, domain::damage_id which) : id(std::move(which)) {}

  domain::damage_id id;

  // It concerns the node and no organisation.
  [[nodiscard]] subject whom() const override { return {}; }

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    const auto there = given.read.contains(tables::damaged.name, id.str());
    if (!there) return std::unexpected(there.error());
    if (!*there) return domain::fail(domain::error_code::not_found);
    storage::change_set changes;
    changes.forget_damaged(id);
    return ruling{.answer = {.status = 204}, .changes = std::move(changes)};
  }

  [[nodiscard]] static route described() {
    return command_route<forget_damaged_row, in_path<domain::damage_id>>(
        {.method = "DELETE",
         .path = "/operator/v1/damaged-rows/{id}",
         .id = "forget_damaged_row",
         .summary = "Erases what is left of a row that could not be read",
         .group = groups::operation,
         .need = access::operator_,
         .success = 204});
  }
};

}  // namespace elsec::capabilities
