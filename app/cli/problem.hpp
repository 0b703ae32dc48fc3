#pragma once
// From the node's answer to a failure: problem documents (RFC 9457) and answers that carry none.

#include "app/cli/failure.hpp"
#include "app/cli/https.hpp"

namespace elsec::cli {

// 401 is `not_logged_in`, other 4xx `refused`, everything else `node_failed`. Members of the problem document that are
// missing or of another type are left out; at most `problem_fields_max` parts are kept.
[[nodiscard]] failure failure_of(const response& answer);

// "7" -> 7 s; a date or anything else: none.
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(std::string_view value);

}  // namespace elsec::cli
