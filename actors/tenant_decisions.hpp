#pragma once
// What a tenant's commands come to: pure of actors, given the services they read from.

#include "actors/aggregate.hpp"
#include "actors/tenant.hpp"

namespace elsec::actors {

[[nodiscard]] inline shared_changes share(storage::change_set changes) {
  return std::make_shared<const storage::change_set>(std::move(changes));
}

// The user behind an e-mail address of this node; `bad_credentials` when there is none.
[[nodiscard]] domain::result<domain::user_row> find_user(const services& with, const domain::email_address& email);
[[nodiscard]] std::string email_key(const services& with, const domain::email_address& email);

[[nodiscard]] decision<outcome> decide_founding(const services& with, const domain::organisation_id& id,
                                                const register_organisation& command, std::string encoded_hash);
[[nodiscard]] decision<outcome> decide_session(const services& with, const domain::user_row& user,
                                               const maybe_idempotent& repeat);
[[nodiscard]] domain::result<decision<outcome>> decide_grant(const services& with, const grant_capabilities& command);
[[nodiscard]] domain::result<decision<outcome>> decide_change(const services& with, const change_organisation& command);
[[nodiscard]] domain::result<decision<outcome>> decide_end_of_session(const shared_services& with,
                                                                      const end_session& command);
[[nodiscard]] domain::result<decision<outcome>> decide_new_token(const services& with, const create_api_token& command);
[[nodiscard]] domain::result<decision<outcome>> decide_end_of_token(const shared_services& with,
                                                                    const delete_api_token& command);

// Bytes that others are about to store.
struct claimed_room {
  std::uint64_t of_tenant = 0;
  std::uint64_t on_disk = 0;
};
// Whether `bytes` more may be stored: within the tenant's quota, and not into the reserve of the disk.
[[nodiscard]] domain::result<void> check_room(const services& with, const domain::organisation_id& of,
                                              std::uint64_t bytes, const claimed_room& claimed = {});

// Counts a failed log-in; from the limit on, the next one must wait, longer each time, never for good.
void note_failure(tenant_state::failures& failed, const services& with);

}  // namespace elsec::actors
