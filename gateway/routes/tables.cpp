#include "gateway/openapi.hpp"
#include "gateway/routes/routes.hpp"

#include <boost/json/serialize.hpp>

namespace elsec::gateway::routes {
namespace {

constexpr std::string_view description_path = "/api/v1/openapi.json";

asio::awaitable<reply> send_description(std::shared_ptr<const std::string> text) { co_return json_response(*text); }

// Everything of the public listener; the description still without its handler.
std::vector<route> described_table(const shared_backend& api) {
  std::vector<route> table;
  add_access(table, api);
  add_organisation(table, api);
  add_documents(table, api);
  add_uploads(table, api);
  add_content(table, api);
  add_dispatches(table, api);
  add_events(table, api);
  table.push_back({.method = "GET",
                   .path = description_path,
                   .id = "get_description",
                   .summary = "This description",
                   .group = groups::network});
  return table;
}

std::string text_of(const std::vector<route>& table, const node_profile& node) {
  return boost::json::serialize(openapi(table, api_prefix, node));
}

}  // namespace

std::vector<route> public_table(const shared_backend& api, const node_profile& node) {
  auto table = described_table(api);
  const auto text = std::make_shared<const std::string>(text_of(table, node));
  table.back().handle = [text](call&) { return send_description(text); };
  return table;
}

std::string description(const node_profile& node) { return text_of(described_table(nullptr), node); }

std::vector<route> operator_table(const shared_backend& api) {
  std::vector<route> table;
  add_operator(table, api);
  return table;
}

}  // namespace elsec::gateway::routes
