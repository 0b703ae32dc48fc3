#pragma once
// Routes as data: what the node offers over HTTPS, described without anything of HTTP's machinery. The gateway makes
// handlers, the checks before them, and the OpenAPI description of it.

#include "capabilities/body_type.hpp"
#include "codec/json.hpp"
#include "decisions/answers.hpp"
#include "decisions/command.hpp"
#include "domain/access.hpp"

#include <boost/json/object.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::capabilities {

// Capabilities speak the words of decisions/: commands, facts, rulings, and what decisions share.
using namespace decisions;
namespace tables = storage::tables;

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
  raw  // any media type, streamed
};

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

// A request as a capability sees it: checked against its route, and the same whatever it came over.
struct request {
  domain::principal who{};                                  // of nobody where a route is open or the operator's
  std::map<std::string, std::string, std::less<>> parts{};  // of the path: {id}
  boost::json::object query{};                              // checked for unknown names
  std::string body{};                                       // JSON
  wanted_versions if_match{};
  maybe_idempotent repeat{};

  // The identifier in the path; `not_found` when it is none, as for every object that does not exist.
  template <class Id>
  [[nodiscard]] domain::result<Id> id(std::string_view part = "id") const {
    const auto text = parts.find(part);
    if (text != parts.end())
      if (auto parsed = Id::parse(text->second)) return *parsed;
    return domain::fail(domain::error_code::not_found);
  }
  template <class Record>
  [[nodiscard]] domain::result<Record> query_as() const {
    return codec::from_json_value<Record>(query);
  }
  template <class Record>
  [[nodiscard]] domain::result<Record> body_as() const {
    return codec::from_json<Record>(body);
  }
};

// What a read shows.
struct shown {
  std::string body;
  bool is_object = false;  // has an entity tag, and is not sent to whoever has it already
  unsigned status = 200;
  std::string_view media_type = "application/json";
  std::size_t damaged = 0;  // entries of a list that cannot be read, and are left out
};

// What an answer does to the browser's session cookie.
enum class cookie_use : std::uint8_t { none, begins, ends };

using maker = domain::result<shared_command> (*)(const services& with, const request& from);
using sent_maker = domain::result<shared_command> (*)(const request& from, std::uint64_t first, std::uint64_t end);
using viewer = domain::result<shown> (*)(const facts& given, const request& asked);

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
  bool repeatable = false;          // understands Idempotency-Key
  bool versioned = false;           // understands If-Match, and its answer shows the object's new version
  std::vector<header_parameter> headers{};
  unsigned success = 200;
  body_type answer{};                                // of the successful answer
  std::string_view media_type = "application/json";  // of the successful answer
  std::string_view other_media_type{};               // the successful answer's other form, told by Accept
  std::vector<unsigned> problems{};                  // statuses of this route's own problems
  cookie_use cookie = cookie_use::none;
  bool streams = false;  // served by the gateway itself: uploads, contents, events
  // One of them. Where the gateway streams: the command before the first byte goes out, or none.
  maker make = nullptr;
  viewer show = nullptr;
  sent_maker sent = nullptr;  // where a content is streamed: the command when bytes first to before end have gone out
};

inline constexpr header_parameter idempotency_header{
    "Idempotency-Key", "1 to 255 visible ASCII characters; a repeat with the same body gets the first answer again."};
inline constexpr header_parameter if_match_header{"If-Match", "Entity tag of the version to change; else 412."};
inline constexpr std::string_view damaged_header = "Elsec-Damaged";    // of a list's page: entries left out
inline constexpr std::string_view filename_header = "Elsec-Filename";  // of an upload
inline constexpr std::string_view api_prefix = "/api/v1";

inline constexpr std::uint32_t page_limit_default = 50;
inline constexpr std::uint32_t page_limit_max = 500;

// --- reads -----------------------------------------------------------------------------------------------------------

// An object, or why there is none.
template <class Shown, class Record>
[[nodiscard]] domain::result<shown> object(const domain::result<Record>& record) {
  if (!record) return std::unexpected(record.error());
  return shown{.body = codec::to_json(static_cast<const Shown&>(*record)), .is_object = true};
}

// --- commands --------------------------------------------------------------------------------------------------------

// What a command is made of besides the caller: an identifier in the path, a record in the body.
template <class Id>
struct in_path {
  using type = Id;
  static domain::result<Id> of(const request& from) { return from.id<Id>(); }
  static void describe(route& what) { what.parts = {{"id", codec::type_of<Id>}}; }
};
template <class Record>
struct in_body {
  using type = Record;
  static domain::result<Record> of(const request& from) { return from.body_as<Record>(); }
  static void describe(route& what) {
    what.body = body_kind::json;
    what.request = body_type_of<Record>;
  }
};

template <class Command, class... Parts>
[[nodiscard]] domain::result<shared_command> make_from(const services&, const request& from) {
  std::optional<domain::error> wrong;
  [[maybe_unused]] const auto take = [&]<class Value>(domain::result<Value> part) -> Value {
    if (part) return std::move(*part);
    if (!wrong) wrong = std::move(part.error());
    return Value{};
  };
  // In braces, so that the first part that does not fit is the one that is told.
  std::tuple<typename Parts::type...> parts{take(Parts::of(from))...};
  if (wrong) return std::unexpected(std::move(*wrong));
  return std::apply([&](auto&&... values) { return make_command<Command>(from, std::move(values)...); }, parts);
}

// The route of a command: what its parts are follows from how the command is made, `Command(request, part…)`.
template <class Command, class... Parts>
[[nodiscard]] route command_route(route described) {
  (Parts::describe(described), ...);
  described.make = &make_from<Command, Parts...>;
  return described;
}

}  // namespace elsec::capabilities
