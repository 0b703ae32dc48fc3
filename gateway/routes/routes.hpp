#pragma once
// The route groups. Each adds its entries to the table; handlers stay in their files.

#include "gateway/backend.hpp"
#include "gateway/node_profile.hpp"
#include "gateway/router.hpp"

#include <string>
#include <vector>

namespace elsec::gateway::routes {

namespace groups {
inline constexpr route_group access{"access", "Registration, sessions, people and API tokens."};
inline constexpr route_group network{"network", "One's own organisation, the directory, the nodes and their keys."};
inline constexpr route_group documents{"documents", "Upload, records and content."};
inline constexpr route_group dispatches{"dispatches", "Sending: electronically to who takes part, else as a letter."};
inline constexpr route_group letters{"letters", "The postal half of a dispatch."};
inline constexpr route_group receipts{"receipts", "Signed statements about a document's way, checkable offline."};
inline constexpr route_group events{"events", "What happened, as a durable feed."};
inline constexpr route_group operation{"operation", "What only an operator may do."};
}  // namespace groups

void add_access(std::vector<route>& table, const shared_backend& api);        // registrations, sessions, users, tokens
void add_organisation(std::vector<route>& table, const shared_backend& api);  // organisation, directory, nodes
void add_documents(std::vector<route>& table, const shared_backend& api);     // records, lists
void add_uploads(std::vector<route>& table, const shared_backend& api);       // POST /documents
void add_content(std::vector<route>& table, const shared_backend& api);       // GET /documents/{id}/content
void add_dispatches(std::vector<route>& table, const shared_backend& api);    // dispatches, letters, receipts
void add_events(std::vector<route>& table, const shared_backend& api);        // the feed
void add_operator(std::vector<route>& table, const shared_backend& api);      // the operator's listener

// Everything of the public listener, its own description included.
[[nodiscard]] std::vector<route> public_table(const shared_backend& api, const node_profile& node);
[[nodiscard]] std::vector<route> operator_table(const shared_backend& api);

// What the public table serves as its description; needs no node.
[[nodiscard]] std::string description(const node_profile& node);

}  // namespace elsec::gateway::routes
