#pragma once
// A command: what an organisation or one of its objects is asked to do, as a value that brings its own decision. Node
// and tenant send it on to whoever decides; neither knows which commands there are. Knows no actor.

#include "domain/error.hpp"
#include "domain/ids.hpp"
#include "domain/organisation.hpp"
#include "storage/change_set.hpp"
#include "storage/store.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace elsec::actors {

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

// What a decision may look at.
struct facts {
  const services& with;
  const storage::snapshot& read;  // opened when the command's turn came: it holds what all earlier ones have written
  domain::time_point now;
};

// What is told once the changes are on disk. Each also follows from what is there, so one that is lost in a crash costs
// a little time and nothing else.
struct letters_may_be_due {};
struct credential_ended {
  std::string credential;
};
struct command;
using shared_command = std::shared_ptr<const command>;
using notice = std::variant<letters_may_be_due, credential_ended, shared_command>;  // the last: what is to be done next

// What a decision comes to. Without changes it is answered at once; a card goes through the directory, which gives it a
// version, signs it, and commits it together with the changes.
struct ruling {
  answered answer{};
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
  // A function of the facts: what it reads stands in them, what it changes in the ruling. Its error is the answer.
  [[nodiscard]] virtual domain::result<ruling> decide(const facts& given) const = 0;
};

}  // namespace elsec::actors
