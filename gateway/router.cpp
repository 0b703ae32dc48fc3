#include "gateway/router.hpp"

#include "gateway/fields.hpp"
#include "gateway/problem.hpp"

#include <algorithm>
#include <charconv>

namespace elsec::gateway {
namespace {

using domain::error_code;
using domain::fail;

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

bool is_part(std::string_view segment) { return segment.starts_with('{'); }

bool writes(std::string_view method) { return method != "GET" && method != "HEAD"; }

// A query value as the JSON value its schema asks for; text that does not fit stays text, for the record to refuse.
boost::json::value typed(const std::string& text, const boost::json::value& schema) {
  const auto* type = schema.as_object().if_contains("type");
  const auto wanted = type != nullptr && type->is_string() ? std::string_view(type->as_string()) : std::string_view{};
  if (wanted == "boolean" && (text == "true" || text == "false")) return text == "true";
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (wanted == "integer" && error == std::errc{} && end == text.data() + text.size()) return number;
  return boost::json::value(text);
}

domain::result<boost::json::object> check_query(const boost::json::object& known, std::string_view text) {
  const auto values = parse_query(text);
  if (!values) return std::unexpected(values.error());
  boost::json::object typed_values;
  domain::error unknown{error_code::invalid, "The query has unknown parameters.", {}};
  for (const auto& [name, value] : *values) {
    if (const auto* schema = known.if_contains(name))
      typed_values[name] = typed(value, *schema);
    else
      unknown.fields.push_back({pointer_to(name), "unknown query parameter"});
  }
  if (!unknown.fields.empty()) return std::unexpected(std::move(unknown));
  return typed_values;
}

domain::result<void> check_body(const capabilities::route& entry, const exchange& http,
                                std::size_t json_body_bytes_max) {
  if (entry.body == body_kind::none) {
    if (http.head.body.has_body()) return fail(error_code::bad_request, "This request takes no body.");
    return {};
  }
  if (const auto coding = http.head.field("Content-Encoding"); coding && !equal_ignoring_case(*coding, "identity"))
    return fail(error_code::unsupported_media_type, "The body must not be compressed.");
  if (entry.body == body_kind::raw) return {};
  const auto type = http.head.field("Content-Type");
  if (!type || !is_utf8_json(*type))
    return fail(error_code::unsupported_media_type, "The body must be application/json in UTF-8.");
  if (http.body.size().value_or(0) > json_body_bytes_max)
    return fail(error_code::too_large, "The body is larger than allowed.");
  return {};
}

std::optional<std::string> bearer_token(const request_head& head) {
  constexpr std::string_view scheme = "Bearer ";
  const auto field = head.field("Authorization");
  if (!field || field->size() <= scheme.size() || !equal_ignoring_case(field->substr(0, scheme.size()), scheme))
    return std::nullopt;
  return std::string(trimmed(std::string_view(*field).substr(scheme.size())));
}

}  // namespace

router::router(std::vector<route> table, std::size_t json_body_bytes_max, authenticator authenticate,
               operator_check is_operator)
    : json_body_bytes_max_(json_body_bytes_max),
      authenticate_(std::move(authenticate)),
      is_operator_(std::move(is_operator)) {
  for (auto& entry : table) add(std::move(entry));
}

void router::add(route entry) {
  target made{.entry = std::move(entry), .parameters = {}, .part_names = {}};
  const auto& what = made.entry.what;
  if (what.query != nullptr) made.parameters = codec::json_schema(what.query).at("properties").as_object();
  auto* at = &root_;
  for (const auto segment : segments_of(what.path)) {
    if (is_part(segment)) made.part_names.push_back(segment.substr(1, segment.size() - 2));
    auto& next = is_part(segment) ? at->part : at->literal[std::string(segment)];
    if (next == nullptr) next = std::make_unique<place>();
    at = next.get();
  }
  at->targets.push_back(std::move(made));
}

// A literal segment goes before a part: /sessions/current is not the session "current".
const router::place* router::descend(const place& from, const std::vector<std::string>& segments, std::size_t depth,
                                     std::vector<std::string>& parts) {
  if (depth == segments.size()) return from.targets.empty() ? nullptr : &from;
  const auto& segment = segments[depth];
  if (const auto next = from.literal.find(segment); next != from.literal.end())
    if (const auto* where = descend(*next->second, segments, depth + 1, parts)) return where;
  if (from.part == nullptr || segment.empty()) return nullptr;
  parts.push_back(segment);
  if (const auto* where = descend(*from.part, segments, depth + 1, parts)) return where;
  parts.pop_back();
  return nullptr;
}

bool router::fits(const target& one, std::string_view method) {
  return one.entry.what.method == method || (one.entry.what.method == "GET" && method == "HEAD");
}

// The path exists, but not with this method.
response router::not_allowed(const std::vector<target>& targets) {
  std::string allow;
  for (const auto& one : targets) {
    allow += (allow.empty() ? "" : ", ") + std::string(one.entry.what.method);
    if (one.entry.what.method == "GET") allow += ", HEAD";
  }
  auto refusal = problem_of(domain::error{error_code::method_not_allowed, "Allowed here: " + allow + ".", {}});
  refusal.headers.emplace_back("Allow", allow);
  return refusal;
}

router::found router::find(std::string_view path) const {
  std::vector<std::string> decoded;
  for (const auto segment : segments_of(path)) {
    auto text = percent_decoded(segment);
    if (!text) return {};
    decoded.push_back(std::move(*text));
  }
  found result;
  result.where = descend(root_, decoded, 0, result.parts);
  return result;
}

domain::result<std::optional<domain::principal>> router::identify(const capabilities::route& entry,
                                                                  const request_head& head) const {
  if (entry.need == access::open) return std::nullopt;
  auto token = bearer_token(head);
  if (entry.need == access::operator_) {
    if (!token || !is_operator_(*token)) return fail(error_code::unauthenticated, "The operator's token is needed.");
    return std::nullopt;
  }
  const bool by_cookie = !token && !head.field("Authorization");
  if (by_cookie) token = cookie(head.field("Cookie"), session_cookie);
  if (!token || token->empty()) return fail(error_code::unauthenticated, "Sign in, or send a bearer token.");
  auto who = authenticate_(*token);
  if (!who) return std::unexpected(std::move(who.error()));
  if (by_cookie && writes(head.method)) {
    const auto csrf = head.field(csrf_header);
    if (!csrf || who->csrf_token.empty() || !equal_in_constant_time(*csrf, who->csrf_token))
      return fail(error_code::forbidden, "With a session cookie, X-Elsec-Csrf must hold the session's csrf_token.");
  }
  if (entry.need == access::person && !who->user_id)
    return fail(error_code::forbidden, "Only a signed-in person may do this, no API token.");
  if (entry.need == access::scoped && !domain::allows(*who, *entry.scope))
    return fail(error_code::forbidden, "The scope " + std::string(domain::name_of(*entry.scope)) + " is needed.");
  return std::optional(std::move(*who));
}

asio::awaitable<reply> router::dispatch(exchange& http) const {
  const std::string_view path_and_query = http.head.target;
  const auto question = std::min(path_and_query.find('?'), path_and_query.size());
  auto match = find(path_and_query.substr(0, question));
  if (match.where == nullptr) co_return fail(error_code::not_found, "There is no such path.");
  const auto& targets = match.where->targets;
  const auto chosen = std::ranges::find_if(targets, [&](const target& one) { return fits(one, http.head.method); });
  if (chosen == targets.end()) co_return not_allowed(targets);
  const auto& entry = chosen->entry.what;
  auto who = identify(entry, http.head);
  if (!who) co_return std::unexpected(std::move(who.error()));
  auto query = check_query(chosen->parameters, path_and_query.substr(std::min(question + 1, path_and_query.size())));
  if (!query) co_return std::unexpected(std::move(query.error()));
  if (auto ok = check_body(entry, http, json_body_bytes_max_); !ok) co_return std::unexpected(std::move(ok.error()));
  call request{http, chosen->entry, {}, std::move(*query), std::move(*who)};
  for (std::size_t i = 0; i < chosen->part_names.size(); ++i)
    request.parts.emplace(chosen->part_names[i], std::move(match.parts[i]));
  co_return co_await chosen->entry.handle(request);
}

asio::awaitable<response> router::operator()(exchange& http) const {
  auto answer = co_await dispatch(http);
  co_return answer ? std::move(*answer) : problem_of(answer.error());
}

response json_response(std::string body, unsigned status) {
  response result;
  result.status = status;
  if (status == 204) return result;
  result.content_type = "application/json";
  result.body = std::move(body);
  return result;
}

}  // namespace elsec::gateway
