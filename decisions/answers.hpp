#pragma once
// Answers that are kept for a repetition, and the versions of objects that a change insists on.

#include "decisions/command.hpp"
#include "decisions/registry.hpp"
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
// Keeps an answer for its repetition, in the same change set as what it answers. `conflict` in the commit when there is
// one under the key: a twin was faster.
void keep_answer(storage::change_set& changes, const services& with, const maybe_idempotent& repeat,
                 const answered& answer, const kept& what);

// Ends what keep_answer began, when its time is over: the kind `answer_expires`. An answer that was kept under the same
// key since has another time, and stays.
//
// Only this erases answers, in its organisation's turn, and as long as a row is there no other can be kept in its
// place: so what is erased is what was looked at.
struct forget_answers : command {
  explicit forget_answers(std::vector<due_deadline> due) : answers(std::move(due)) {}

  std::vector<due_deadline> answers;  // of one organisation, at least one

  [[nodiscard]] subject whom() const override { return {answers.front().row.organisation_id}; }
  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;
};
inline constexpr std::string_view answer_expires = "answer_expires";

// Nothing when none is kept. One whose time is over is none, whether its row is still there or not.
[[nodiscard]] domain::result<std::optional<storage::answer_row>> find_answer(const services& with,
                                                                             const std::string& key);

// What must be carried out before another answer can be kept under a key: forgets the one that is there although its
// time is over. Null when nothing is in the way.
[[nodiscard]] domain::result<shared_command> forget_if_over(const services& with, const std::string& key);

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
