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

// Sessions and tokens whose time is over.
struct expire_credentials : command {
  explicit expire_credentials(std::vector<due_deadline> all) : due(std::move(all)) {}

  std::vector<due_deadline> due;  // of one organisation, at least one

  [[nodiscard]] subject whom() const override { return {due.front().row.organisation_id}; }

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    ruling over{.changes = storage::change_set{}};
    for (const auto& each : due) {
      const bool session = each.row.object.starts_with(domain::session_id::prefix);
      auto ended = session ? end(over, given, storage::tables::sessions, each)
                           : end(over, given, storage::tables::api_tokens, each);
      if (!ended) return std::unexpected(std::move(ended.error()));
    }
    return over;
  }

 private:
  template <class Record>
  static domain::result<void> end(ruling& over, const facts& given, const storage::table<Record>& where,
                                  const due_deadline& what) {
    const auto& of = what.row.organisation_id;
    const auto row = given.read.get(where, storage::key_of(of, what.row.object));
    if (!row) return std::unexpected(row.error());
    end_deadline(*over.changes, {credential_expires, what.at, of, what.row.object});
    if (!*row) return {};
    end_credential(*over.changes, where, of, **row);
    over.notices.push_back(credential_ended((*row)->credential));
    return {};
  }
};

}  // namespace elsec::capabilities
