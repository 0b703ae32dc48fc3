#pragma once
// What sessions and API tokens share: the credential behind the bearer token, and its end.

#include "capabilities/route.hpp"
#include "crypto/random.hpp"
#include "crypto/seal.hpp"
#include "decisions/deadlines.hpp"
#include "decisions/rows.hpp"
#include "domain/access.hpp"

#include <string>

namespace elsec::capabilities {

// The kind of deadline of sessions and of tokens that expire. Its object: the session's or token's id.
inline constexpr std::string_view credential_expires = "credential_expires";

[[nodiscard]] inline std::string credential_of(const std::string& token) {
  return crypto::to_hex(crypto::sha256(token));
}

[[nodiscard]] inline std::string object_of(const domain::credential_row& row) {
  return row.session_id ? row.session_id->str() : row.token_id->str();
}

inline void add_credential(storage::change_set& changes, const std::string& credential,
                           const domain::credential_row& row) {
  changes.insert(storage::tables::credentials, credential, row);
  if (row.expires_at) set_deadline(changes, {credential_expires, *row.expires_at, row.organisation_id, object_of(row)});
}

// Ends a session or token: its row in `where`, its credential, its deadline.
template <class Record>
void end_credential(storage::change_set& changes, const storage::table<Record>& where,
                    const domain::organisation_id& of, const Record& row) {
  changes.erase(where, storage::key_of(of, row.id));
  changes.erase(storage::tables::credentials, row.credential);
  if (const std::optional<domain::time_point> expires = row.expires_at)
    end_deadline(changes, {credential_expires, *expires, of, row.id.str()});
}

// Tells event streams under it, and forgets its last use.
[[nodiscard]] inline notice credential_ended(const std::string& credential) {
  return news([credential](const services& with) {
    with.activity->forget(credential);
    with.credentials->notify(credential);
  });
}

// A session or token whose time is over.
struct expire_credential : command {
  expire_credential(domain::time_point set_for, const storage::deadline_row& row)
      : at(set_for), organisation(row.organisation_id), object(row.object) {}

  domain::time_point at;
  domain::organisation_id organisation;
  std::string object;

  [[nodiscard]] subject whom() const override { return {organisation}; }

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    return object.starts_with(domain::session_id::prefix) ? end(given, storage::tables::sessions)
                                                          : end(given, storage::tables::api_tokens);
  }

 private:
  template <class Record>
  [[nodiscard]] domain::result<ruling> end(const facts& given, const storage::table<Record>& where) const {
    const auto row = given.read.get(where, storage::key_of(organisation, object));
    if (!row) return std::unexpected(row.error());
    ruling over{.changes = storage::change_set{}};
    end_deadline(*over.changes, {credential_expires, at, organisation, object});
    if (*row) {
      end_credential(*over.changes, where, organisation, **row);
      over.notices.push_back(credential_ended((*row)->credential));
    }
    return over;
  }
};

}  // namespace elsec::capabilities
