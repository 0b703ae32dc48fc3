#include "codec/json.hpp"

#include <boost/json/value.hpp>

namespace elsec::codec::detail {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

boost::json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

value number(whole_number whole) {
  if (whole.negative) return static_cast<std::int64_t>(whole.bits);
  return whole.bits;
}

// A bound that only says how wide the type is tells a client nothing, and JavaScript cannot even hold it.
bool is_edge_of_64_bits(whole_number bound) {
  return bound == whole_of(std::numeric_limits<std::int64_t>::min()) ||
         bound == whole_of(std::numeric_limits<std::int64_t>::max()) ||
         bound == whole_of(std::numeric_limits<std::uint64_t>::max());
}

value whole_schema(const whole_shape& what) {
  object schema{{"type", "integer"}};
  if (is_edge_of_64_bits(what.max)) schema["format"] = "int64";
  if (!is_edge_of_64_bits(what.min)) schema["minimum"] = number(what.min);
  if (!is_edge_of_64_bits(what.max)) schema["maximum"] = number(what.max);
  return schema;
}

template <class List, class NameOf>
value choice_of(const List& list, NameOf name_of) {
  array names;
  for (const auto& each : list) names.emplace_back(view(name_of(each)));
  return object{{"type", "string"}, {"enum", std::move(names)}};
}

value parsed_schema(const parsed_shape& what) {
  if (!what.prefix.empty())
    return object{{"type", "string"}, {"pattern", "^" + std::string(what.prefix) + "[0-7][0-9A-HJKMNP-TV-Z]{25}$"}};
  if (!what.values.empty()) return choice_of(what.values, [](std::string_view name) { return name; });
  object schema{{"type", "string"}};
  if (what.length_min > 0) schema["minLength"] = what.length_min;
  if (what.length_max > 0) schema["maxLength"] = what.length_max;
  if (!what.pattern.empty()) schema["pattern"] = view(what.pattern);
  return schema;
}

value enumeration_schema(const enumeration_shape& what) {
  return choice_of(what.values, [](const enumerator& known) { return known.name; });
}

value fixed_bytes_schema(const fixed_bytes_shape& what) {
  return object{{"type", "string"}, {"pattern", "^[0-9A-Fa-f]{" + std::to_string(2 * what.size) + "}$"}};
}

// Absence is told by the record; where null is a value of its own, it stands beside the others.
value optional_schema(const shape& inner, const part_schema& part) {
  if (inner.what != form::optional) return part(inner);
  return object{{"anyOf", array{part(*as<optional_shape>(inner).inner), object{{"type", "null"}}}}};
}

value record_schema(const record_shape& what, bool closed, const part_schema& part) {
  object properties;
  array required;
  for (const member_shape& member : what.members) {
    properties.emplace(view(member.name), part(*member.inner));
    const bool is_always_written = member.inner->what != form::optional;
    if (closed ? member.required : is_always_written) required.emplace_back(view(member.name));
  }
  object schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  if (closed) schema["additionalProperties"] = false;
  return schema;
}

}  // namespace

value schema_of(const shape& what) {
  return schema_of(what, true, [](const shape& part) { return schema_of(part); });
}

value schema_of(const shape& what, bool closed, const part_schema& part) {
  switch (what.what) {
    case form::boolean:
      return object{{"type", "boolean"}};
    case form::whole:
      return whole_schema(as<whole_shape>(what));
    case form::real:
      return object{{"type", "number"}};
    case form::text:
      return object{{"type", "string"}};
    case form::parsed:
      return parsed_schema(as<parsed_shape>(what));
    case form::enumeration:
      return enumeration_schema(as<enumeration_shape>(what));
    case form::time:
      return object{{"type", "string"}, {"format", "date-time"}};
    case form::bytes:
      return object{{"type", "string"}, {"contentEncoding", "base64url"}, {"pattern", "^[A-Za-z0-9_-]*$"}};
    case form::fixed_bytes:
      return fixed_bytes_schema(as<fixed_bytes_shape>(what));
    case form::json:
      return object{};
    case form::optional:
      return optional_schema(*as<optional_shape>(what).inner, part);
    case form::list:
      return object{{"type", "array"}, {"items", part(*as<list_shape>(what).inner)}};
    case form::dictionary:
      return object{{"type", "object"}, {"additionalProperties", part(*as<dictionary_shape>(what).inner)}};
    case form::record:
      return record_schema(as<record_shape>(what), closed, part);
  }
  return object{};
}

}  // namespace elsec::codec::detail
