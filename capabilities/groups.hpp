#pragma once
// The groups of routes in the API's description.

#include "capabilities/route.hpp"

namespace elsec::capabilities::groups {

inline constexpr route_group access{"access", "Registration, sessions, people and API tokens."};
inline constexpr route_group network{"network", "One's own organisation, the directory, the nodes and their keys."};
inline constexpr route_group documents{"documents", "Upload, records and content."};
inline constexpr route_group dispatches{"dispatches", "Sending: electronically to who takes part, else as a letter."};
inline constexpr route_group letters{"letters", "The postal half of a dispatch."};
inline constexpr route_group receipts{"receipts", "Signed statements about a document's way, checkable offline."};
inline constexpr route_group events{"events", "What happened, as a durable feed."};
inline constexpr route_group operation{"operation", "What only an operator may do."};

}  // namespace elsec::capabilities::groups
