#pragma once
// The route groups. Each adds its entries to the table; handlers stay in their files.

#include "gateway/backend.hpp"
#include "gateway/router.hpp"

#include <string>
#include <vector>

namespace elsec::gateway::routes {

void add_access(std::vector<route>& table, const shared_backend& api);        // registrations, sessions, users, tokens
void add_organisation(std::vector<route>& table, const shared_backend& api);  // organisation, directory, nodes
void add_documents(std::vector<route>& table, const shared_backend& api);     // records, lists
void add_uploads(std::vector<route>& table, const shared_backend& api);       // POST /documents
void add_content(std::vector<route>& table, const shared_backend& api);       // GET /documents/{id}/content
void add_dispatches(std::vector<route>& table, const shared_backend& api);    // dispatches, letters, receipts
void add_events(std::vector<route>& table, const shared_backend& api);        // the feed
void add_operator(std::vector<route>& table, const shared_backend& api);      // the operator's listener

// Everything of the public listener, its own description included.
[[nodiscard]] std::vector<route> public_table(const shared_backend& api, std::string version);
[[nodiscard]] std::vector<route> operator_table(const shared_backend& api);

}  // namespace elsec::gateway::routes
