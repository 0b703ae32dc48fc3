#pragma once
// The route table: what the node offers over HTTPS, one entry per method and path. From it requests are dispatched, and
// the OpenAPI description is made.

#include "codec/json.hpp"
#include "domain/access.hpp"
#include "gateway/body_type.hpp"
#include "gateway/exchange.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::gateway {

// Who may call a route.
enum class access : std::uint8_t {
  open,      // anybody
  anyone,    // any valid credential
  person,    // a signed-in person, no API token
  scoped,    // a credential with the route's scope
  operator_  // the operator's token
};

// What a route takes as its body.
enum class body_kind : std::uint8_t {
  none,
  json,
  raw  // any media type, streamed by the handler
};

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

// A group of routes in the description.
struct route_group {
  std::string_view name;
  std::string_view description;
};

// A part of a path, and the type of what stands there.
struct path_part {
  std::string_view name;
  codec::type_ref type;
};

// A header field that a route understands besides the usual ones.
struct header_parameter {
  std::string_view name;
  std::string_view description;
  bool required = false;
};

struct route {
  std::string_view method;
  std::string_view path;  // with {parts}: "/api/v1/documents/{id}"
  std::string_view id;    // of the operation: "list_documents"; clients make methods of it, so it stays
  std::string_view summary;
  route_group group{};
  access need = access::open;
  std::optional<domain::scope> scope{};  // with access::scoped
  std::vector<path_part> parts{};        // of the path
  body_kind body = body_kind::none;
  body_type request{};              // with body_kind::json
  codec::type_ref query = nullptr;  // record whose members are the query parameters
  std::vector<header_parameter> headers{};
  unsigned success = 200;
  body_type answer{};                                // of the successful answer
  std::string_view media_type = "application/json";  // of the successful answer
  std::string_view other_media_type{};               // the successful answer's other form, told by Accept
  std::vector<unsigned> problems{};                  // statuses of this route's own problems
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

  [[nodiscard]] const std::vector<route>& table() const noexcept { return table_; }

 private:
  struct found {
    const route* entry = nullptr;
    const boost::json::object* parameters = nullptr;  // schema of each query parameter
    std::map<std::string, std::string, std::less<>> parts;
    std::string allow;  // methods of the path, when none fits
  };
  [[nodiscard]] found find(std::string_view method, std::string_view path) const;
  [[nodiscard]] asio::awaitable<reply> dispatch(exchange& http) const;
  [[nodiscard]] domain::result<std::optional<domain::principal>> identify(const route& entry,
                                                                          const request_head& head) const;

  std::vector<route> table_;
  std::vector<std::vector<std::string_view>> segments_;  // of the paths, in the table's order
  std::vector<boost::json::object> parameters_;          // schemas of the query parameters, likewise
  std::size_t json_body_bytes_max_;
  authenticator authenticate_;
  operator_check is_operator_;
};

inline constexpr std::string_view session_cookie = "__Host-elsec";
inline constexpr std::string_view csrf_header = "X-Elsec-Csrf";
inline constexpr std::string_view api_prefix = "/api/v1";

// The query as the record of its route.
template <class Record>
[[nodiscard]] domain::result<Record> query_of(const call& request) {
  return codec::from_json_value<Record>(request.query);
}

// The JSON body as a record.
template <class Record>
[[nodiscard]] asio::awaitable<domain::result<Record>> body_of(call& request, std::size_t bytes_max) {
  auto text = co_await request.http.body.read_all(bytes_max);
  if (!text) co_return std::unexpected(std::move(text.error()));
  co_return codec::from_json<Record>(*text);
}

// The identifier in the path; `not_found` when it is none, as for every object that does not exist.
template <class Id>
[[nodiscard]] domain::result<Id> id_of(const call& request, std::string_view part = "id") {
  const auto text = request.parts.find(part);
  if (text != request.parts.end())
    if (auto id = Id::parse(text->second)) return *id;
  return domain::fail(domain::error_code::not_found);
}

[[nodiscard]] response json_response(std::string body, unsigned status = 200);

}  // namespace elsec::gateway
