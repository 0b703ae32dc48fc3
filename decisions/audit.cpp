#include "decisions/audit.hpp"

#include "crypto/random.hpp"

namespace elsec::decisions {

void audit(storage::change_set& changes, domain::time_point now, const domain::organisation_id& of, audit_entry what) {
  const storage::audit_row row{crypto::new_id<domain::audit_id>(now),
                               now,
                               std::move(what.actor),
                               std::move(what.action),
                               std::move(what.object),
                               std::move(what.detail)};
  changes.put(storage::tables::audit, storage::key_of(of, row.id), row);
}

std::string audit_name_of(const domain::principal& who) {
  return who.user_id ? who.user_id->str() : who.token_id ? who.token_id->str() : std::string("unknown");
}

}  // namespace elsec::decisions
