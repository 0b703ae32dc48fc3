#pragma once
// A command: what an organisation or one of its objects is asked to do, as a value that brings its own decision. Node
// and tenant send it on to whoever decides; neither knows which commands there are. Knows no actor.

#include "domain/document.hpp"
#include "domain/error.hpp"
#include "domain/ids.hpp"
#include "domain/organisation.hpp"
#include "storage/change_set.hpp"
#include "storage/store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace elsec::decisions {

struct services;

// The answer to a command, ready to be sent: what an Idempotency-Key repeats.
struct answered {
  std::uint16_t status = 200;
  std::string body{};      // JSON; empty with 204
  std::string location{};  // of 201
};
using outcome = domain::result<answered>;

// Who decides: an organisation, or one of its objects. Each of them decides one thing at a time.
struct subject {
  domain::organisation_id organisation;
  std::string object{};  // "doc_…"; empty: the organisation itself
};

// Work that takes too long to be done while a subject decides: it is done beforehand, and nobody else waits for it.
struct hash_password {
  std::string password;
};
struct check_password {
  std::string encoded_hash;  // empty: that of nobody, so that an unknown account takes as long as a known one
  std::string password;
};
// A look at a document's file: whether it holds what nobody should get.
struct examine_file {
  domain::organisation_id organisation;
  domain::document_id document;
};
// A letter's pages, made of its files.
struct compose_paper {
  domain::organisation_id organisation;
  domain::letter_id letter;
};
// A letter to the carrier. The same one again is the same letter (G3).
struct submit_paper {
  domain::organisation_id organisation;
  domain::letter_id letter;
};
using preparation =
    std::variant<std::monostate, hash_password, check_password, examine_file, compose_paper, submit_paper>;

// What came of it.
struct password_hashed {
  std::string encoded_hash;
};
struct password_checked {
  bool fits = false;
};
struct file_examined {
  std::uint32_t pages = 0;  // 0: unknown
  std::vector<domain::screening_finding> quarantine{};
  std::string detected_type{};  // by content; empty: unknown
};
struct paper_made {
  std::uint32_t pages = 0;
  std::uint32_t sheets = 0;
};
// Whether a look or a letter that came to nothing may be tried again is for the command to decide, so their errors are
// among the facts.
using prepared = std::variant<std::monostate, password_hashed, password_checked, domain::result<file_examined>,
                              domain::result<paper_made>>;

// What a decision, or a read, may look at.
struct facts {
  const services& with;
  const storage::snapshot& read;  // opened when the command's turn came: it holds what all earlier ones have written
  domain::time_point now;
  prepared done{};  // what `before` asked for
};

// What is told once the changes are on disk. Each also follows from what is there, or is kept in memory only: one that
// is lost in a crash costs a little time and nothing else.
struct deadlines_may_be_due {};
using news = std::function<void(const services&)>;  // for the boards of `services`; must be quick
struct command;
using shared_command = std::shared_ptr<const command>;
using notice = std::variant<deadlines_may_be_due, news, shared_command>;  // the last: what is to be done next

// What a decision comes to. Without changes it is answered at once; a card goes through the directory, which gives it a
// version, signs it, and commits it together with the changes.
struct ruling {
  answered answer{};
  std::optional<domain::error> refusal{};  // answered instead, where a refusal leaves something behind
  std::optional<storage::change_set> changes{};
  std::optional<domain::card> card{};
  std::vector<notice> notices{};
};

struct command {
  command() = default;
  virtual ~command() = default;
  command(const command&) = default;
  command& operator=(const command&) = default;
  command(command&&) = default;
  command& operator=(command&&) = default;

  [[nodiscard]] virtual subject whom() const = 0;
  // Under which credential it was given; none: it is the node's own. That was looked at when the request came, and must
  // still be there when the command's turn has come: nothing is decided for who has been shut out meanwhile.
  [[nodiscard]] virtual std::string_view credential() const { return {}; }
  // What must be done beforehand; its error is the answer.
  [[nodiscard]] virtual domain::result<preparation> before(const services&) const { return preparation{}; }
  // A function of the facts: what it reads stands in them, what it changes in the ruling. Its error is the answer.
  [[nodiscard]] virtual domain::result<ruling> decide(const facts& given) const = 0;
};

// A command as it travels.
template <class Command, class... Parts>
[[nodiscard]] shared_command make_command(Parts&&... parts) {
  return std::make_shared<const Command>(std::forward<Parts>(parts)...);
}
template <class Command>
[[nodiscard]] shared_command as_command(Command what) {
  return std::make_shared<const Command>(std::move(what));
}

}  // namespace elsec::decisions
