#pragma once
// Documents: what is uploaded, dispatched, received and read.

#include "domain/letterhead.hpp"
#include "domain/organisation.hpp"

#include <boost/describe.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace elsec::domain {

BOOST_DEFINE_ENUM_CLASS(document_state, draft, quarantined, dispatched, released, received, closed)
BOOST_DEFINE_ENUM_CLASS(screening, pending, clean, quarantined)
// Why a document will close when it does.
BOOST_DEFINE_ENUM_CLASS(close_reason, unsent_draft, retention)
BOOST_DEFINE_ENUM_CLASS(box, inbox, outbox, drafts)

// The sender as the recipient sees it: the sender card of R5.
struct correspondent {
  domain::organisation_id organisation_id;
  std::string name;
  bool verified = false;
  std::optional<domain::address> address{};
  std::optional<ik_number> ik{};
  std::optional<bsnr_number> bsnr{};
};
BOOST_DESCRIBE_STRUCT(correspondent, (), (organisation_id, name, verified, address, ik, bsnr))

// A file that belongs to the same dispatch as another: a document with an id of its own.
struct attachment {
  document_id id;
  std::string filename;
  std::string media_type;
  std::uint64_t size = 0;
  std::string sha256;
};
BOOST_DESCRIBE_STRUCT(attachment, (), (id, filename, media_type, size, sha256))

// Something the screening found (R10).
struct screening_finding {
  std::string code;
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(screening_finding, (), (code, detail))

// A document as the API shows it. The second group stands only in a recipient's copy; what came with the dispatch has
// the names it has in the letterhead.
struct document {
  document_id id;
  std::string filename;
  std::string media_type;                      // as its sender named it
  std::optional<std::string> detected_type{};  // by content; absent where nobody has looked
  std::uint64_t size = 0;                      // bytes
  std::string sha256;                          // hex
  std::optional<std::uint32_t> pages{};
  document_state state{};
  domain::screening screening{};
  std::optional<std::vector<screening_finding>> findings{};
  time_point created_at{};
  time_point closes_at{};
  close_reason closes_because{};

  std::optional<correspondent> from{};
  std::optional<std::string> subject{};
  std::optional<std::string> message{};
  std::optional<std::string> class_{};
  std::optional<std::string> case_ref{};
  std::optional<std::string> department{};
  std::optional<domain::dispatch_id> dispatch_id{};
  std::optional<domain::contact> contact{};
  std::optional<domain::dispatch_id> in_reply_to{};
  std::optional<bool> read{};
  std::optional<std::vector<attachment>> attachments{};
  std::optional<document_id> attachment_of{};

  // All that travelled with the dispatch.
  void take(const letterhead& travelled);
};
BOOST_DESCRIBE_STRUCT(document, (),
                      (id, filename, media_type, detected_type, size, sha256, pages, state, screening, findings,
                       created_at, closes_at, closes_because, from, subject, message, class_, case_ref, department,
                       dispatch_id, contact, in_reply_to, read, attachments, attachment_of))

// Where a document's bytes are and how they are read: the content key is wrapped by the tenant's key and the slot's
// secret.
struct content_reference {
  std::array<std::uint8_t, 16> content{};
  std::uint64_t slot = 0;
  bytes wrapped_key;
};
BOOST_DESCRIBE_STRUCT(content_reference, (), (content, slot, wrapped_key))

struct document_row : document {
  content_reference content;
  bool collected = false;     // a recipient's copy: its first content byte was asked for
  std::uint64_t read_to = 0;  // a recipient's copy: all bytes before this one have gone out
  bool passed_on = false;     // a recipient's copy: was dispatched again, by itself or with another document
  std::string origin_node;    // a recipient's copy: the sender's home node, and the document there
  document_id origin_document;
  std::string
      last_receipt_hash;  // hex SHA-256 of the newest receipt without a dispatch, start of every dispatch's chain
};
BOOST_DESCRIBE_STRUCT(document_row, (document),
                      (content, collected, read_to, passed_on, origin_node, origin_document, last_receipt_hash))

// How far a copy has been read when bytes first to end have gone out, too: ranges count in their order, as downloads
// that are taken up again ask for them.
[[nodiscard]] constexpr std::uint64_t read_after(std::uint64_t read_to, std::uint64_t first,
                                                 std::uint64_t end) noexcept {
  return first <= read_to && end > read_to ? end : read_to;
}

// It has been dispatched, and stays until `closes_at`; of several dispatches the one counts with which it stays
// longest. One that was quarantined after it had been sent stays so: that is why its dispatches failed.
void become_dispatched(document_row& document, time_point closes_at);

// PATCH /documents/{id}
struct document_changes {
  static constexpr bool is_merge_patch = true;

  std::optional<bool> read{};
};
BOOST_DESCRIBE_STRUCT(document_changes, (), (read))

// R11: how long a document stays after dispatch, and how long one that is never sent.
struct retention {
  std::chrono::days after_dispatch{30};
  std::chrono::days unsent{30};
};

// A file name as Windows opens it: without case, without what nothing shows, and without dots and blanks at its end.
[[nodiscard]] std::string opened_name(std::string_view filename);

// The first look at a file, at its name and its first bytes, before it is stored: programs, scripts, web pages and
// office files with macros are not taken at all. A sentence for people, or nothing.
[[nodiscard]] std::optional<std::string> refused_as_executable(std::string_view claimed_type, std::string_view filename,
                                                               std::string_view first_bytes);

// Whether readers take it for a PDF: they accept the header anywhere in the first 1,024 bytes (PDF 1.7, implementation
// note 13), so printers' commands, blanks or a mail's remains may stand before it.
[[nodiscard]] bool opens_as_pdf(std::string_view first_bytes);

inline constexpr std::size_t pdf_header_within_bytes = 1024;
inline constexpr std::size_t first_look_bytes = pdf_header_within_bytes;

// type/subtype in lower case, without parameters.
[[nodiscard]] std::string essence_of(std::string_view type);

// The same, and one name for what has several: "application/x-pdf" -> "application/pdf". Names that programs give what
// they do not know, or want to be saved, come to "application/octet-stream", which says nothing.
[[nodiscard]] std::string plain_type_of(std::string_view type);
inline constexpr std::string_view unknown_type = "application/octet-stream";

// What a document is taken for: what its sender named, or what was found in it where the name says nothing.
[[nodiscard]] std::string type_of(const document& what);

}  // namespace elsec::domain
