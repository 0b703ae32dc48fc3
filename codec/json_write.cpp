#include "codec/json.hpp"
#include "codec/text.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>

#include <charconv>
#include <cmath>

namespace elsec::codec::detail {
namespace {

using boost::json::storage_ptr;
using boost::json::value;

// ---- objects of a known shape to values ----

value text_value(std::string_view text, const storage_ptr& storage) {
  return value(boost::json::string_view{text.data(), text.size()}, storage);
}

value whole_value(whole_number number, const storage_ptr& storage) {
  if (number.negative) return value(static_cast<std::int64_t>(number.bits), storage);
  return value(number.bits, storage);
}

value list_value(const list_shape& what, const void* list, const storage_ptr& storage) {
  boost::json::array array(storage);
  const std::size_t size = what.size(list);
  array.reserve(size);
  for (std::size_t i = 0; i < size; ++i) array.push_back(write_json(*what.inner, what.at(list, i), storage));
  return array;
}

value dictionary_value(const dictionary_shape& what, const void* dictionary, const storage_ptr& storage) {
  struct target {
    const shape& inner;
    boost::json::object object;
  } into{*what.inner, boost::json::object(storage)};
  what.each(dictionary, &into, [](void* context, const std::string& key, const void* entry) {
    auto& [inner, object] = *static_cast<target*>(context);
    object.emplace(to_utf8(key), write_json(inner, entry, object.storage()));
  });
  return std::move(into.object);
}

value record_value(const record_shape& what, const void* record, const storage_ptr& storage) {
  boost::json::object object(storage);
  object.reserve(what.members.size());
  for (const member_shape& member : what.members) {
    if (is_left_out(member, record)) continue;
    object.emplace(boost::json::string_view{member.name.data(), member.name.size()},
                   write_json(*member.inner, member.at(record), storage));
  }
  return object;
}

value optional_value(const optional_shape& what, const void* maybe, const storage_ptr& storage) {
  const void* inner = what.get(maybe);
  return inner == nullptr ? value(storage) : write_json(*what.inner, inner, storage);
}

// ---- values to text ----

void print_string(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  std::size_t written = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const auto code = static_cast<unsigned char>(c);
    if (code >= 0x20 && c != '"' && c != '\\') continue;
    out += text.substr(written, at - written);
    written = at + 1;
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (c == '\n')
      out += "\\n";
    else
      ((out += "\\u00") += digits[code >> 4]) += digits[code & 15U];
  }
  out += text.substr(written);
  out += '"';
}

void print_text(std::string& out, const boost::json::string_view& text) {
  const std::string_view plain{text.data(), text.size()};
  if (domain::utf8_prefix(plain) == plain.size())
    print_string(out, plain);
  else
    print_string(out, to_utf8(plain));
}

template <class Number>
void print_number(std::string& out, Number number) {
  std::array<char, 32> buffer;  // longer than any shortest double or 64-bit integer
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  out.append(buffer.data(), end);
}

// Shortest form that reads back equal; Boost.JSON's own serializer would print 12.5 as 1.25E1.
void print_real(std::string& out, double number) {
  if (!std::isfinite(number)) {  // JSON has no such number
    out += "null";
    return;
  }
  const std::size_t start = out.size();
  print_number(out, number);
  if (out.find_first_of(".e", start) == std::string::npos) out += ".0";  // stays a real number when read back
}

void print(std::string& out, const value& in);

void print_array(std::string& out, const boost::json::array& array) {
  char separator = '[';
  for (const value& element : array) {
    out += separator;
    print(out, element);
    separator = ',';
  }
  out += array.empty() ? "[]" : "]";
}

void print_object(std::string& out, const boost::json::object& object) {
  char separator = '{';
  for (const auto& member : object) {
    out += separator;
    print_text(out, member.key());
    out += ':';
    print(out, member.value());
    separator = ',';
  }
  out += object.empty() ? "{}" : "}";
}

void print(std::string& out, const value& in) {
  switch (in.kind()) {
    case boost::json::kind::null:
      out += "null";
      return;
    case boost::json::kind::bool_:
      out += in.get_bool() ? "true" : "false";
      return;
    case boost::json::kind::int64:
      return print_number(out, in.get_int64());
    case boost::json::kind::uint64:
      return print_number(out, in.get_uint64());
    case boost::json::kind::double_:
      return print_real(out, in.get_double());
    case boost::json::kind::string:
      return print_text(out, in.get_string());
    case boost::json::kind::array:
      return print_array(out, in.get_array());
    case boost::json::kind::object:
      return print_object(out, in.get_object());
  }
}

}  // namespace

value write_json(const shape& what, const void* from, storage_ptr storage) {
  switch (what.what) {
    case form::boolean:
      return value(object_at<bool>(from), storage);
    case form::whole:
      return whole_value(as<whole_shape>(what).load(from), storage);
    case form::real:
      return value(object_at<double>(from), storage);
    case form::text:
      return text_value(object_at<std::string>(from), storage);
    case form::parsed:
      return text_value(as<parsed_shape>(what).str(from), storage);
    case form::enumeration:
      return text_value(name_of(as<enumeration_shape>(what), from), storage);
    case form::time:
      return text_value(format_time(object_at<domain::time_point>(from)), storage);
    case form::bytes:
      return text_value(to_base64url(object_at<domain::bytes>(from)), storage);
    case form::fixed_bytes:
      return text_value(to_hex({static_cast<const std::uint8_t*>(from), as<fixed_bytes_shape>(what).size}), storage);
    case form::json:
      return value(object_at<value>(from), storage);
    case form::optional:
      return optional_value(as<optional_shape>(what), from, storage);
    case form::list:
      return list_value(as<list_shape>(what), from, storage);
    case form::dictionary:
      return dictionary_value(as<dictionary_shape>(what), from, storage);
    case form::record:
      return record_value(as<record_shape>(what), from, storage);
  }
  return value(storage);
}

std::string print_json(const shape& what, const void* from) {
  boost::json::monotonic_resource memory;
  return print_json(write_json(what, from, &memory));
}

std::string print_json(const value& in) {
  std::string text;
  print(text, in);
  return text;
}

}  // namespace elsec::codec::detail
