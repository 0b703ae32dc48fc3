#include "gateway/openapi.hpp"

#include "gateway/problem.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cctype>
#include <set>

namespace elsec::gateway {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

boost::json::string text(std::string_view from) { return boost::json::string(from.data(), from.size()); }

// "GET", "/documents/{id}/content" -> "get_documents_id_content"
std::string operation_id(const route& entry, std::string_view path) {
  std::string id;
  for (const char c : entry.method) id += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const char c : path) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      id += c;
    else if (id.back() != '_')
      id += '_';
  }
  while (id.ends_with('_')) id.pop_back();
  return id;
}

// Answers may grow, so a client must not refuse members it does not know.
void open_up(value& schema) {
  if (auto* list = schema.if_array())
    for (auto& item : *list) open_up(item);
  auto* members = schema.if_object();
  if (members == nullptr) return;
  if (const auto* more = members->if_contains("additionalProperties"); more != nullptr && more->is_bool())
    members->erase("additionalProperties");
  for (auto& [name, member] : *members) open_up(member);
}

object parameter(std::string_view name, std::string_view where, bool required, value schema) {
  return {{"name", text(name)}, {"in", text(where)}, {"required", required}, {"schema", std::move(schema)}};
}

array parameters_of(const route& entry, std::string_view path) {
  array parameters;
  for (auto open = path.find('{'); open != std::string_view::npos; open = path.find('{', open + 1)) {
    const auto name = path.substr(open + 1, path.find('}', open) - open - 1);
    parameters.push_back(parameter(name, "path", true, object{{"type", "string"}}));
  }
  if (entry.query != nullptr) {
    const auto record = entry.query();
    for (const auto& [name, schema] : record.at("properties").as_object())
      parameters.push_back(parameter(std::string_view(name), "query", false, schema));
  }
  for (const auto& header : entry.headers) {
    auto described = parameter(header.name, "header", header.required, object{{"type", "string"}});
    described["description"] = text(header.description);
    parameters.push_back(std::move(described));
  }
  return parameters;
}

array security_of(const route& entry) {
  if (entry.need == access::open) return {};
  array ways{object{{"bearer", array{}}}};
  if (entry.need != access::operator_) ways.push_back(object{{"session_cookie", array{}}});
  return ways;
}

object success_of(const route& entry) {
  object answer{{"description", text(phrase_of(entry.success))}};
  if (entry.answer != nullptr) {
    auto schema = entry.answer();
    open_up(schema);
    answer["content"] = object{{text(entry.media_type), object{{"schema", std::move(schema)}}}};
  } else if (entry.success != 204) {
    answer["content"] = object{{text(entry.media_type), object{}}};
  }
  return answer;
}

object responses_of(const route& entry) {
  std::set<unsigned> problems(entry.problems.begin(), entry.problems.end());
  problems.insert({400, 422, 503});
  if (entry.need != access::open) problems.insert(401);
  if (entry.need == access::person || entry.need == access::scoped) problems.insert(403);
  if (entry.path.find('{') != std::string_view::npos) problems.insert(404);
  if (entry.body != body_kind::none) problems.insert({413, 415});
  object responses{{std::to_string(entry.success), success_of(entry)}};
  for (const auto status : problems) {
    object reference{{"$ref", "#/components/schemas/problem"}};
    responses[std::to_string(status)] =
        object{{"description", text(phrase_of(status))},
               {"content", object{{text(problem_media_type), object{{"schema", std::move(reference)}}}}}};
  }
  return responses;
}

object operation_of(const route& entry, std::string_view path) {
  object operation{{"operationId", operation_id(entry, path)}, {"summary", text(entry.summary)}};
  auto description = std::string{};
  if (entry.scope) description = "Scope: " + std::string(domain::name_of(*entry.scope)) + ".";
  if (entry.need == access::person) description = "Only for signed-in persons.";
  if (!description.empty()) operation["description"] = description;
  if (auto parameters = parameters_of(entry, path); !parameters.empty())
    operation["parameters"] = std::move(parameters);
  if (entry.body == body_kind::json)
    operation["requestBody"] =
        object{{"required", true}, {"content", object{{"application/json", object{{"schema", entry.request()}}}}}};
  if (entry.body == body_kind::raw)
    operation["requestBody"] = object{{"required", true}, {"content", object{{"*/*", object{}}}}};
  operation["security"] = security_of(entry);
  operation["responses"] = responses_of(entry);
  return operation;
}

object components() {
  const object string{{"type", "string"}};
  object error{{"type", "object"}, {"properties", object{{"pointer", string}, {"detail", string}}}};
  object problem{{"type", "object"},
                 {"required", array{"type", "title", "status", "code"}},
                 {"properties", object{{"type", string},
                                       {"title", string},
                                       {"status", object{{"type", "integer"}}},
                                       {"detail", string},
                                       {"code", string},
                                       {"errors", object{{"type", "array"}, {"items", std::move(error)}}}}}};
  object bearer{{"type", "http"}, {"scheme", "bearer"}, {"description", "A session's or an API token."}};
  object session{{"type", "apiKey"},
                 {"in", "cookie"},
                 {"name", text(session_cookie)},
                 {"description", "With X-Elsec-Csrf on everything that writes."}};
  return {{"securitySchemes", object{{"bearer", std::move(bearer)}, {"session_cookie", std::move(session)}}},
          {"schemas", object{{"problem", std::move(problem)}}}};
}

}  // namespace

value openapi(const std::vector<route>& table, std::string_view prefix, std::string_view version) {
  object paths;
  for (const auto& entry : table) {
    if (!entry.path.starts_with(prefix)) continue;
    const auto path = entry.path.substr(prefix.size());
    auto& item = paths.emplace(text(path), object{}).first->value().as_object();
    std::string method(entry.method);
    for (auto& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    item[method] = operation_of(entry, path);
  }
  return object{{"openapi", "3.1.0"},
                {"info", object{{"title", "elSec"}, {"version", text(version)}}},
                {"servers", array{object{{"url", text(prefix)}}}},
                {"paths", std::move(paths)},
                {"components", components()}};
}

}  // namespace elsec::gateway
