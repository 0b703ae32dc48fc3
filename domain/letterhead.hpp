#pragma once
// What travels with a dispatch besides its files: from the sender's request to the recipient's copy.
//
// A field that travels has two places. Here, as a member (optional: older nodes do not send it) and in the description:
// the request, the dispatch's row and the envelope between nodes have it from then on. And in `document`, where the
// recipient sees it: without it there, document.cpp does not compile.

#include "domain/fields.hpp"
#include "domain/ids.hpp"

#include <boost/describe.hpp>

#include <optional>

namespace elsec::domain {

// Whom to call about a document.
struct contact {
  text<1, 200> name;
  phone_number phone;
};
BOOST_DESCRIBE_STRUCT(contact, (), (name, phone))

struct letterhead {
  text<1, 200> subject;
  std::optional<multiline_text<1, 4'000>> message{};
  std::optional<text<1, 64>> class_{};
  std::optional<text<1, 64>> case_ref{};
  std::optional<domain::contact> contact{};
  std::optional<dispatch_id> in_reply_to{};
};
BOOST_DESCRIBE_STRUCT(letterhead, (), (subject, message, class_, case_ref, contact, in_reply_to))

// Whether it has a subject, and no text that is present but empty. CBOR reads empty text as a value that was never set,
// so one that came from another node can lack what its types promise.
[[nodiscard]] bool is_complete(const letterhead& what);

}  // namespace elsec::domain
