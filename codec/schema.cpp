#include "codec/schema.hpp"

#include <stdexcept>

namespace elsec::codec {

using boost::json::object;
using boost::json::value;
using detail::as;
using detail::dictionary_shape;
using detail::form;
using detail::list_shape;
using detail::optional_shape;
using detail::record_shape;
using detail::shape;

namespace {

[[noreturn]] void refuse_name(std::string_view name) {
  throw std::logic_error("two schemas of the description are called " + std::string(name));
}

boost::json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

std::string_view name_of(type_ref what) noexcept { return what->name; }

std::vector<std::string_view> member_names(type_ref what) {
  if (what == nullptr || what->what != form::record) return {};
  std::vector<std::string_view> names;
  for (const auto& member : as<detail::record_shape>(*what).members) names.push_back(member.name);
  return names;
}

value json_schema(type_ref what) { return detail::schema_of(*what); }

object component_reference(std::string_view kind, std::string_view name) {
  return {{"$ref", "#/components/" + std::string(kind) + "/" + std::string(name)}};
}

schema_set::schema_set(std::span<const type_ref> answers) {
  for (const auto answer : answers) open(*answer);
}

void schema_set::open(const shape& what) {
  switch (what.what) {
    case form::optional:
      return open(*as<optional_shape>(what).inner);
    case form::list:
      return open(*as<list_shape>(what).inner);
    case form::dictionary:
      return open(*as<dictionary_shape>(what).inner);
    case form::record:
      if (!open_.insert(&what).second) return;
      for (const auto& member : as<record_shape>(what).members) open(*member.inner);
      return;
    default:
      return;
  }
}

value schema_set::of(type_ref what, direction use) {
  if (what->name.empty()) return spelled_out(what, use);
  const auto [known, is_new] = named_.try_emplace(std::string(what->name), named{what, {}});
  if (known->second.type != what) refuse_name(what->name);
  const bool is_open = open_.contains(what);
  if (is_new) known->second.schema = spelled_out(what, is_open ? direction::answer : direction::request);
  auto reference = component_reference("schemas", what->name);
  return is_open && use == direction::request ? closed(std::move(reference), *what) : value(std::move(reference));
}

value schema_set::closed(object reference, const shape& record) {
  // The schema referred to leaves the records inside open as well.
  object inside;
  for (const auto& member : as<record_shape>(record).members) {
    auto strict = of(member.inner, direction::request);
    if (strict != of(member.inner, direction::answer)) inside.emplace(view(member.name), std::move(strict));
  }
  if (!inside.empty()) reference["properties"] = std::move(inside);
  reference["unevaluatedProperties"] = false;
  return reference;
}

value schema_set::spelled_out(type_ref what, direction use) {
  return detail::schema_of(*what, use == direction::request, [&](const shape& part) { return of(&part, use); });
}

value schema_set::add(const std::string& name, value schema) {
  const auto [known, is_new] = named_.try_emplace(name, named{nullptr, schema});
  if (!is_new && (known->second.type != nullptr || known->second.schema != schema)) refuse_name(name);
  return component_reference("schemas", name);
}

object schema_set::schemas() const {
  object all;
  for (const auto& [name, each] : named_) all.emplace(view(name), each.schema);
  return all;
}

}  // namespace elsec::codec
