#pragma once
// Errors as clients see them: RFC 9457 problem documents, and the one table from error codes to HTTP.

#include "domain/error.hpp"
#include "domain/fields.hpp"
#include "gateway/response.hpp"

#include <boost/describe.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::gateway {

struct problem {
  std::string type;
  std::string title;
  domain::bounded<400, 599> status;
  std::optional<std::string> detail{};
  std::string code;  // stable: what clients decide by
  std::optional<std::vector<domain::field_error>> errors{};
};
BOOST_DESCRIBE_STRUCT(problem, (), (type, title, status, detail, code, errors))

inline constexpr std::string_view problem_media_type = "application/problem+json";

// The HTTP status of an error code.
[[nodiscard]] unsigned status_of(domain::error_code code) noexcept;

// The phrase of a status this program uses ("Not Found").
[[nodiscard]] std::string_view phrase_of(unsigned status) noexcept;

[[nodiscard]] problem problem_from(const domain::error& what);

// The problem document; 401, 429 and 503 with the header fields they need.
[[nodiscard]] response problem_of(const domain::error& what);

}  // namespace elsec::gateway
