#pragma once
// The schemas of many records as one set (JSON Schema 2020-12), as OpenAPI's components: each record, enumeration and
// named field type is written once and is a reference everywhere else. A schema is called what its C++ type is called.

#include "codec/json.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::codec {

// A type as a value, for tables. Null: none.
using type_ref = const detail::shape*;
template <class T>
inline constexpr type_ref type_of = &detail::shape_of<T>;

// What its schema is called; empty when it has no name.
[[nodiscard]] std::string_view name_of(type_ref what) noexcept;

// The members of a record, bases first; none of what is no record.
[[nodiscard]] std::vector<std::string_view> member_names(type_ref what);

// What type_of's argument json_schema() gives.
[[nodiscard]] boost::json::value json_schema(type_ref what);

// Requests are strict, as the readers are: an unknown member is an error, and an absent list is an empty one. Answers
// are as they are written: every member but the empty optionals. They may grow, so their schemas are open.
enum class direction : std::uint8_t { request, answer };

// A record that only requests hold is closed in its schema. One that answers hold is open there; a request that holds
// it, too, closes it where it refers to it ("unevaluatedProperties": false), and has to name its lists. So every record
// has one schema and one name, and code made from the description has one type for it.
class schema_set {
 public:
  // `answers`: every type that of() will be asked for with direction::answer.
  explicit schema_set(std::span<const type_ref> answers);

  // The schema of a type: a reference where it has a name. Two types of the same name are a defect of the program:
  // std::logic_error.
  [[nodiscard]] boost::json::value of(type_ref what, direction use);

  // The schema of a record itself; its parts are references.
  [[nodiscard]] boost::json::value spelled_out(type_ref what, direction use);

  // Adds a schema that no type stands for; the reference to it. The same one may be added again.
  boost::json::value add(const std::string& name, boost::json::value schema);

  // All that were referred to, by name.
  [[nodiscard]] boost::json::object schemas() const;

 private:
  struct named {
    type_ref type;
    boost::json::value schema;
  };
  void open(const detail::shape& what);
  [[nodiscard]] boost::json::value closed(boost::json::object reference, const detail::shape& record);

  std::set<type_ref> open_;  // records that answers hold
  std::map<std::string, named, std::less<>> named_;
};

// "#/components/KIND/NAME", as {"$ref": …}.
[[nodiscard]] boost::json::object component_reference(std::string_view kind, std::string_view name);

}  // namespace elsec::codec
