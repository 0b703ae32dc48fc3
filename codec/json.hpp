#pragma once
// JSON from and to records. A record is described once, with BOOST_DESCRIBE_STRUCT; this room walks that description.
//
//   bool                     <-> true, false            optional, absent or null <-> empty
//   optional of an optional  <-> absent (the outer one empty), null (the inner one empty) or a value
//   integers                 <-> whole number           vector                   <-> array
//   cents, bounded<>         <-> whole number           std::map<std::string, T> <-> object
//   double                   <-> number                 described struct         <-> object (base classes included)
//   std::string              <-> string                 enum                     <-> its enumerator's name
//   id<>, text<>, … (anything with parse and str)       <-> string; optional ones whose stands_for_none() are absent
//   time_point               <-> RFC 3339, UTC, milliseconds
//   bytes                    <-> base64url without padding
//   std::array<std::uint8_t> <-> hexadecimal digits
//   boost::json::value       <-> itself
//
// A name ending in an underscore loses it in JSON (member `class_` is "class", enumerator `auto_` is "auto"). Unknown
// members are errors. Every error names the offending part with a JSON pointer.
// Members that are neither optional nor vectors nor maps must be present; bytes must be, too. An optional member's
// default must be empty: what is left out cannot be told from what was never set.
//
// A record may add rules across its fields; they run when all of its members fit:
//   void check(const T& value, std::vector<domain::field_error>& errors);
// found by argument-dependent lookup (declare it beside the record), pointers relative to the value ("/postal_code").
// A derived record's check replaces that of its base; it may call it.
//
// A record that is a JSON merge patch (RFC 7396) says so: static constexpr bool is_merge_patch = true. Its members are
// optional; null removes where the member is an optional of an optional, and is an error elsewhere.

#include "domain/error.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace elsec::codec {

inline constexpr int json_depth_max = 32;

// `bad_request` when it is no JSON (or deeper than json_depth_max, or holds a duplicate member name), `invalid` with
// one field error per offending part (at most 20) when it does not fit the record. Strict JSON: no comments, UTF-8.
// Numbers with a point or an exponent are no whole numbers, not even 3.0.
template <class T>
[[nodiscard]] domain::result<T> from_json(std::string_view text);

// What another node has signed, which may be newer than this one: like from_json, but unknown members are left out and
// an unknown enumerator is read as `other` where the enumeration has one.
template <class T>
[[nodiscard]] domain::result<T> from_json_of_peer(std::string_view text);

template <class T>
[[nodiscard]] domain::result<T> from_json_value(const boost::json::value& value);

// Compact JSON, members in the order of description (base classes first), empty optionals left out. Bytes of strings
// that are not UTF-8 become U+FFFD; numbers JSON cannot hold (infinity) become null.
template <class T>
[[nodiscard]] std::string to_json(const T& value);

template <class T>
[[nodiscard]] boost::json::value to_json_value(const T& value);

// JSON Schema (2020-12, as OpenAPI 3.1 uses it) of a record: lengths, patterns, ranges, enumerators, required members.
// Closed: other members than its own are errors. Nested records are inlined; codec/schema.hpp gives them names.
template <class T>
[[nodiscard]] boost::json::value json_schema();

}  // namespace elsec::codec

#include "codec/detail/json.hpp"
