#include "codec/detail/path.hpp"
#include "codec/json.hpp"
#include "codec/text.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>

#include <cmath>

namespace elsec::codec::detail {
namespace {

using boost::json::value;
using domain::error_code;
using domain::field_error;

constexpr std::size_t errors_max = 20;

std::string_view view(const boost::json::string& text) { return {text.data(), text.size()}; }

// ---- reading a value into an object of a known shape ----

std::optional<whole_number> whole_in(const value& in) {
  if (const auto* number = in.if_int64()) return whole_of(*number);
  if (const auto* number = in.if_uint64()) return whole_of(*number);
  return std::nullopt;
}

std::string text_of(whole_number number) {
  return number.negative ? std::to_string(static_cast<std::int64_t>(number.bits)) : std::to_string(number.bits);
}

std::string allowed_values(const enumeration_shape& what) {
  std::string sentence = "must be one of: ";
  for (const enumerator& known : what.values) {
    if (&known != what.values.data()) sentence += ", ";
    sentence += known.name;
  }
  return sentence;
}

// Every read_… returns nothing, reports what does not fit and goes on, so that a client sees all errors at once.
class json_reader {
 public:
  explicit json_reader(written_by whom) : strict_(whom == written_by::client) {}

  void read(const shape& what, const value& in, void* out, const path& at);
  [[nodiscard]] std::vector<field_error> take_errors() { return std::move(errors_); }

 private:
  void read_text_form(const shape& what, const value& in, void* out, const path& at);
  void read_whole(const whole_shape& what, const value& in, void* out, const path& at);
  void read_real(const value& in, double& out, const path& at);
  void read_time(std::string_view text, domain::time_point& out, const path& at);
  void read_bytes(std::string_view text, domain::bytes& out, const path& at);
  void read_optional(const optional_shape& what, const value& in, void* out, const path& at);
  void read_list(const list_shape& what, const value& in, void* out, const path& at);
  void read_dictionary(const dictionary_shape& what, const value& in, void* out, const path& at);
  void read_record(const record_shape& what, const value& in, void* out, const path& at);
  void run_check(const record_shape& what, const void* record, const path& at);

  [[nodiscard]] bool full() const { return errors_.size() >= errors_max; }
  void refuse(const path& at, std::string detail) {
    if (!full()) errors_.push_back({at.pointer(), std::move(detail)});
  }

  const bool strict_;
  std::vector<field_error> errors_;
  element_budget elements_;
};

void json_reader::read(const shape& what, const value& in, void* out, const path& at) {
  switch (what.what) {
    case form::boolean:
      if (const auto* truth = in.if_bool())
        *static_cast<bool*>(out) = *truth;
      else
        refuse(at, "must be true or false");
      return;
    case form::whole:
      return read_whole(as<whole_shape>(what), in, out, at);
    case form::real:
      return read_real(in, *static_cast<double*>(out), at);
    case form::text:
    case form::parsed:
    case form::enumeration:
    case form::time:
    case form::bytes:
    case form::fixed_bytes:
      return read_text_form(what, in, out, at);
    case form::json:
      *static_cast<value*>(out) = in;
      return;
    case form::optional:
      return read_optional(as<optional_shape>(what), in, out, at);
    case form::list:
      return read_list(as<list_shape>(what), in, out, at);
    case form::dictionary:
      return read_dictionary(as<dictionary_shape>(what), in, out, at);
    case form::record:
      return read_record(as<record_shape>(what), in, out, at);
  }
}

// Everything that is a string in JSON.
void json_reader::read_text_form(const shape& what, const value& in, void* out, const path& at) {
  const auto* string = in.if_string();
  if (string == nullptr) return refuse(at, "must be a string");
  const std::string_view text = view(*string);
  switch (what.what) {
    case form::parsed:
      if (auto ok = as<parsed_shape>(what).parse(out, text); !ok) refuse(at, std::move(ok.error()));
      return;
    case form::enumeration: {
      const auto& values = as<enumeration_shape>(what);
      if (assign_enumerator(values, text, out) || (!strict_ && assign_other(values, out))) return;
      refuse(at, allowed_values(values));
      return;
    }
    case form::time:
      return read_time(text, *static_cast<domain::time_point*>(out), at);
    case form::bytes:
      return read_bytes(text, *static_cast<domain::bytes*>(out), at);
    case form::fixed_bytes: {
      const std::size_t size = as<fixed_bytes_shape>(what).size;
      if (!from_hex(text, {static_cast<std::uint8_t*>(out), size}))
        refuse(at, "must have " + std::to_string(2 * size) + " hexadecimal digits");
      return;
    }
    default:
      static_cast<std::string*>(out)->assign(text);
  }
}

void json_reader::read_whole(const whole_shape& what, const value& in, void* out, const path& at) {
  const auto number = whole_in(in);
  if (!number) return refuse(at, "must be a whole number");
  if (*number < what.min || what.max < *number)
    return refuse(at, "must be between " + text_of(what.min) + " and " + text_of(what.max));
  what.store(out, number->bits);
}

void json_reader::read_real(const value& in, double& out, const path& at) {
  if (const auto* real = in.if_double())
    out = *real;
  else if (const auto* signed_whole = in.if_int64())
    out = static_cast<double>(*signed_whole);
  else if (const auto* unsigned_whole = in.if_uint64())
    out = static_cast<double>(*unsigned_whole);
  else
    return refuse(at, "must be a number");
  if (!std::isfinite(out)) refuse(at, "must be a smaller number");
}

void json_reader::read_time(std::string_view text, domain::time_point& out, const path& at) {
  auto time = parse_time(text);
  if (!time) return refuse(at, std::move(time.error()));
  out = *time;
}

void json_reader::read_bytes(std::string_view text, domain::bytes& out, const path& at) {
  auto data = from_base64url(text);
  if (!data) return refuse(at, std::move(data.error()));
  out = std::move(*data);
}

void json_reader::read_optional(const optional_shape& what, const value& in, void* out, const path& at) {
  // Null is a value where it removes something.
  if (in.is_null() && what.inner->what != form::optional) return what.reset(out);
  read(*what.inner, in, what.emplace(out), at);
  settle(what, out);
}

void json_reader::read_list(const list_shape& what, const value& in, void* out, const path& at) {
  const auto* array = in.if_array();
  if (array == nullptr) return refuse(at, "must be an array");
  what.clear(out);
  for (std::size_t i = 0; i < array->size() && !full(); ++i) {
    if (!elements_.take(what.element_bytes)) return refuse(at, "has too many elements");
    read(*what.inner, (*array)[i], what.append(out), at.element(i));
  }
}

void json_reader::read_dictionary(const dictionary_shape& what, const value& in, void* out, const path& at) {
  const auto* object = in.if_object();
  if (object == nullptr) return refuse(at, "must be an object");
  what.clear(out);
  for (const auto& member : *object) {
    if (full()) return;
    if (!elements_.take(what.element_bytes)) return refuse(at, "has too many members");
    const std::string_view name{member.key().data(), member.key().size()};
    // A value whose duplicates were not refused by the parser cannot hold any: the object has removed them.
    if (void* place = what.insert(out, name)) read(*what.inner, member.value(), place, at.member(name));
  }
}

void json_reader::read_record(const record_shape& what, const value& in, void* out, const path& at) {
  const auto* object = in.if_object();
  if (object == nullptr) return refuse(at, "must be an object");
  const std::size_t errors_before = errors_.size();
  std::size_t found = 0;
  for (const member_shape& member : what.members) {
    const auto* given = object->if_contains({member.name.data(), member.name.size()});
    if (given != nullptr) {
      ++found;
      if (what.is_patch && given->is_null() && !may_be_removed(member))
        refuse(at.member(member.name), "cannot be removed");
      else
        read(*member.inner, *given, place_of(member, out), at.member(member.name));
    } else if (member.required) {
      refuse(at.member(member.name), "is required");
    }
  }
  if (strict_ && found < object->size()) {
    for (const auto& member : *object) {
      if (full()) return;
      const std::string_view name{member.key().data(), member.key().size()};
      if (find_member(what, name) == nullptr) refuse(at.member(name), "is not known here");
    }
  }
  if (what.check != nullptr && errors_.size() == errors_before && !full()) run_check(what, out, at);
}

void json_reader::run_check(const record_shape& what, const void* record, const path& at) {
  std::vector<field_error> broken;
  what.check(record, broken);
  const std::string prefix = at.pointer();
  for (field_error& rule : broken) {
    if (full()) return;
    errors_.push_back({prefix + rule.pointer, std::move(rule.detail)});
  }
}

}  // namespace

domain::result<void> read_json(const shape& what, std::string_view text, void* out, written_by whom) {
  boost::json::monotonic_resource memory;
  const auto parsed = parse_json(text, &memory);
  if (!parsed) return std::unexpected(parsed.error());
  return read_json(what, *parsed, out, whom);
}

domain::result<void> read_json(const shape& what, const value& in, void* out, written_by whom) {
  json_reader reader(whom);
  reader.read(what, in, out, path{});
  auto errors = reader.take_errors();
  if (errors.empty()) return {};
  return std::unexpected(domain::error{error_code::invalid, "Correct the parts named in errors.", std::move(errors)});
}

}  // namespace elsec::codec::detail
