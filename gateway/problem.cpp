#include "gateway/problem.hpp"

#include "codec/json.hpp"
#include "gateway/limits.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <utility>

namespace elsec::gateway {
namespace {

using domain::error_code;

struct mapping {
  error_code code;
  unsigned status;
};

constexpr std::array mappings{
    mapping{error_code::bad_request, 400},
    mapping{error_code::unauthenticated, 401},
    mapping{error_code::bad_credentials, 401},
    mapping{error_code::forbidden, 403},
    mapping{error_code::verification_required, 403},
    mapping{error_code::not_found, 404},
    mapping{error_code::method_not_allowed, 405},
    mapping{error_code::not_acceptable, 406},
    mapping{error_code::wrong_state, 409},
    mapping{error_code::email_in_use, 409},
    mapping{error_code::key_reused, 409},
    mapping{error_code::already_done, 409},
    mapping{error_code::conflict, 409},
    mapping{error_code::no_carrier, 409},
    mapping{error_code::closed, 410},
    mapping{error_code::stale, 412},
    mapping{error_code::too_large, 413},
    mapping{error_code::unsupported_media_type, 415},
    mapping{error_code::invalid, 422},
    mapping{error_code::digest_mismatch, 422},
    mapping{error_code::recipient_unknown, 422},
    mapping{error_code::recipient_ambiguous, 422},
    mapping{error_code::recipient_not_electronic, 422},
    mapping{error_code::range_not_satisfiable, 416},
    mapping{error_code::header_too_large, 431},
    mapping{error_code::too_many_requests, 429},
    mapping{error_code::timed_out, 503},
    mapping{error_code::overloaded, 503},
    mapping{error_code::storage_full, 507},
    mapping{error_code::integrity, 500},
    mapping{error_code::io, 500},
    mapping{error_code::internal, 500},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < mappings.size(); ++i)
    if (std::to_underlying(mappings[i].code) != i) return false;
  return mappings.size() == std::to_underlying(error_code::internal) + 1U;
}
static_assert(in_order(), "one status per code, in the order of the enum");

struct phrase {
  unsigned status;
  std::string_view text;
};

constexpr std::array phrases{
    phrase{200, "OK"},
    phrase{201, "Created"},
    phrase{202, "Accepted"},
    phrase{204, "No Content"},
    phrase{206, "Partial Content"},
    phrase{304, "Not Modified"},
    phrase{400, "Bad Request"},
    phrase{401, "Unauthorized"},
    phrase{403, "Forbidden"},
    phrase{404, "Not Found"},
    phrase{405, "Method Not Allowed"},
    phrase{406, "Not Acceptable"},
    phrase{409, "Conflict"},
    phrase{410, "Gone"},
    phrase{412, "Precondition Failed"},
    phrase{413, "Content Too Large"},
    phrase{415, "Unsupported Media Type"},
    phrase{416, "Range Not Satisfiable"},
    phrase{422, "Unprocessable Content"},
    phrase{429, "Too Many Requests"},
    phrase{431, "Request Header Fields Too Large"},
    phrase{500, "Internal Server Error"},
    phrase{503, "Service Unavailable"},
    phrase{507, "Insufficient Storage"},
};

}  // namespace

unsigned status_of(error_code code) noexcept { return mappings[std::to_underlying(code)].status; }

std::string_view phrase_of(unsigned status) noexcept {
  for (const auto& known : phrases)
    if (known.status == status) return known.text;
  return "Unknown";
}

problem problem_from(const domain::error& what) {
  const auto name = domain::name_of(what.code);
  problem made;
  made.type = "urn:elsec:problem:" + std::string(name);
  made.title = domain::sentence_of(what.code);
  made.status = decltype(made.status)::make(status_of(what.code)).value_or(made.status);
  // What is wrong inside the node is for its log: there a detail may name a table and a key.
  if (!what.detail.empty() && status_of(what.code) != 500) made.detail = what.detail;
  made.code = name;
  if (!what.fields.empty()) made.errors = what.fields;
  return made;
}

response problem_of(const domain::error& what) {
  response result;
  result.status = status_of(what.code);
  if (result.status == 500 && !what.detail.empty()) spdlog::error("a request failed: {}", what.detail);
  result.content_type = problem_media_type;
  result.body = codec::to_json(problem_from(what));
  if (result.status == 401) result.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (result.status == 429 || result.status == 503)
    result.headers.emplace_back("Retry-After", std::to_string(retry_after / 1s));
  return result;
}

}  // namespace elsec::gateway
