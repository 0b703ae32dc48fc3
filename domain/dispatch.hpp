#pragma once
// Dispatches: one document to one recipient, electronically or as a letter (R2). The rules of routing and the two state
// machines (dispatch and letter) are pure functions here.

#include "domain/document.hpp"
#include "domain/letter_address.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace elsec::domain {

BOOST_DEFINE_ENUM_CLASS(route_wish, auto_, electronic_only, post_only)
BOOST_DEFINE_ENUM_CLASS(route, electronic, post)
BOOST_DEFINE_ENUM_CLASS(dispatch_state, accepted, in_transit, delivered, collected, declined, withdrawn, expired,
                        posted, sent, closed, failed)

inline constexpr std::size_t recipients_max = 100;
inline constexpr std::size_t attachments_max = 20;

// One recipient of POST /documents/{id}/dispatches: an organisation by id or IK, or a name with an address.
struct recipient_wish {
  std::optional<domain::organisation_id> organisation_id{};
  std::optional<ik_number> ik{};
  std::optional<text<1, 200>> name{};
  std::optional<domain::address> address{};
};
BOOST_DESCRIBE_STRUCT(recipient_wish, (), (organisation_id, ik, name, address))
void check(const recipient_wish& who, std::vector<field_error>& errors);

BOOST_DEFINE_ENUM_CLASS(registered_mail, none)
BOOST_DEFINE_ENUM_CLASS(cover_page, auto_, always)

// How a letter is printed. Only what the embedded carrier can do; other values are refused.
struct letter_wish {
  std::optional<bool> color{};
  std::optional<bool> duplex{};
  std::optional<registered_mail> registered{};
  std::optional<cover_page> cover{};
};
BOOST_DESCRIBE_STRUCT(letter_wish, (), (color, duplex, registered, cover))

// POST /documents/{id}/dispatches
struct dispatch_request : letterhead {
  std::vector<recipient_wish> recipients;
  std::vector<document_id> attachments{};
  std::optional<text<1, 64>> client_ref{};
  std::optional<route_wish> route{};
  std::optional<letter_wish> letter{};
};
BOOST_DESCRIBE_STRUCT(dispatch_request, (letterhead), (recipients, attachments, client_ref, route, letter))
void check(const dispatch_request& what, std::vector<field_error>& errors);

// A recipient as it was resolved.
struct recipient {
  std::optional<domain::organisation_id> organisation_id{};
  std::string name;
  std::optional<domain::address> address{};
  bool verified = false;
};
BOOST_DESCRIBE_STRUCT(recipient, (), (organisation_id, name, address, verified))

inline constexpr std::string_view detail_read_completely = "read_completely";  // of an entry `collected`

struct timeline_entry {
  time_point at{};
  dispatch_state state{};
  std::optional<std::string> detail{};
};
BOOST_DESCRIBE_STRUCT(timeline_entry, (), (at, state, detail))

// What POST …/dispatches answers for each recipient.
struct dispatch_summary {
  dispatch_id id;
  domain::route route{};
  dispatch_state state{};
  domain::recipient recipient;
  std::optional<time_point> post_at{};
  std::optional<std::vector<letter_finding>> findings{};  // by post: what to look at while the letter still waits
};
BOOST_DESCRIBE_STRUCT(dispatch_summary, (), (id, route, state, recipient, post_at, findings))

struct dispatches_accepted {
  std::vector<dispatch_summary> dispatches;
};
BOOST_DESCRIBE_STRUCT(dispatches_accepted, (), (dispatches))

// What became of a dispatch, without what travels with it.
struct dispatch_course : dispatch_summary {
  domain::document_id document_id;
  std::optional<std::string> client_ref{};
  std::optional<std::string> reason{};  // of `failed`
  std::vector<timeline_entry> timeline;
  std::optional<domain::letter_id> letter_id{};
  time_point created_at{};
};
BOOST_DESCRIBE_STRUCT(dispatch_course, (dispatch_summary),
                      (document_id, client_ref, reason, timeline, letter_id, created_at))

// A dispatch as its sender sees it: of the letterhead only what tells it from others.
struct dispatch : dispatch_course {
  std::string subject;
  std::optional<std::string> case_ref{};
  std::optional<dispatch_id> in_reply_to{};
};
BOOST_DESCRIBE_STRUCT(dispatch, (dispatch_course), (subject, case_ref, in_reply_to))

struct dispatch_row : dispatch_course, letterhead {
  std::vector<domain::document_id> attachment_ids{};
  route_wish wish = route_wish::auto_;
  letter_wish print{};
  std::string recipient_node;        // home node of an electronic recipient
  bool waits_for_screening = false;  // takes effect when every file is clean
  std::string last_receipt_hash;     // hex SHA-256 of the newest receipt of this chain
  std::uint32_t receipt_count = 0;
};
BOOST_DESCRIBE_STRUCT(dispatch_row, (dispatch_course, letterhead),
                      (attachment_ids, wish, print, recipient_node, waits_for_screening, last_receipt_hash,
                       receipt_count))

[[nodiscard]] dispatch sender_view(const dispatch_row& row);

// What a directory look-up found for one recipient: nothing, or the cards that answer (several only for an IK).
using found_cards = std::vector<card>;

// The route of one recipient, or why there is none; errors point at `/recipients/INDEX`. R2: who takes part receives
// electronically; everyone else by post, at the given address or the registered one, if a letter can arrive there.
struct routed {
  domain::route route{};
  domain::recipient recipient;
  std::string node;  // home node, for the electronic route
};
[[nodiscard]] result<routed> decide_route(const recipient_wish& wish, const found_cards& cards, route_wish insisted,
                                          std::size_t index);

// `invalid` at the second of two recipients who are the same, naming the first. Electronically an organisation is one
// recipient; on paper it is what stands in the window, however it was typed: two wards of a clinic are two.
[[nodiscard]] result<void> check_distinct(const std::vector<routed>& recipients);

// What its sender should look at before a letter to this recipient leaves; nothing where nothing looks wrong.
[[nodiscard]] std::optional<std::vector<letter_finding>> findings_of(const recipient& who);

// What happens to a dispatch after it was accepted.
struct queued_for_peer {};  // every file is clean, the envelope waits in the outbox
struct arrived {};          // the recipient's node has all bytes on disk
struct fetched {};          // the recipient asked for the first byte
struct read_whole {};       // all bytes have gone out to the recipient; stands in the timeline, and is no state
struct refused_by_peer {
  std::string reason;
  bool letter_possible;
};
struct handed_to_carrier {};  // the letter is with the carrier
struct printed_and_sent {};   // the carrier reports it as sent
struct gone_wrong {
  std::string reason;
};
using dispatch_happening = std::variant<queued_for_peer, arrived, fetched, read_whole, refused_by_peer,
                                        handed_to_carrier, printed_and_sent, gone_wrong>;

// The dispatch after the happening, with its timeline; nothing when it changes nothing (a repeat, or one that came too
// late: final states stay).
[[nodiscard]] std::optional<dispatch_row> advance(dispatch_row before, const dispatch_happening& what, time_point now);

[[nodiscard]] bool is_final(dispatch_state state) noexcept;

}  // namespace elsec::domain
