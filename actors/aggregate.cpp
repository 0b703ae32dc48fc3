#include "actors/aggregate.hpp"

#include "actors/queries.hpp"

namespace elsec::actors {

void keep_answer(storage::change_set& changes, const services& with, const maybe_idempotent& repeat,
                 const answered& answer, const std::string& id, bool secret, const std::string& fingerprint) {
  if (!repeat) return;
  const auto expires = with.now() + with.policy.idempotency;
  const storage::answer_row row{.fingerprint = fingerprint.empty() ? repeat->fingerprint : fingerprint,
                                .status = answer.status,
                                .location = answer.location,
                                .body = secret ? std::string{} : answer.body,
                                .id = id,
                                .expires_at = expires};
  changes.insert(storage::tables::answers, repeat->key, row);
  const auto due = static_cast<std::uint64_t>(expires.time_since_epoch().count());
  changes.put(storage::tables::answer_expiry, storage::key_of(storage::big_endian(due), repeat->key), {});
}

std::string client_ref_key(const services& with, const domain::organisation_id& of, const std::string& client_ref) {
  return with.store->index_hash("client_ref", storage::key_of(of, client_ref));
}

bool fits(const std::optional<std::string>& if_match, std::string_view json) {
  if (!if_match || *if_match == "*") return true;
  const auto tag = "\"" + queries::etag_of(json) + "\"";
  return if_match->find(tag) != std::string::npos;
}

}  // namespace elsec::actors
