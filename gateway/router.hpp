#pragma once
// From a request to the handler of its route: path, method, credential, query, media type, size.

#include "capabilities/route.hpp"
#include "codec/json.hpp"
#include "domain/access.hpp"
#include "gateway/exchange.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::gateway {

using capabilities::access;
using capabilities::body_kind;

struct route;

// A request on its way through the table.
struct call {
  exchange& http;
  const route& entry;
  std::map<std::string, std::string, std::less<>> parts;  // of the path: {id}
  boost::json::object query;                              // checked for unknown names; typed as the query record says
  std::optional<domain::principal> who;                   // set when the route needs a credential

  [[nodiscard]] std::optional<std::string> field(std::string_view name) const { return http.head.field(name); }
};

using handler = std::function<asio::awaitable<reply>(call&)>;

// What a capability describes, and what serves it.
struct route {
  capabilities::route what;
  handler handle{};
};

// Checks and finds its way to the handler: path (404), method (405), credential (401, 403), query (422), media type
// (415), announced size (413). Errors become problem documents here.
class router {
 public:
  // Given the token: who it stands for, or `unauthenticated`.
  using authenticator = std::function<domain::result<domain::principal>(std::string_view)>;
  using operator_check = std::function<bool(std::string_view)>;

  router(std::vector<route> table, std::size_t json_body_bytes_max, authenticator authenticate,
         operator_check is_operator);

  [[nodiscard]] asio::awaitable<response> operator()(exchange& http) const;

 private:
  struct target {
    route entry;
    boost::json::object parameters;            // schema of each query parameter
    std::vector<std::string_view> part_names;  // in the order of the path
  };
  // A place in the tree of paths: finding a route takes as many steps as its path has segments, however many routes
  // there are.
  struct place {
    std::map<std::string, std::unique_ptr<place>, std::less<>> literal;
    std::unique_ptr<place> part;  // any text but an empty one
    std::vector<target> targets;  // by method
  };
  struct found {
    const place* where = nullptr;
    std::vector<std::string> parts;
  };
  void add(route entry);
  [[nodiscard]] found find(std::string_view path) const;
  [[nodiscard]] static const place* descend(const place& from, const std::vector<std::string>& segments,
                                            std::size_t depth, std::vector<std::string>& parts);
  [[nodiscard]] static bool fits(const target& one, std::string_view method);
  [[nodiscard]] static response not_allowed(const std::vector<target>& targets);
  [[nodiscard]] asio::awaitable<reply> dispatch(exchange& http) const;
  [[nodiscard]] domain::result<std::optional<domain::principal>> identify(const capabilities::route& entry,
                                                                          const request_head& head) const;

  place root_;
  std::size_t json_body_bytes_max_;
  authenticator authenticate_;
  operator_check is_operator_;
};

inline constexpr std::string_view session_cookie = "__Host-elsec";
inline constexpr std::string_view csrf_header = "X-Elsec-Csrf";

[[nodiscard]] response json_response(std::string body, unsigned status = 200);

}  // namespace elsec::gateway
