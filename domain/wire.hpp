#pragma once
// The bodies of envelopes between nodes, as CBOR. Fields may be added; none may change its meaning. An enumeration that
// travels has an enumerator `other`: what a newer node says is read as that.

#include "domain/dispatch.hpp"
#include "domain/milestones.hpp"

#include <boost/describe.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace elsec::domain::wire {

// Kinds with a sequence (outbox rows): applied exactly once, in order.
inline constexpr auto kind_dispatch = "dispatch";    // a document for one of your tenants
inline constexpr auto kind_statement = "statement";  // what became of a dispatch of yours
inline constexpr auto kind_rejection = "rejection";  // an envelope of yours has no effect here, and never will
inline constexpr auto kind_nothing = "nothing";      // the row's object no longer exists; keeps the sequence whole
// Kinds without one: repeated freely.
inline constexpr auto kind_hello = "hello";
inline constexpr auto kind_ack = "ack";
inline constexpr auto kind_chunks_wanted = "chunks_wanted";  // requests, each answered under its id
inline constexpr auto kind_key_wanted = "key_wanted";
inline constexpr auto kind_cards_wanted = "cards_wanted";
inline constexpr auto kind_answer = "answer";    // what was asked for, as the request's kind says
inline constexpr auto kind_refusal = "refusal";  // the request cannot be met

// What an outbox row of kind `dispatch` holds: names only. The body that travels is built when it is sent.
struct dispatch_reference {
  organisation_id organisation;
  document_id document;
  dispatch_id dispatch;
};
BOOST_DESCRIBE_STRUCT(dispatch_reference, (), (organisation, document, dispatch))

struct file {
  document_id document;  // of the sender
  std::string filename;
  std::string media_type;
  std::uint64_t size = 0;
  std::string sha256;
  std::optional<std::uint32_t> pages{};
  std::array<std::uint8_t, 16> content{};
};
BOOST_DESCRIBE_STRUCT(file, (), (document, filename, media_type, size, sha256, pages, content))

// Which dispatch it is, whose, and of which files: what a recipient's node must know to answer. It is read by itself,
// so that a letterhead that breaks its limits is refused with a statement, not rejected as unreadable.
struct announcement {
  dispatch_id id;
  correspondent sender;
  organisation_id recipient;
  std::vector<file> files;  // the document, then its attachments
};
BOOST_DESCRIBE_STRUCT(announcement, (), (id, sender, recipient, files))

struct dispatch : announcement, letterhead {};
BOOST_DESCRIBE_STRUCT(dispatch, (announcement, letterhead), ())

BOOST_DEFINE_ENUM_CLASS(verdict, delivered, collected, refused, read_completely,
                        other)  // other: what a newer node may say

struct statement {
  organisation_id organisation;  // the sender of the dispatch
  document_id document;          // of the sender
  dispatch_id dispatch;
  wire::verdict verdict{};
  std::string jws;     // the recipient's node's receipt; empty when refused
  std::string reason;  // when refused
  bool letter_possible = false;
};
BOOST_DESCRIBE_STRUCT(statement, (), (organisation, document, dispatch, verdict, jws, reason, letter_possible))

// An envelope of the other's outbox comes to nothing here: it cannot be read, or is for nobody.
struct rejection {
  std::uint64_t sequence = 0;
  std::string id;
  std::string reason;  // for the log
};
BOOST_DESCRIBE_STRUCT(rejection, (), (sequence, id, reason))

// A kind of envelope or request, and the members of its record. Nodes of different versions work together: what the
// other one does not understand waits until it does.
inline constexpr std::size_t kinds_max = 256;
inline constexpr std::size_t kind_fields_max = 128;
struct understood {
  text<1, 32> kind;
  std::vector<text<1, 64>> fields{};
};
BOOST_DESCRIBE_STRUCT(understood, (), (kind, fields))

// Where a receiver stands in the other's outbox: it has applied this envelope and all before it.
struct position {
  std::string epoch;
  std::uint64_t sequence = 0;
  std::optional<std::string> id{};  // none: where an epoch begins

  bool operator==(const position&) const = default;
};
BOOST_DESCRIBE_STRUCT(position, (), (epoch, sequence, id))

// Sent when a link comes up, on a gap, and now and then on a quiet one.
struct hello {
  std::string epoch;           // of my outbox to you
  std::uint64_t lowest = 1;    // the first sequence you lack if you are where I have `heard` you: begin here then
  std::string received_epoch;  // what I applied of yours
  std::uint64_t received = 0;
  bool resend = false;                        // send again what comes after `received`
  bool answer = false;                        // I would like to hear the same from you
  std::uint64_t cards = 0;                    // version of my newest card
  std::optional<std::string> received_id{};   // of the envelope `received`: whether we mean the same one
  std::optional<std::uint64_t> held{};        // the lowest sequence I still hold for you; none: `lowest`
  std::optional<std::uint64_t> cards_held{};  // version of the newest card of yours that I hold
  std::vector<understood> kinds{};            // what I can read
  std::vector<milestone> earlier{};           // some of what I applied before `received`, in order
  std::optional<position> heard{};            // where you are, as you said last; none: you have not said it yet
};
BOOST_DESCRIBE_STRUCT(hello, (),
                      (epoch, lowest, received_epoch, received, resend, answer, cards, received_id, held, cards_held,
                       kinds, earlier, heard))
// Whether it names no more than a node can know, and nothing that is no sequence.
[[nodiscard]] inline bool is_plausible(const hello& what) {
  if (what.lowest == 0 || what.held.value_or(1) == 0 || what.earlier.size() > milestones_max) return false;
  return what.kinds.size() <= kinds_max && std::ranges::all_of(what.kinds, [](const understood& one) {
           return !one.kind.str().empty() && one.fields.size() <= kind_fields_max;
         });
}

struct ack {
  std::string received_epoch;
  std::uint64_t received = 0;
  std::optional<std::string> received_id{};
};
BOOST_DESCRIBE_STRUCT(ack, (), (received_epoch, received, received_id))

struct chunks_wanted {
  organisation_id organisation;
  dispatch_id dispatch;
  document_id document;
  std::uint32_t first_index = 0;
  std::uint32_t count = 0;
};
BOOST_DESCRIBE_STRUCT(chunks_wanted, (), (organisation, dispatch, document, first_index, count))

struct key_wanted {
  organisation_id organisation;
  dispatch_id dispatch;
  document_id document;
  std::array<std::uint8_t, 32> receiver{};
};
BOOST_DESCRIBE_STRUCT(key_wanted, (), (organisation, dispatch, document, receiver))

struct refusal {
  std::string code;
};
BOOST_DESCRIBE_STRUCT(refusal, (), (code))

struct cards_wanted {
  std::uint64_t after = 0;
};
BOOST_DESCRIBE_STRUCT(cards_wanted, (), (after))

// Signed card statements in the order of their versions.
struct cards {
  std::vector<std::string> jws;
  bool more = false;
  // The version of the last one; older nodes do not say. Whoever does not take them all goes on behind it all the same.
  std::optional<std::uint64_t> last{};
};
BOOST_DESCRIBE_STRUCT(cards, (), (jws, more, last))

}  // namespace elsec::domain::wire
