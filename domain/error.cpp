#include "domain/error.hpp"

#include <array>
#include <utility>

namespace elsec::domain {
namespace {

struct description {
  error_code code;
  std::string_view name;
  std::string_view sentence;
};

constexpr std::array descriptions{
    description{error_code::bad_request, "bad_request", "The request cannot be read."},
    description{error_code::unauthenticated, "unauthenticated", "A valid credential is needed."},
    description{error_code::bad_credentials, "bad_credentials", "E-mail or password is wrong."},
    description{error_code::forbidden, "forbidden", "The role or scope of this credential does not allow it."},
    description{error_code::verification_required, "verification_required", "The organisation must be verified first."},
    description{error_code::not_found, "not_found", "There is no such object."},
    description{error_code::method_not_allowed, "method_not_allowed", "This method is not available here."},
    description{error_code::not_acceptable, "not_acceptable", "No accepted representation is available."},
    description{error_code::wrong_state, "wrong_state", "The state of the object does not allow it."},
    description{error_code::email_in_use, "email_in_use", "The e-mail address is already registered."},
    description{error_code::key_reused, "key_reused", "The key was used for a different request."},
    description{error_code::already_done, "already_done", "It was done before; its secret is shown only once."},
    description{error_code::conflict, "conflict", "Another change came first."},
    description{error_code::no_carrier, "no_carrier", "No carrier takes letters here."},
    description{error_code::closed, "closed", "The document is closed and its content is gone."},
    description{error_code::stale, "stale", "The object has changed since it was read."},
    description{error_code::too_large, "too_large", "The content is larger than allowed."},
    description{error_code::unsupported_media_type, "unsupported_media_type", "This media type is not taken here."},
    description{error_code::invalid, "invalid", "The content breaks a rule."},
    description{error_code::digest_mismatch, "digest_mismatch", "The bytes received differ from their digest."},
    description{error_code::recipient_unknown, "recipient_unknown", "No organisation answers to this number."},
    description{error_code::recipient_ambiguous, "recipient_ambiguous", "Several organisations answer to this number."},
    description{error_code::recipient_not_electronic, "recipient_not_electronic",
                "The recipient does not receive electronically."},
    description{error_code::range_not_satisfiable, "range_not_satisfiable", "The wanted range does not exist."},
    description{error_code::header_too_large, "header_too_large", "The request header is larger than allowed."},
    description{error_code::too_many_requests, "too_many_requests", "Too many requests; wait before the next."},
    description{error_code::timed_out, "timed_out", "There was no answer in time."},
    description{error_code::overloaded, "overloaded", "The node is busy; repeat the request later."},
    description{error_code::storage_full, "storage_full", "There is no space for new data."},
    description{error_code::integrity, "integrity", "A stored value is damaged."},
    description{error_code::io, "io", "The operating system refused a read or write."},
    description{error_code::internal, "internal", "The node failed to handle the request."},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < descriptions.size(); ++i)
    if (std::to_underlying(descriptions[i].code) != i) return false;
  return descriptions.size() == std::to_underlying(error_code::internal) + 1U;
}
static_assert(in_order(), "one description per code, in the order of the enum");

}  // namespace

std::string_view name_of(error_code code) noexcept { return descriptions[std::to_underlying(code)].name; }

std::string_view sentence_of(error_code code) noexcept { return descriptions[std::to_underlying(code)].sentence; }

}  // namespace elsec::domain
