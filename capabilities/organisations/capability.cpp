#include "capabilities/organisations/capability.hpp"

#include "capabilities/organisations/change_organisation.hpp"

namespace elsec::capabilities {
namespace {

domain::result<shown> show_organisation(const facts& given, const request& asked) {
  return object<domain::organisation>(find_row(given.read, tables::organisations, asked.who.organisation_id.str()));
}

route get_organisation() {
  return {.method = "GET",
          .path = "/api/v1/organisation",
          .id = "get_organisation",
          .summary = "One's own organisation",
          .group = groups::network,
          .need = access::scoped,
          .scope = domain::scope::account_read,
          .answer = body_type_of<domain::organisation>,
          .show = &show_organisation};
}

}  // namespace

capability organisations_capability() {
  return {.name = "organisations", .routes = {get_organisation(), change_organisation::described()}};
}

}  // namespace elsec::capabilities
