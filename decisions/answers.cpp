#include "decisions/answers.hpp"

#include "crypto/seal.hpp"
#include "decisions/deadlines.hpp"

#include <algorithm>

namespace elsec::decisions {

namespace tables = storage::tables;

namespace {

bool is_over(const storage::answer_row& answer, domain::time_point now) {
  return answer.expires_at && now >= *answer.expires_at;
}

domain::result<std::optional<storage::answer_row>> row_of_answer(const services& with, const std::string& key) {
  auto snapshot = with.store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  return snapshot->get(tables::answers, key);
}

}  // namespace

void keep_answer(storage::change_set& changes, const services& with, const maybe_idempotent& repeat,
                 const answered& answer, const kept& what) {
  if (!repeat) return;
  const auto expires = with.now() + with.policy.idempotency;
  const storage::answer_row row{.fingerprint = repeat->fingerprint,
                                .status = answer.status,
                                .location = answer.location,
                                .body = what.secret ? std::string{} : answer.body,
                                .id = what.id,
                                .expires_at = expires,
                                .organisation_id = what.of};
  changes.insert(tables::answers, repeat->key, row);
  set_deadline(changes, {answer_expires, expires, what.of, repeat->key});
}

domain::result<ruling> forget_answers::decide(const facts& given) const {
  storage::change_set changes;
  for (const auto& [at, row] : answers) {
    const auto kept = given.read.get(tables::answers, row.object);
    if (!kept && kept.error().code != domain::error_code::integrity) return std::unexpected(kept.error());
    // One that cannot be read goes as its deadline says; so does one of an older version, which says no time itself.
    const bool is_this_one = !kept || (*kept && (*kept)->expires_at.value_or(at) == at);
    if (is_this_one) changes.erase(tables::answers, row.object);
    end_deadline(changes, {answer_expires, at, row.organisation_id, row.object});
  }
  return ruling{.changes = std::move(changes)};
}

domain::result<std::optional<storage::answer_row>> find_answer(const services& with, const std::string& key) {
  auto kept = row_of_answer(with, key);
  if (kept && *kept && is_over(**kept, with.now())) kept->reset();
  return kept;
}

domain::result<shared_command> forget_if_over(const services& with, const std::string& key) {
  const auto kept = row_of_answer(with, key);
  if (!kept) return std::unexpected(kept.error());
  if (!*kept || !is_over(**kept, with.now()) || !(*kept)->organisation_id) return shared_command{};
  return make_command<forget_answers>(std::vector{due_deadline{
      *(*kept)->expires_at,
      {.kind = std::string(answer_expires), .organisation_id = *(*kept)->organisation_id, .object = key}}});
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
