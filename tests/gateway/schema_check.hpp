#pragma once
// Checks values against the description's own schemas.

#include <boost/json/value.hpp>

#include <string>

namespace elsec::gateway::testing {

// What a value breaks of a schema within a description: "/pointer: keyword"; empty when it fits. Knows as much of JSON
// Schema 2020-12 as descriptions use, and says so when one uses more.
[[nodiscard]] std::string misfit(const boost::json::value& description, const boost::json::value& schema,
                                 const boost::json::value& value);

// What {"$ref": "#/…"} leads to; anything else is returned as it is.
[[nodiscard]] const boost::json::value& resolved(const boost::json::value& description, const boost::json::value& what);

}  // namespace elsec::gateway::testing
