#pragma once
// Every table of the `state` environment: its record, whose key seals its rows, and how its keys are built.
//
// Keys are byte strings. Tables sealed by a tenant's key begin with the organisation's id, so that one tenant's request
// can only ever build keys of its own rows: another tenant's object is simply not there.

#include "domain/access.hpp"
#include "domain/dispatch.hpp"
#include "domain/document.hpp"
#include "domain/event.hpp"
#include "domain/letter.hpp"
#include "domain/organisation.hpp"
#include "domain/receipt.hpp"
#include "storage/rows.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace elsec::storage {

enum class sealed_by : std::uint8_t { tenant, node };

// Every table, opened at start. A table that is missing here does not compile.
inline constexpr auto table_names = std::to_array<std::string_view>({
    "tenant_keys",
    "organisations",
    "declarations",
    "users",
    "emails",
    "credentials",
    "sessions",
    "api_tokens",
    "credential_expiry",
    "documents",
    "boxes",
    "content_holders",
    "screening_due",
    "usage",
    "dispatches",
    "dispatches_of_document",
    "dispatches_by_client_ref",
    "answers",
    "answer_expiry",
    "dispatches_due",
    "received_dispatches",
    "refused_dispatches",
    "letters",
    "letters_due",
    "receipts",
    "receipts_of_document",
    "feed",
    "counters",
    "outbox",
    "outbox_marks",
    "transfers",
    "statements",
    "rejected",
    "peers",
    "cards",
    "cards_by_version",
    "cards_by_ik",
    "cards_by_word",
    "audit",
    "meta",
});
static_assert(
    [] {
      auto sorted = table_names;
      std::ranges::sort(sorted);
      return std::ranges::adjacent_find(sorted) == sorted.end();
    }(),
    "two tables must not share a name");

template <class Record>
struct table {
  using record = Record;

  consteval table(std::string_view called, sealed_by sealer) : name(called), owner(sealer) {
    if (std::ranges::find(table_names, name) == table_names.end()) throw "the table is missing in table_names";
  }

  std::string_view name;
  sealed_by owner;
};

namespace tables {

using enum sealed_by;

// organisation id -> …
inline constexpr table<tenant_key_row> tenant_keys{"tenant_keys", node};
inline constexpr table<domain::organisation> organisations{"organisations", tenant};
inline constexpr table<domain::declaration> declarations{"declarations", tenant};
// organisation id, user id
inline constexpr table<domain::user_row> users{"users", tenant};
// keyed hash of the folded address
inline constexpr table<email_row> emails{"emails", node};
// hex SHA-256 of the bearer token
inline constexpr table<domain::credential_row> credentials{"credentials", node};
// organisation id, session or token id
inline constexpr table<domain::session_row> sessions{"sessions", tenant};
inline constexpr table<domain::api_token_row> api_tokens{"api_tokens", tenant};
// expiry (big-endian milliseconds), credential key
inline constexpr table<due_row> credential_expiry{"credential_expiry", node};

// organisation id, document id
inline constexpr table<domain::document_row> documents{"documents", tenant};
// organisation id, box letter (box_letter), document id
inline constexpr table<nothing> boxes{"boxes", tenant};
// content id, organisation id, document id: who holds a content
inline constexpr table<nothing> content_holders{"content_holders", node};
// document id: its file waits for screening
inline constexpr table<due_row> screening_due{"screening_due", node};
// organisation id: bytes stored
inline constexpr table<number> usage{"usage", node};

// organisation id, dispatch id
inline constexpr table<domain::dispatch_row> dispatches{"dispatches", tenant};
// organisation id, document id, dispatch id (attachments included)
inline constexpr table<nothing> dispatches_of_document{"dispatches_of_document", tenant};
// organisation id, keyed hash of client_ref, dispatch id
inline constexpr table<nothing> dispatches_by_client_ref{"dispatches_by_client_ref", tenant};
// keyed hash of scope and key
inline constexpr table<answer_row> answers{"answers", node};
// expiry (big-endian milliseconds), key of the answer
inline constexpr table<nothing> answer_expiry{"answer_expiry", node};

// dispatch id: it waits for the screening of its files
inline constexpr table<due_row> dispatches_due{"dispatches_due", node};
// organisation id, dispatch id -> the copy received: a dispatch takes effect once
inline constexpr table<text_value> received_dispatches{"received_dispatches", tenant};
// dispatch id: refused for good, and so it stays should its sender's node, put back to an older copy, send it again
inline constexpr table<nothing> refused_dispatches{"refused_dispatches", node};

// organisation id, letter id
inline constexpr table<domain::letter_row> letters{"letters", tenant};
// letter id: not yet settled with the carrier
inline constexpr table<due_row> letters_due{"letters_due", node};

// organisation id, receipt id
inline constexpr table<domain::receipt> receipts{"receipts", tenant};
// organisation id, document id, then "0" receipt id, or "1" dispatch id, ordinal (big-endian), receipt id: reading
// order of the chains
inline constexpr table<nothing> receipts_of_document{"receipts_of_document", tenant};

// organisation id, position (big-endian)
inline constexpr table<domain::event> feed{"feed", tenant};
// "outbox/" peer, "feed/" organisation id: the last position given out. Written by the store alone, as are `usage`,
// `tenant_keys` and `meta`.
inline constexpr table<number> counters{"counters", node};
// peer, 0, sequence (big-endian)
inline constexpr table<outbox_row> outbox{"outbox", node};
inline constexpr table<inbound_row> transfers{"transfers", node};
inline constexpr table<inbound_row> statements{"statements", node};
inline constexpr table<inbound_row> rejected{"rejected", node};
// peer
inline constexpr table<outbox_mark> outbox_marks{"outbox_marks", node};
inline constexpr table<peer_row> peers{"peers", node};

// organisation id
inline constexpr table<domain::card_row> cards{"cards", node};
// home node, 0, version (big-endian) -> organisation id
inline constexpr table<text_value> cards_by_version{"cards_by_version", node};
// IK, organisation id
inline constexpr table<nothing> cards_by_ik{"cards_by_ik", node};
// folded word, 0, organisation id
inline constexpr table<nothing> cards_by_word{"cards_by_word", node};

// organisation id, audit id
inline constexpr table<audit_row> audit{"audit", tenant};
// "schema", "epoch"
inline constexpr table<text_value> meta{"meta", node};

}  // namespace tables

inline constexpr std::uint64_t schema_version = 1;

// A number as big-endian bytes: keys sort as numbers do.
inline constexpr std::size_t number_bytes = 8;
[[nodiscard]] std::string big_endian(std::uint64_t number);
// The number in the last 8 bytes of a key; 0 for a shorter one.
[[nodiscard]] std::uint64_t trailing_number(std::string_view key) noexcept;
[[nodiscard]] char box_letter(domain::box which) noexcept;

// Keys of several parts, put together: identifiers, strings, `char`.
template <class... Parts>
[[nodiscard]] std::string key_of(const Parts&... parts) {
  std::string key;
  const auto add = [&](const auto& part) {
    if constexpr (requires { part.str(); })
      key += part.str();
    else
      key += part;
  };
  (add(parts), ...);
  return key;
}

}  // namespace elsec::storage
