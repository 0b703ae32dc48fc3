#pragma once
// The JSON bodies that routes take and answer, as values for the route table: the record, and an example of it.

#include "codec/schema.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace elsec::capabilities {

// An example of a record, for the description; made-up data throughout. There is none but for the records of bodies and
// answers: each needs its own (`template <> inline Record example_of() {…}`, beside the routes), or nothing links.
template <class Record>
[[nodiscard]] Record example_of();

// What the wire shows of the example, after its record has read it: one that breaks its own rules is a defect, which
// throws when the description is made.
template <class Record>
[[nodiscard]] boost::json::value example_json() {
  const auto written = codec::to_json_value(example_of<Record>());
  return codec::to_json_value(codec::from_json_value<Record>(written).value());
}

template <class Item>
[[nodiscard]] boost::json::value example_list_json() {
  return boost::json::object{{"items", boost::json::array{example_json<Item>()}}, {"next_cursor", nullptr}};
}

// The body of two requests that mean the same is the same in this form.
template <class Record>
[[nodiscard]] domain::result<std::string> canonical_json(std::string_view text) {
  const auto record = codec::from_json<Record>(text);
  if (!record) return std::unexpected(record.error());
  return codec::to_json(*record);
}

struct body_type {
  codec::type_ref record = nullptr;  // null: no JSON
  bool is_list = false;              // {items:[record…], next_cursor|null}
  boost::json::value (*example)() = nullptr;
  domain::result<std::string> (*canonical)(std::string_view text) = nullptr;

  explicit operator bool() const { return record != nullptr; }
};

template <class Record>
inline constexpr body_type body_type_of{codec::type_of<Record>, false, &example_json<Record>, &canonical_json<Record>};
template <class Item>
inline constexpr body_type list_type_of{codec::type_of<Item>, true, &example_list_json<Item>};

}  // namespace elsec::capabilities
