#pragma once
// What the node's helpers hand on without knowing what comes of it: capabilities register here which command they make
// of it. Filled once, at the start, from the list of capabilities.

#include "codec/schema.hpp"
#include "decisions/command.hpp"
#include "domain/letter.hpp"
#include "domain/wire.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::decisions {

struct policy;

// An envelope from a peer, as it lies in tables::inbound until its command has taken effect. The command erases `row`
// in its own commit.
struct received_envelope {
  std::string peer;
  std::string row;
  const storage::inbound_row& what;
};

// An envelope of ours that its peer has not understood until its last day; the command gives it up in its own commit
// (change_set::give_up_set_aside).
struct unsent_envelope {
  std::string peer;
  std::string key;  // of tables::set_aside
  const storage::outbox_row& what;
};

// A kind of envelope with a sequence: applied exactly once, and per kind in the order of sending. A peer that does not
// name it in its hello gets none: they wait until it does, or their last day is over.
struct wire_kind {
  std::string_view name;
  codec::type_ref body = nullptr;  // what travels: its members are what hello says this node knows
  // Nodes of all versions understand it, and it is sent to one that has never been heard.
  bool in_every_version = false;
  // What an envelope comes to; an error when its body cannot be read, and then it is rejected for good.
  domain::result<shared_command> (*received)(const received_envelope& envelope) = nullptr;
  // Or: what links tell each other, heard by the link itself.
  bool of_links = false;
  // Or: it announces files, and a transfer fetches them (wire::announcement).
  bool by_transfer = false;
  // The body that travels, built at the moment of sending; none: the row's own. `not_found` when what the row speaks of
  // does not exist any more, for good: then an empty envelope keeps the sequence whole. `integrity` when it is damaged:
  // see below. Any other failure may pass; the row and those behind it wait.
  domain::result<domain::bytes> (*build)(const storage::snapshot& read, const storage::outbox_row& row) = nullptr;
  // The row comes to nothing: what it speaks of is damaged (after the command an empty envelope takes its place), or
  // the peer rejects it. None: nobody need know.
  domain::result<shared_command> (*lost)(const storage::outbox_row& row, const std::string& reason) = nullptr;
  // Our envelope has reached the peer's disk; none: nobody need know.
  domain::result<shared_command> (*arrived)(const storage::outbox_row& row) = nullptr;
  // Our envelope reached the peer so long ago that it will not be sent again: the command that ends what still waits
  // for the peer's word on it, or null. The row stays until nothing waits.
  domain::result<shared_command> (*unanswered)(const storage::snapshot& read, const storage::outbox_row& row) = nullptr;
  // Our envelope will never be sent; none: nobody need know.
  domain::result<shared_command> (*given_up)(const unsent_envelope& envelope) = nullptr;
};

// A kind of request between nodes: asked with a deadline, answered with bytes or a refusal. Repeating one is harmless,
// so it carries no sequence.
struct request_kind {
  std::string_view name;
  codec::type_ref question = nullptr;
  // Its error is what the peer is told, by its code.
  domain::result<domain::bytes> (*answer)(const services& with, const std::string& peer,
                                          const domain::bytes& question) = nullptr;
};

// A deadline whose time has come.
struct due_deadline {
  domain::time_point at{};
  storage::deadline_row row;
};

// A kind of deadline. What is `irrevocable` cannot be undone: it is not begun while the clock is not to be believed.
struct deadline_kind {
  std::string_view name;
  // The command that does what is due and ends the row, whose time is `at`.
  shared_command (*make)(domain::time_point at, const storage::deadline_row& row) = nullptr;
  std::size_t at_once = 64;  // commands under way
  bool irrevocable = false;
  std::size_t at_once_each = 64;      // of them, of one organisation: with few of each they take turns
  std::chrono::seconds patience{30};  // what a command may take before it is sent anew
  // How far ahead a new deadline of this kind lies at most. One that lies further ahead was dated by a clock that has
  // been set back since, and is due now, not days later. None: it stays as it is.
  std::chrono::milliseconds (*ahead_max)(const policy& set) = nullptr;
  // One command for many of one organisation, which ends them all in its commit. For what an organisation itself has to
  // decide and may have many of: each with a command of its own would be a commit of its own, and they would come to be
  // due faster than they go. None: each has its command.
  shared_command (*make_together)(const std::vector<due_deadline>& all) = nullptr;
};

// `make` of a command that is built from its deadline: Command(at, row).
template <class Command>
[[nodiscard]] shared_command make_deadline_command(domain::time_point at, const storage::deadline_row& row) {
  return make_command<Command>(at, row);
}

// A kind whose commands are built from any number of deadlines of one organisation: Command(std::vector<due_deadline>).
// One at a time of each organisation: whatever else that has to decide waits for one commit at most.
template <class Command>
[[nodiscard]] deadline_kind kind_met_together(std::string_view name) {
  return {.name = name,
          .make = [](domain::time_point at, const storage::deadline_row& row) -> shared_command {
            return make_command<Command>(std::vector{due_deadline{at, row}});
          },
          .at_once_each = 1,
          .make_together = [](const std::vector<due_deadline>& all) -> shared_command {
            return make_command<Command>(all);
          }};
}

// What the carrier says of a letter it was handed.
struct letter_report {
  domain::organisation_id organisation;
  domain::document_id document;
  domain::letter_id letter;
  domain::letter_state state{};
};

struct registry {
  std::vector<wire_kind> wire_kinds;
  std::vector<request_kind> request_kinds;
  std::vector<deadline_kind> deadline_kinds;
  shared_command (*letter_happened)(const letter_report& what) = nullptr;
  // The look at a file is on disk: what waited for it goes on.
  shared_command (*screening_ended)(const domain::organisation_id& of, const domain::document_id& file) = nullptr;

  void add(const registry& more);
  // Nothing for a kind this node does not know.
  [[nodiscard]] const wire_kind* find_wire_kind(std::string_view name) const;
  [[nodiscard]] const request_kind* find_request_kind(std::string_view name) const;
  [[nodiscard]] const deadline_kind* find_deadline_kind(std::string_view name) const;
  // The kinds of envelopes and requests, with the members of their records: what this node's hello says.
  [[nodiscard]] std::vector<domain::wire::understood> understood() const;
};

}  // namespace elsec::decisions
