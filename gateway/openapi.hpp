#pragma once
// The description of the API (OpenAPI 3.1), made from the route table: schemas, problems and examples are components,
// under the names of their records.

#include "gateway/node_profile.hpp"
#include "gateway/router.hpp"

#include <boost/json/value.hpp>

#include <string_view>
#include <vector>

namespace elsec::gateway {

// Routes whose path begins with `prefix`; paths in the description are relative to it.
[[nodiscard]] boost::json::value openapi(const std::vector<capabilities::route>& table, std::string_view prefix,
                                         const node_profile& node);

}  // namespace elsec::gateway
