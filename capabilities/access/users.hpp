#pragma once
// Finding a person by e-mail address.

#include "capabilities/route.hpp"
#include "decisions/services.hpp"
#include "domain/access.hpp"
#include "domain/folding.hpp"

#include <string>

namespace elsec::capabilities {

// Addresses that differ only in case lead to the same person; the index holds a keyed hash, never the address.
[[nodiscard]] inline std::string email_key(const services& with, const domain::email_address& email) {
  return with.store->index_hash("email", domain::fold_case(email.str()));
}

// Nothing when this node knows nobody by that address.
[[nodiscard]] inline domain::result<std::optional<domain::user_row>> find_user(const services& with,
                                                                               const storage::snapshot& read,
                                                                               const domain::email_address& email) {
  const auto entry = read.get(storage::tables::emails, email_key(with, email));
  if (!entry) return std::unexpected(entry.error());
  if (!*entry) return std::optional<domain::user_row>{};
  return read.get(storage::tables::users, storage::key_of((*entry)->organisation_id, (*entry)->user_id));
}

}  // namespace elsec::capabilities
