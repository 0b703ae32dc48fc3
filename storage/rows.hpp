#pragma once
// Rows that exist only for the node's own sake: sequences, outbox, idempotency, pending work.

#include "domain/fields.hpp"
#include "domain/ids.hpp"
#include "domain/milestones.hpp"
#include "domain/time.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace elsec::storage {

// An index entry: its key says everything.
struct nothing {};
BOOST_DESCRIBE_STRUCT(nothing, (), ())

struct number {
  std::uint64_t value = 0;
};
BOOST_DESCRIBE_STRUCT(number, (), (value))

struct text_value {
  std::string value;
};
BOOST_DESCRIBE_STRUCT(text_value, (), (value))

// A tenant's key, wrapped by the master key.
struct tenant_key_row {
  domain::bytes wrapped;
};
BOOST_DESCRIBE_STRUCT(tenant_key_row, (), (wrapped))

// Where an e-mail address leads. The key is a keyed hash of the address.
struct email_row {
  domain::organisation_id organisation_id;
  domain::user_id user_id;
};
BOOST_DESCRIBE_STRUCT(email_row, (), (organisation_id, user_id))

// The first answer to a request that carried an Idempotency-Key or a client_ref.
struct answer_row {
  std::string fingerprint;  // keyed hash of what makes two requests the same
  std::uint16_t status = 0;
  std::string location;
  std::string body;  // JSON; empty when the answer held a secret
  std::string id;    // of the created object, for `already_done`
  // Of one that is kept for a time: until when, and which organisation forgets it.
  std::optional<domain::time_point> expires_at{};
  std::optional<domain::organisation_id> organisation_id{};
};
BOOST_DESCRIBE_STRUCT(answer_row, (), (fingerprint, status, location, body, id, expires_at, organisation_id))

// One envelope to a peer. It stays after the acknowledgement, for as long as documents do: a peer that was put back to
// an older copy of itself gets again what it has forgotten. `body` holds identifiers or signed statements, never a key
// or a document's metadata: the link builds what travels at the moment of sending.
struct outbox_row {
  std::string kind;
  std::string id;  // ULID; none where a row that could not be read was
  domain::time_point time{};
  domain::bytes body;
};
BOOST_DESCRIBE_STRUCT(outbox_row, (), (kind, id, time, body))

// How far a peer has this node's outbox, as of its last acknowledgement. The epoch is new whenever this node finds that
// it has been put back to an older copy of itself: then numbers it gives may have meant other envelopes before.
struct outbox_mark {
  std::string epoch;
  std::uint64_t acknowledged = 0;
};
BOOST_DESCRIBE_STRUCT(outbox_mark, (), (epoch, acknowledged))

// What was applied of a peer's envelopes.
struct peer_row {
  std::string epoch;
  std::uint64_t last_sequence = 0;
  std::optional<std::string> last_id{};  // of that envelope; none where the epoch begins
  std::vector<domain::milestone> earlier{};
};
BOOST_DESCRIBE_STRUCT(peer_row, (), (epoch, last_sequence, last_id, earlier))

// The fields of a kind's record that a peer knows.
struct peer_kind_row {
  std::vector<std::string> fields{};
};
BOOST_DESCRIBE_STRUCT(peer_kind_row, (), (fields))

// An envelope that was accepted and waits to take effect, or (in `rejected`) never will.
struct inbound_row {
  std::string kind;
  std::string id;
  domain::bytes body;
  std::string reason;
  std::uint32_t attempts = 0;                    // of a transfer: how often it was put off
  std::optional<domain::time_point> again_at{};  // and until when
};
BOOST_DESCRIBE_STRUCT(inbound_row, (), (kind, id, body, reason, attempts, again_at))

// A deadline: `kind` says what is to be done, for which organisation, about which of its objects.
struct deadline_row {
  std::string kind;
  domain::organisation_id organisation_id;
  std::string object;
  std::uint32_t attempts = 0;  // how often it was put off
};
BOOST_DESCRIBE_STRUCT(deadline_row, (), (kind, organisation_id, object, attempts))

// What a dispatch has made of its attachment, whose row only its own actor writes.
struct sent_along_row {
  domain::time_point closes_at{};
};
BOOST_DESCRIBE_STRUCT(sent_along_row, (), (closes_at))

// Whose something is that is known to others by its own id only.
struct owner_row {
  domain::organisation_id organisation_id;
};
BOOST_DESCRIBE_STRUCT(owner_row, (), (organisation_id))

// A row that could not be read, as it lay in its table: still sealed, for whoever looks into what happened.
struct damaged_row {
  domain::damage_id id;
  domain::time_point at{};
  std::string table;
  domain::bytes key;
  domain::bytes sealed;
};
BOOST_DESCRIBE_STRUCT(damaged_row, (), (id, at, table, key, sealed))

struct audit_row {
  domain::audit_id id;
  domain::time_point at{};
  std::string actor;   // usr_…, tok_… or "operator"
  std::string action;  // "capabilities.changed"
  std::string object;  // the identifier acted on
  std::string detail;  // the reason given, or what changed
};
BOOST_DESCRIBE_STRUCT(audit_row, (), (id, at, actor, action, object, detail))

}  // namespace elsec::storage
