#pragma once
// What a tenant's own business comes to, where it takes more than one step: pure of actors, given the services it reads
// from.

#include "actors/aggregate.hpp"
#include "actors/tenant.hpp"

namespace elsec::actors {

[[nodiscard]] inline shared_changes share(storage::change_set changes) {
  return std::make_shared<const storage::change_set>(std::move(changes));
}

// The user behind an e-mail address of this node; `bad_credentials` when there is none.
[[nodiscard]] domain::result<domain::user_row> find_user(const services& with, const domain::email_address& email);
[[nodiscard]] std::string email_key(const services& with, const domain::email_address& email);

// A new organisation and its first user, once the password is hashed; the directory commits it with the card.
struct founding {
  answered answer;
  storage::change_set changes;
  domain::card card;
};
[[nodiscard]] founding decide_founding(const services& with, const domain::organisation_id& id,
                                       const register_organisation& command, std::string encoded_hash);

// A new session, once the password fits.
struct session_begun {
  answered answer;
  storage::change_set changes;
  std::string credential;
};
[[nodiscard]] session_begun decide_session(const services& with, const domain::user_row& user,
                                           const maybe_idempotent& repeat);

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
