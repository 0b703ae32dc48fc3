#pragma once
// Answers that are kept for a repetition, and the versions of objects that a change insists on.

#include "decisions/command.hpp"
#include "decisions/services.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::decisions {

// A creating request that may be repeated: where its answer is kept and what makes two requests the same.
struct idempotency {
  std::string key;          // key of the answer row
  std::string fingerprint;  // empty for uploads: made from the digest when all bytes are here
};
using maybe_idempotent = std::optional<idempotency>;

// What is kept of an answer.
struct kept {
  domain::organisation_id of;  // the organisation that is answered
  std::string id;              // of the created object
  bool secret = false;         // then the answer is kept without its body
};
// Keeps an answer for its repetition, in the same change set as what it answers.
void keep_answer(storage::change_set& changes, const services& with, const maybe_idempotent& repeat,
                 const answered& answer, const kept& what);

// Ends what keep_answer began, when its time is over: the kind `answer_expires`.
struct forget_answer : command {
  forget_answer(domain::time_point set_for, const storage::deadline_row& row)
      : at(set_for), organisation(row.organisation_id), key(row.object) {}

  domain::time_point at;
  domain::organisation_id organisation;
  std::string key;

  [[nodiscard]] subject whom() const override { return {organisation}; }
  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};
inline constexpr std::string_view answer_expires = "answer_expires";

// Nothing when none is kept: it answers until its deadline has been met, which may be a moment after its time.
[[nodiscard]] domain::result<std::optional<storage::answer_row>> find_answer(const services& with,
                                                                             const std::string& key);

// Key of an answer row that belongs to a tenant's client_ref.
[[nodiscard]] std::string client_ref_key(const services& with, const domain::organisation_id& of,
                                         const std::string& client_ref);

// The tag of an object as the API shows it.
[[nodiscard]] std::string etag_of(std::string_view json);

// The versions that a request insists on by If-Match; nothing: any.
using wanted_versions = std::optional<std::vector<std::string>>;
// `stale` unless the object, as the API shows it, is one of them.
[[nodiscard]] domain::result<void> check_version(const wanted_versions& wanted, std::string_view json);

}  // namespace elsec::decisions
