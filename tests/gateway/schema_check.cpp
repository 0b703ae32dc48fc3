#include "tests/gateway/schema_check.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <string_view>

namespace elsec::gateway::testing {
namespace {

using boost::json::object;
using boost::json::value;

std::string text_of(const boost::json::string& from) { return {from.data(), from.size()}; }

std::size_t code_points(const boost::json::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

bool has_type(const value& what, std::string_view type) {
  static const std::map<std::string_view, std::function<bool(const value&)>> types{
      {"object", [](const value& v) { return v.is_object(); }},
      {"array", [](const value& v) { return v.is_array(); }},
      {"string", [](const value& v) { return v.is_string(); }},
      {"null", [](const value& v) { return v.is_null(); }},
      {"boolean", [](const value& v) { return v.is_bool(); }},
      {"number", [](const value& v) { return v.is_number(); }},
      {"integer", [](const value& v) { return v.is_int64() || v.is_uint64(); }}};
  return types.at(type)(what);
}

class checker {
 public:
  explicit checker(const value& description) : description_(description) {}

  std::string check(const value& schema, const value& what, const std::string& at) const {
    for (const auto& [keyword, argument] : schema.as_object())
      if (auto broken = keyword_broken(schema.as_object(), std::string_view(keyword), argument, what, at);
          !broken.empty())
        return broken;
    return {};
  }

 private:
  std::string keyword_broken(const object& schema, std::string_view keyword, const value& argument, const value& what,
                             const std::string& at) const {
    if (keyword == "$ref") return check(resolved(description_, schema), what, at);
    if (keyword == "anyOf") return any(argument, what, at);
    if (keyword == "properties") return what.is_object() ? properties(argument, what.as_object(), at) : std::string{};
    if (keyword == "items") return what.is_array() ? items(argument, what.as_array(), at) : std::string{};
    if (keyword == "additionalProperties" && argument.is_object())
      return what.is_object() ? values(argument, what.as_object(), at) : std::string{};
    return holds(schema, keyword, argument, what) ? std::string{} : at + ": " + std::string(keyword);
  }

  std::string any(const value& schemas, const value& what, const std::string& at) const {
    std::string why;
    for (const auto& schema : schemas.as_array()) {
      const auto broken = check(schema, what, at);
      if (broken.empty()) return {};
      if (why.empty()) why = broken;
    }
    return why;
  }

  std::string properties(const value& schemas, const object& what, const std::string& at) const {
    for (const auto& [name, schema] : schemas.as_object())
      if (const auto* member = what.if_contains(name))
        if (auto broken = check(schema, *member, at + "/" + std::string(name)); !broken.empty()) return broken;
    return {};
  }

  std::string items(const value& schema, const boost::json::array& what, const std::string& at) const {
    for (std::size_t i = 0; i < what.size(); ++i)
      if (auto broken = check(schema, what[i], at + "/" + std::to_string(i)); !broken.empty()) return broken;
    return {};
  }

  std::string values(const value& schema, const object& what, const std::string& at) const {
    for (const auto& [name, member] : what)
      if (auto broken = check(schema, member, at + "/" + std::string(name)); !broken.empty()) return broken;
    return {};
  }

  bool holds(const object& schema, std::string_view keyword, const value& argument, const value& what) const {
    if (keyword == "type") return is_of(argument, what);
    if (keyword == "required")
      return std::ranges::all_of(argument.as_array(),
                                 [&](const value& name) { return what.as_object().contains(name.as_string()); });
    if (keyword == "enum") return std::ranges::find(argument.as_array(), what) != argument.as_array().end();
    if (keyword == "additionalProperties" || keyword == "unevaluatedProperties") return all_known(schema, what);
    if (keyword == "pattern")
      return !what.is_string() ||
             std::regex_search(text_of(what.as_string()), std::regex(text_of(argument.as_string())));
    if (keyword == "minLength") return code_points(what.as_string()) >= argument.to_number<std::size_t>();
    if (keyword == "maxLength") return code_points(what.as_string()) <= argument.to_number<std::size_t>();
    if (keyword == "minimum") return what.to_number<std::int64_t>() >= argument.to_number<std::int64_t>();
    if (keyword == "maximum") return what.to_number<std::int64_t>() <= argument.to_number<std::int64_t>();
    return keyword == "format" || keyword == "contentEncoding";
  }

  static bool is_of(const value& types, const value& what) {
    if (types.is_string()) return has_type(what, types.as_string());
    return std::ranges::any_of(types.as_array(), [&](const value& type) { return has_type(what, type.as_string()); });
  }

  // No member but those that the schema, or what it refers to, has properties for.
  bool all_known(const object& schema, const value& what) const {
    std::set<std::string> known;
    const auto add = [&](const object& from) {
      if (const auto* properties = from.if_contains("properties"))
        for (const auto& property : properties->as_object()) known.emplace(property.key());
    };
    add(schema);
    if (schema.contains("$ref")) add(resolved(description_, schema).as_object());
    return std::ranges::all_of(what.as_object(),
                               [&](const auto& member) { return known.contains(std::string(member.key())); });
  }

  const value& description_;
};

}  // namespace

const value& resolved(const value& description, const value& what) {
  const auto* reference = what.is_object() ? what.as_object().if_contains("$ref") : nullptr;
  if (reference == nullptr) return what;
  return description.at_pointer(std::string_view(reference->as_string()).substr(1));
}

std::string misfit(const value& description, const value& schema, const value& value) {
  return checker(description).check(schema, value, "");
}

}  // namespace elsec::gateway::testing
