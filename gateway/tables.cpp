#include "gateway/tables.hpp"

#include "capabilities/all.hpp"
#include "capabilities/groups.hpp"
#include "gateway/openapi.hpp"
#include "gateway/streams/streams.hpp"

#include <boost/json/serialize.hpp>

namespace elsec::gateway {
namespace {

capabilities::route description_route() {
  return {.method = "GET",
          .path = "/api/v1/openapi.json",
          .id = "get_description",
          .summary = "This description",
          .group = capabilities::groups::network};
}

bool is_public(const capabilities::route& what) { return what.path.starts_with(capabilities::api_prefix); }

std::vector<capabilities::route> described(bool wanted_public) {
  std::vector<capabilities::route> routes;
  for (const auto& capability : capabilities::all())
    for (const auto& each : capability.routes)
      if (is_public(each) == wanted_public) routes.push_back(each);
  if (wanted_public) routes.push_back(description_route());
  return routes;
}

std::vector<route> served(const shared_backend& api, bool wanted_public) {
  std::vector<route> table;
  for (const auto& each : described(wanted_public))
    table.push_back({each, each.streams ? stream(api, each) : serve(api, each)});
  return table;
}

asio::awaitable<reply> send_description(std::shared_ptr<const std::string> text) { co_return json_response(*text); }

}  // namespace

std::vector<route> public_table(const shared_backend& api, const node_profile& node) {
  auto table = served(api, true);
  const auto text = std::make_shared<const std::string>(description(node));
  table.back().handle = [text](call&) { return send_description(text); };
  return table;
}

std::string description(const node_profile& node) {
  return boost::json::serialize(openapi(described(true), capabilities::api_prefix, node));
}

std::vector<route> operator_table(const shared_backend& api) { return served(api, false); }

}  // namespace elsec::gateway
