#pragma once
// The one list of what can go wrong, and how an error is told.
//
// A function that can fail returns `std::expected<T, error>`. `code` is stable and part of the API; `detail` tells its
// reader what to do; `fields` points at the offending parts of an input. No text here ever holds content, names,
// tokens.

#include <boost/describe/class.hpp>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::domain {

enum class error_code : std::uint8_t {
  bad_request,               // the request cannot be read at all
  unauthenticated,           // no valid credential
  bad_credentials,           // e-mail or password is wrong
  forbidden,                 // the role or scope does not allow it
  verification_required,     // the capability has not been granted
  not_found,                 // no such object for this tenant
  method_not_allowed,        // the path exists, the method does not
  not_acceptable,            // no representation the client accepts
  wrong_state,               // the object's state does not allow it
  email_in_use,              // the e-mail belongs to another user of this node
  key_reused,                // same Idempotency-Key or client_ref, another request
  already_done,              // a repeat whose answer held a secret
  conflict,                  // two changes met; the request may be repeated
  no_carrier,                // nobody carries letters for this tenant
  closed,                    // the content is gone for good
  stale,                     // If-Match names an older version
  too_large,                 // a size limit is exceeded
  unsupported_media_type,    // the media type is not taken here
  invalid,                   // the content breaks a rule
  digest_mismatch,           // the bytes differ from the digest sent with them
  recipient_unknown,         // no organisation answers to this number
  recipient_ambiguous,       // several organisations answer to this number
  recipient_not_electronic,  // electronic delivery was insisted on, the recipient does not take part
  range_not_satisfiable,     // no byte of the wanted range exists
  header_too_large,          // the request header exceeds its limit
  too_many_requests,         // slow down
  timed_out,                 // no answer within the deadline
  overloaded,                // a bound is reached; repeat later
  storage_full,              // no space for new data
  integrity,                 // a stored value is damaged
  io,                        // the operating system refused a read or write
  internal,                  // a defect of the program
};

// A part of an input that breaks a rule: a JSON pointer (RFC 6901) and what to do about it.
struct field_error {
  std::string pointer;
  std::string detail;

  bool operator==(const field_error&) const = default;
};
BOOST_DESCRIBE_STRUCT(field_error, (), (pointer, detail))

struct error {
  error_code code = error_code::internal;
  std::string detail;
  std::vector<field_error> fields{};

  bool operator==(const error&) const = default;
};

template <class T>
using result = std::expected<T, error>;

// The stable name of a code, as problem documents carry it ("recipient_unknown").
[[nodiscard]] std::string_view name_of(error_code code) noexcept;

// One sentence saying what the code means; used as the title of a problem document.
[[nodiscard]] std::string_view sentence_of(error_code code) noexcept;

[[nodiscard]] inline std::unexpected<error> fail(error_code code, std::string detail = {}) {
  return std::unexpected(error{code, std::move(detail), {}});
}

[[nodiscard]] inline std::unexpected<error> fail_field(error_code code, std::string pointer, std::string detail) {
  return std::unexpected(error{code, detail, {field_error{std::move(pointer), detail}}});
}

}  // namespace elsec::domain
