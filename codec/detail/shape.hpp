#pragma once
// What the readers and writers know of a type: constants and a few tiny functions on untyped pointers.
//
// A type's shape is built by templates (shape_of.hpp) and walked by ordinary functions. So JSON, CBOR and the schema
// are each compiled once for all records instead of once per record, and cannot disagree about a record. `const void*`
// and `void*` always point at an object of the type that the shape was made for.

#include "domain/error.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::codec::detail {

enum class form : std::uint8_t {
  boolean,
  whole,        // integers, cents, bounded<>
  real,         // double
  text,         // std::string
  parsed,       // text with parse() and str()
  enumeration,  // described enum
  time,         // domain::time_point
  bytes,        // domain::bytes
  fixed_bytes,  // std::array<std::uint8_t, N>
  json,         // boost::json::value
  optional,
  list,        // std::vector
  dictionary,  // std::map<std::string, T>
  record,      // described struct
};

struct shape {
  form what;
  std::string_view name{};  // of a record, an enumeration, a field type worth one: what a description calls it
};

// An integer of any 64-bit type: two's complement, and whether to read it as signed.
struct whole_number {
  bool negative = false;
  std::uint64_t bits = 0;

  constexpr bool operator==(const whole_number&) const = default;
  // Among negative numbers the bits grow with the number, too.
  constexpr bool operator<(const whole_number& other) const {
    return negative != other.negative ? negative : bits < other.bits;
  }
};

constexpr whole_number whole_of(std::int64_t number) { return {number < 0, static_cast<std::uint64_t>(number)}; }
constexpr whole_number whole_of(std::uint64_t number) { return {false, number}; }

struct whole_shape : shape {
  whole_number min;
  whole_number max;
  whole_number (*load)(const void* number);
  void (*store)(void* number, std::uint64_t bits);
};

struct parsed_shape : shape {
  std::size_t length_min;
  std::size_t length_max;                    // 0: unbounded
  std::string_view pattern;                  // empty: none
  std::string_view prefix;                   // of an identifier
  std::span<const std::string_view> values;  // all there are; empty: not a list
  std::expected<void, std::string> (*parse)(void* value, std::string_view text);
  std::string (*str)(const void* value);
  void (*clear)(void* value);
};

struct enumerator {
  std::string_view name;
  std::uint64_t bits;
};

struct enumeration_shape : shape {
  std::span<const enumerator> values;
  std::uint64_t (*load)(const void* value);
  void (*store)(void* value, std::uint64_t bits);
};

struct fixed_bytes_shape : shape {
  std::size_t size;
};

struct optional_shape : shape {
  const shape* inner;
  const void* (*get)(const void* value);  // null when empty
  void* (*emplace)(void* value);
  void (*reset)(void* value);
  bool (*stands_for_none)(const void* value);  // what was read says the same as nothing would; null: never
};

// After reading: a value that says no more than its absence is absent, so a record has one form of it.
inline void settle(const optional_shape& what, void* value) {
  if (what.stands_for_none != nullptr && what.stands_for_none(value)) what.reset(value);
}

struct list_shape : shape {
  const shape* inner;
  std::size_t element_bytes;
  std::size_t (*size)(const void* list);
  const void* (*at)(const void* list, std::size_t index);
  void* (*append)(void* list);
  void (*clear)(void* list);
};

using entry_visitor = void (*)(void* context, const std::string& key, const void* value);

struct dictionary_shape : shape {
  const shape* inner;
  std::size_t element_bytes;
  std::size_t (*size)(const void* dictionary);
  void (*each)(const void* dictionary, void* context, entry_visitor visit);
  void* (*insert)(void* dictionary, std::string_view key);  // null when the key is there already
  void (*clear)(void* dictionary);
};

struct member_shape {
  std::string_view name;
  bool required;  // in JSON
  const shape* inner;
  const void* (*at)(const void* record);
};

using check_function = void (*)(const void* record, std::vector<domain::field_error>& errors);

struct record_shape : shape {
  std::span<const member_shape> members;
  check_function check;  // null: no rules across members
  bool is_patch;         // null removes, so it is refused where nothing can be removed
};

template <class Shape>
const Shape& as(const shape& what) {
  return static_cast<const Shape&>(what);
}

// The member's place in a record that is being read.
inline void* place_of(const member_shape& member, void* record) { return const_cast<void*>(member.at(record)); }

// The member with this name, or null.
inline const member_shape* find_member(const record_shape& record, std::string_view name) {
  for (const member_shape& member : record.members)
    if (member.name == name) return &member;
  return nullptr;
}

// An empty optional member is left out of objects and maps.
inline bool is_left_out(const member_shape& member, const void* record) {
  return member.inner->what == form::optional && as<optional_shape>(*member.inner).get(member.at(record)) == nullptr;
}

// Whether null is a value of its own there, besides absence.
inline bool may_be_removed(const member_shape& member) {
  return member.inner->what == form::optional && as<optional_shape>(*member.inner).inner->what == form::optional;
}

// The enumerator's name; empty when the value has none.
inline std::string_view name_of(const enumeration_shape& what, const void* value) {
  const std::uint64_t bits = what.load(value);
  for (const enumerator& known : what.values)
    if (known.bits == bits) return known.name;
  return {};
}

inline bool assign_enumerator(const enumeration_shape& what, std::string_view name, void* value) {
  for (const enumerator& known : what.values) {
    if (known.name != name) continue;
    what.store(value, known.bits);
    return true;
  }
  return false;
}

// What nodes tell each other grows: where an enumeration has an enumerator `other`, that stands for every name that a
// newer program may say and this one does not know.
inline bool assign_other(const enumeration_shape& what, void* value) { return assign_enumerator(what, "other", value); }

// What the elements of all lists and maps of one value may take in memory besides their own text and bytes. Two bytes
// of input can be an element of a kilobyte; this keeps a hostile body from growing a thousandfold.
inline constexpr std::size_t elements_bytes_max = std::size_t{32} << 20U;

class element_budget {
 public:
  // False when the limit is reached.
  bool take(std::size_t bytes) {
    if (bytes > left_bytes_) return false;
    left_bytes_ -= bytes;
    return true;
  }

 private:
  std::size_t left_bytes_ = elements_bytes_max;
};

}  // namespace elsec::codec::detail
