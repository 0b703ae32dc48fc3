#include "gateway/openapi.hpp"
#include "gateway/routes/routes.hpp"

#include <boost/json/serialize.hpp>

namespace elsec::gateway::routes {
namespace {

constexpr std::string_view description_path = "/api/v1/openapi.json";

asio::awaitable<reply> send_description(std::shared_ptr<const std::string> text) { co_return json_response(*text); }

}  // namespace

std::vector<route> public_table(const shared_backend& api, std::string version) {
  std::vector<route> table;
  add_access(table, api);
  add_organisation(table, api);
  add_documents(table, api);
  add_uploads(table, api);
  add_content(table, api);
  add_dispatches(table, api);
  add_events(table, api);
  table.push_back({.method = "GET", .path = description_path, .summary = "This description"});
  const auto text = std::make_shared<const std::string>(boost::json::serialize(openapi(table, api_prefix, version)));
  table.back().handle = [text](call&) { return send_description(text); };
  return table;
}

std::vector<route> operator_table(const shared_backend& api) {
  std::vector<route> table;
  add_operator(table, api);
  return table;
}

}  // namespace elsec::gateway::routes
