#pragma once
// Errors as clients see them: RFC 9457 problem documents, and the one table from error codes to HTTP.

#include "domain/error.hpp"
#include "gateway/response.hpp"

#include <string_view>

namespace elsec::gateway {

inline constexpr std::string_view problem_media_type = "application/problem+json";

// The HTTP status of an error code.
[[nodiscard]] unsigned status_of(domain::error_code code) noexcept;

// The phrase of a status this program uses ("Not Found").
[[nodiscard]] std::string_view phrase_of(unsigned status) noexcept;

// {type, title, status, detail, code, errors}; 401, 429 and 503 with the header fields they need.
[[nodiscard]] response problem_of(const domain::error& what);

}  // namespace elsec::gateway
