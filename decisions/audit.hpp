#pragma once
// Entries of an organisation's audit log: who did what to which object, and why.

#include "decisions/services.hpp"
#include "domain/access.hpp"

#include <string>

namespace elsec::decisions {

struct audit_entry {
  std::string actor;   // usr_…, tok_… or "operator"
  std::string action;  // "api_token.created"
  std::string object;  // identifier
  std::string detail{};
};
void audit(storage::change_set& changes, domain::time_point now, const domain::organisation_id& of, audit_entry what);

// How the log names a caller.
[[nodiscard]] std::string audit_name_of(const domain::principal& who);

}  // namespace elsec::decisions
