#include "capabilities/damage/capability.hpp"

#include "capabilities/damage/damaged_list.hpp"
#include "capabilities/damage/forget_damaged_row.hpp"
#include "capabilities/damage/recount_usage.hpp"

namespace elsec::capabilities {
namespace {

route list_damaged_rows() {
  return list_route<damaged_list>({.path = "/operator/v1/damaged-rows",
                                   .id = "list_damaged_rows",
                                   .summary = "Rows that could not be read and were taken out of their tables",
                                   .group = groups::operation,
                                   .need = access::operator_});
}

}  // namespace

capability damage_capability() {
  return {.name = "damage",
          .routes = {list_damaged_rows(), forget_damaged_row::described(), recount_usage::described()}};
}

}  // namespace elsec::capabilities
