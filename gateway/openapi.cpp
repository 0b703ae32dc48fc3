#include "gateway/openapi.hpp"

#include "domain/folding.hpp"
#include "gateway/problem.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace elsec::gateway {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using codec::component_reference;
using codec::direction;
using domain::error_code;

constexpr std::string_view about =
    "Sends confidential documents: electronically to organisations that take part, as a letter to everyone else.\n\n"
    "Requests are strict: unknown members and parameters are refused. Answers may grow: do not refuse members that you "
    "do not know. Problems are RFC 9457 documents; decide by `code`. Lists are `items` with `next_cursor`, newest "
    "first unless said otherwise. Creating requests may carry an `Idempotency-Key`. Patient data never goes into a "
    "URL.";

boost::json::string text(std::string_view from) { return boost::json::string(from.data(), from.size()); }

// "Not Found" -> "not_found"
std::string component_name(std::string_view phrase) {
  auto name = domain::lower_ascii(phrase);
  std::ranges::replace(name, ' ', '_');
  return name;
}

std::vector<error_code> codes_of(unsigned status) {
  std::vector<error_code> codes;
  for (std::uint8_t i = 0; i <= std::to_underlying(error_code::internal); ++i)
    if (const auto code = static_cast<error_code>(i); status_of(code) == status) codes.push_back(code);
  return codes;
}

object parameter(std::string_view name, std::string_view where, bool required, value schema) {
  return {{"name", text(name)}, {"in", text(where)}, {"required", required}, {"schema", std::move(schema)}};
}

object header(std::string_view description) {
  return {{"description", text(description)}, {"schema", object{{"type", "string"}}}};
}

array security_of(const capabilities::route& entry) {
  if (entry.need == access::open) return {};
  array ways{object{{"bearer", array{}}}};
  if (entry.need != access::operator_) ways.push_back(object{{"session_cookie", array{}}});
  return ways;
}

object security_schemes() {
  object bearer{{"type", "http"}, {"scheme", "bearer"}, {"description", "A session's or an API token."}};
  object session{{"type", "apiKey"},
                 {"in", "cookie"},
                 {"name", text(session_cookie)},
                 {"description", "With X-Elsec-Csrf on everything that writes."}};
  return {{"bearer", std::move(bearer)}, {"session_cookie", std::move(session)}};
}

object info(std::string_view version) {
  return {{"title", "elSec"},
          {"summary", "A hub for confidential documents"},
          {"description", text(about)},
          {"license", object{{"name", "Apache License 2.0"}, {"identifier", "Apache-2.0"}}},
          {"version", text(version)}};
}

std::string needs_of(const capabilities::route& entry) {
  if (entry.scope) return "Scope: " + std::string(domain::name_of(*entry.scope)) + ".";
  return entry.need == access::person ? "Only for signed-in persons." : std::string{};
}

std::vector<capabilities::header_parameter> headers_of(const capabilities::route& entry) {
  auto headers = entry.headers;
  if (entry.repeatable) headers.push_back(capabilities::idempotency_header);
  if (entry.versioned) headers.push_back(capabilities::if_match_header);
  return headers;
}

std::set<unsigned> problems_of(const capabilities::route& entry) {
  std::set<unsigned> problems(entry.problems.begin(), entry.problems.end());
  problems.insert({400, 422, 429, 503});
  if (entry.need != access::open) problems.insert(401);
  if (entry.need == access::person || entry.need == access::scoped) problems.insert(403);
  if (entry.path.find('{') != std::string_view::npos) problems.insert(404);
  if (entry.body != body_kind::none) problems.insert({413, 415});
  if (entry.versioned) problems.insert(412);
  return problems;
}

// What answers hold, for the schemas to be open.
std::vector<codec::type_ref> answers_of(const std::vector<capabilities::route>& table) {
  std::vector<codec::type_ref> answers{codec::type_of<problem>};
  for (const auto& entry : table)
    if (entry.answer) answers.push_back(entry.answer.record);
  return answers;
}

// Writes operations and collects what they refer to.
class writer {
 public:
  explicit writer(const std::vector<capabilities::route>& table) : schemas_(answers_of(table)) {}

  object operation(const capabilities::route& entry) {
    object made{{"operationId", text(entry.id)}, {"summary", text(entry.summary)}};
    if (const auto needs = needs_of(entry); !needs.empty()) made["description"] = needs;
    if (!entry.group.name.empty()) made["tags"] = array{text(entry.group.name)};
    if (auto list = parameters(entry); !list.empty()) made["parameters"] = std::move(list);
    if (entry.body == body_kind::json)
      made["requestBody"] = object{{"required", true},
                                   {"content", object{{"application/json", media(entry.request, direction::request)}}}};
    if (entry.body == body_kind::raw)
      made["requestBody"] = object{{"required", true}, {"content", object{{"*/*", object{}}}}};
    made["security"] = security_of(entry);
    object responses{{std::to_string(entry.success), success(entry)}};
    for (const auto status : problems_of(entry)) responses[std::to_string(status)] = response_reference(status);
    made["responses"] = std::move(responses);
    return made;
  }

  object components() {
    auto schemas = schemas_.schemas();
    return {{"schemas", std::move(schemas)},
            {"responses", std::move(responses_)},
            {"examples", std::move(examples_)},
            {"securitySchemes", security_schemes()}};
  }

 private:
  array parameters(const capabilities::route& entry) {
    array made;
    for (const auto& part : entry.parts)
      made.push_back(parameter(part.name, "path", true, schemas_.of(part.type, direction::request)));
    if (entry.query != nullptr) {
      const auto record = schemas_.spelled_out(entry.query, direction::request);
      for (const auto& [name, schema] : record.at("properties").as_object())
        made.push_back(parameter(std::string_view(name), "query", false, schema));
    }
    for (const auto& field : headers_of(entry)) {
      auto described = parameter(field.name, "header", field.required, object{{"type", "string"}});
      described["description"] = text(field.description);
      made.push_back(std::move(described));
    }
    return made;
  }

  value schema(const capabilities::body_type& what, direction use) {
    auto record = schemas_.of(what.record, use);
    if (!what.is_list) return record;
    object items{{"type", "array"}, {"items", std::move(record)}};
    object next{{"type", array{"string", "null"}}};
    return schemas_.add(component_name_of(what),
                        object{{"type", "object"},
                               {"properties", object{{"items", std::move(items)}, {"next_cursor", std::move(next)}}},
                               {"required", array{"items", "next_cursor"}}});
  }

  static std::string component_name_of(const capabilities::body_type& what) {
    return std::string(codec::name_of(what.record)) + (what.is_list ? "_list" : "");
  }

  object media(const capabilities::body_type& what, direction use) {
    const auto name = component_name_of(what);
    if (!examples_.contains(name)) examples_[name] = object{{"value", what.example()}};
    return {{"schema", schema(what, use)}, {"examples", object{{name, component_reference("examples", name)}}}};
  }

  object success(const capabilities::route& entry) {
    object made{{"description", text(phrase_of(entry.success))}};
    if (entry.success == 201) made["headers"] = object{{"Location", header("Where what was made is.")}};
    if (entry.success == 204) return made;
    if (entry.answer.is_list)
      made["headers"] =
          object{{text(capabilities::damaged_header),
                  header("How many entries of this page cannot be read and are left out; absent: none.")}};
    object content{{text(entry.media_type), entry.answer ? media(entry.answer, direction::answer) : object{}}};
    if (!entry.other_media_type.empty()) content[text(entry.other_media_type)] = object{};
    made["content"] = std::move(content);
    return made;
  }

  object response_reference(unsigned status) {
    const auto name = component_name(phrase_of(status));
    if (!responses_.contains(name)) responses_[name] = problem_response(status);
    return component_reference("responses", name);
  }

  // Which codes there are, and the first of them as an example.
  object problem_response(unsigned status) {
    const auto codes = codes_of(status);
    std::string description(phrase_of(status));
    for (const auto code : codes)
      description += "\n* `" + std::string(domain::name_of(code)) + "`: " + std::string(domain::sentence_of(code));
    object content{{"schema", schemas_.of(codec::type_of<problem>, direction::answer)}};
    if (!codes.empty()) content["example"] = codec::to_json_value(problem_from({codes.front(), {}, {}}));
    object made{{"description", description}, {"content", object{{text(problem_media_type), std::move(content)}}}};
    if (status == 401) made["headers"] = object{{"WWW-Authenticate", header("Bearer")}};
    if (status == 429 || status == 503)
      made["headers"] = object{{"Retry-After", header("Seconds after which to try again.")}};
    return made;
  }

  codec::schema_set schemas_;
  object responses_;
  object examples_;
};

array tags_of(const std::vector<capabilities::route>& table) {
  array tags;
  std::set<std::string_view> known;
  for (const auto& entry : table)
    if (!entry.group.name.empty() && known.insert(entry.group.name).second)
      tags.push_back(object{{"name", text(entry.group.name)}, {"description", text(entry.group.description)}});
  return tags;
}

}  // namespace

value openapi(const std::vector<capabilities::route>& table, std::string_view prefix, const node_profile& node) {
  std::vector<capabilities::route> shown;
  std::ranges::copy_if(table, std::back_inserter(shown),
                       [&](const capabilities::route& entry) { return entry.path.starts_with(prefix); });
  writer write(shown);
  object paths;
  for (const auto& entry : shown) {
    auto& item = paths.emplace(text(entry.path.substr(prefix.size())), object{}).first->value().as_object();
    item[domain::lower_ascii(entry.method)] = write.operation(entry);
  }
  return object{{"openapi", "3.1.0"},
                {"info", info(node.version)},
                {"servers", array{object{{"url", text(node.public_url + std::string(prefix))}}}},
                {"tags", tags_of(shown)},
                {"paths", std::move(paths)},
                {"components", write.components()}};
}

}  // namespace elsec::gateway
