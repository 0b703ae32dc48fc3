#include "decisions/answers.hpp"

#include "crypto/seal.hpp"
#include "decisions/deadlines.hpp"

#include <algorithm>

namespace elsec::decisions {

namespace tables = storage::tables;

void keep_answer(storage::change_set& changes, const services& with, const maybe_idempotent& repeat,
                 const answered& answer, const kept& what) {
  if (!repeat) return;
  const auto expires = with.now() + with.policy.idempotency;
  const storage::answer_row row{.fingerprint = repeat->fingerprint,
                                .status = answer.status,
                                .location = answer.location,
                                .body = what.secret ? std::string{} : answer.body,
                                .id = what.id};
  changes.insert(tables::answers, repeat->key, row);
  set_deadline(changes, {answer_expires, expires, what.of, repeat->key});
}

domain::result<ruling> forget_answer::decide(const facts&) const {
  storage::change_set changes;
  changes.erase(tables::answers, key);
  end_deadline(changes, {answer_expires, at, organisation, key});
  return ruling{.changes = std::move(changes)};
}

domain::result<std::optional<storage::answer_row>> find_answer(const services& with, const std::string& key) {
  auto snapshot = with.store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  return snapshot->get(tables::answers, key);
}

std::string client_ref_key(const services& with, const domain::organisation_id& of, const std::string& client_ref) {
  return with.store->index_hash("client_ref", storage::key_of(of, client_ref));
}

std::string etag_of(std::string_view json) { return crypto::to_hex(crypto::sha256(json)).substr(0, 32); }

domain::result<void> check_version(const wanted_versions& wanted, std::string_view json) {
  if (!wanted || std::ranges::find(*wanted, etag_of(json)) != wanted->end()) return {};
  return domain::fail(domain::error_code::stale, "it has changed meanwhile; read it again and repeat the change");
}

}  // namespace elsec::decisions
