#include "codec/cbor.hpp"
#include "codec/detail/path.hpp"
#include "codec/json.hpp"

#include <cbor/callbacks.h>
#include <cbor/streaming.h>

#include <algorithm>
#include <bitset>

namespace elsec::codec::detail {
namespace {

// ---- one item: a head and, for strings, its bytes ----

enum class item_type : std::uint8_t {
  refused,  // nothing readable, or an indefinite length
  whole,
  bytes,
  text,
  array,
  map,
  tag,
  real,
  boolean,
  null,
  undefined,
};

struct item {
  item_type type = item_type::refused;
  bool negative = false;       // whole: the number is -1 - argument
  std::uint64_t argument = 0;  // the number, the truth, or how many elements are claimed to follow
  double real = 0;
  std::span<const std::uint8_t> data{};
};

void set(void* into, item value) { *static_cast<item*>(into) = value; }

template <class Number>
void on_whole(void* into, Number number) {
  set(into, {.type = item_type::whole, .argument = number});
}

template <class Number>
void on_negative(void* into, Number number) {
  set(into, {.type = item_type::whole, .negative = true, .argument = number});
}

template <item_type Type>
void on_string(void* into, cbor_data data, std::size_t size) {
  set(into, {.type = Type, .data = {data, size}});
}

template <item_type Type>
void on_collection(void* into, std::size_t size) {
  set(into, {.type = Type, .argument = size});
}

template <item_type Type>
void on_simple(void* into) {
  set(into, {.type = Type});
}

template <class Real>
void on_real(void* into, Real number) {
  set(into, {.type = item_type::real, .real = static_cast<double>(number)});
}

constexpr cbor_callbacks callbacks{
    .uint8 = on_whole<std::uint8_t>,
    .uint16 = on_whole<std::uint16_t>,
    .uint32 = on_whole<std::uint32_t>,
    .uint64 = on_whole<std::uint64_t>,
    .negint64 = on_negative<std::uint64_t>,
    .negint32 = on_negative<std::uint32_t>,
    .negint16 = on_negative<std::uint16_t>,
    .negint8 = on_negative<std::uint8_t>,
    .byte_string_start = on_simple<item_type::refused>,
    .byte_string = on_string<item_type::bytes>,
    .string = on_string<item_type::text>,
    .string_start = on_simple<item_type::refused>,
    .indef_array_start = on_simple<item_type::refused>,
    .array_start = on_collection<item_type::array>,
    .indef_map_start = on_simple<item_type::refused>,
    .map_start = on_collection<item_type::map>,
    .tag = [](void* into, std::uint64_t) { set(into, {.type = item_type::tag}); },
    .float2 = on_real<float>,
    .float4 = on_real<float>,
    .float8 = on_real<double>,
    .undefined = on_simple<item_type::undefined>,
    .null = on_simple<item_type::null>,
    .boolean = [](void* into, bool truth) { set(into, {.type = item_type::boolean, .argument = truth ? 1U : 0U}); },
    .indef_break = on_simple<item_type::refused>,
};

std::string_view text_of(const item& in) {
  return {reinterpret_cast<const char*>(in.data.data()), in.data.size()};  // bytes seen as characters
}

// ---- reading items into an object of a known shape ----

class cbor_reader {
 public:
  explicit cbor_reader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  // All of the bytes as one value; false where they are not, see `where()`.
  bool read_all(const shape& what, void* out) { return read(what, next(), out, path{}) && rest_.empty(); }

  // JSON pointer of the first part refused; empty when it is the value as a whole.
  [[nodiscard]] const std::string& where() const { return where_; }

 private:
  item next();
  bool read(const shape& what, const item& in, void* out, const path& at);
  bool read_scalar(const shape& what, const item& in, void* out);
  bool read_text_form(const shape& what, const item& in, void* out);
  bool read_composite(const shape& what, const item& in, void* out, const path& at);
  bool read_list(const list_shape& what, const item& in, void* out, const path& at);
  bool read_dictionary(const dictionary_shape& what, const item& in, void* out, const path& at);
  bool read_record(const record_shape& what, const item& in, void* out, const path& at);
  bool skip(const item& in, int depth);
  bool refuse(const path& at);

  std::span<const std::uint8_t> rest_;
  std::size_t items_left_ = cbor_items_max;
  element_budget elements_;
  bool refused_ = false;
  std::string where_;
};

bool cbor_reader::refuse(const path& at) {
  if (!refused_) where_ = at.pointer();
  refused_ = true;
  return false;
}

item cbor_reader::next() {
  item found;
  if (rest_.empty() || items_left_ == 0) return found;
  --items_left_;
  const auto step = cbor_stream_decode(rest_.data(), rest_.size(), &callbacks, &found);
  if (step.status != CBOR_DECODER_FINISHED || step.read > rest_.size()) return {};
  rest_ = rest_.subspan(step.read);
  if (found.type == item_type::text && domain::utf8_prefix(text_of(found)) != found.data.size()) return {};
  return found;
}

// The number, if it fits 64 bits.
std::optional<whole_number> whole_in(const item& in) {
  constexpr auto int64_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (in.type != item_type::whole || (in.negative && in.argument > int64_max)) return std::nullopt;
  return in.negative ? whole_number{true, ~in.argument} : whole_number{false, in.argument};
}

bool read_whole(const whole_shape& what, const item& in, void* out) {
  const auto number = whole_in(in);
  if (!number || *number < what.min || what.max < *number) return false;
  what.store(out, number->bits);
  return true;
}

bool read_time(const item& in, domain::time_point& out) {
  const auto number = whole_in(in);
  if (!number || whole_of(std::numeric_limits<std::int64_t>::max()) < *number) return false;
  out = domain::time_point{std::chrono::milliseconds{static_cast<std::int64_t>(number->bits)}};
  return true;
}

bool read_json_text(std::string_view text, boost::json::value& out) {
  auto parsed = parse_json(text, {});
  if (!parsed) return false;
  out = std::move(*parsed);
  return true;
}

bool cbor_reader::read(const shape& what, const item& in, void* out, const path& at) {
  switch (what.what) {
    case form::optional: {
      const auto& maybe = as<optional_shape>(what);
      const bool there = in.type != item_type::null || maybe.inner->what == form::optional;
      if (there && !read(*maybe.inner, in, maybe.emplace(out), at)) return false;
      there ? settle(maybe, out) : maybe.reset(out);
      return true;
    }
    case form::list:
    case form::dictionary:
    case form::record:
      return read_composite(what, in, out, at);
    default:
      return read_scalar(what, in, out) || refuse(at);
  }
}

bool cbor_reader::read_scalar(const shape& what, const item& in, void* out) {
  switch (what.what) {
    case form::boolean:
      *static_cast<bool*>(out) = in.argument != 0;
      return in.type == item_type::boolean;
    case form::whole:
      return read_whole(as<whole_shape>(what), in, out);
    case form::real:
      *static_cast<double*>(out) = in.real;
      return in.type == item_type::real;
    case form::time:
      return read_time(in, *static_cast<domain::time_point*>(out));
    case form::bytes:
      static_cast<domain::bytes*>(out)->assign(in.data.begin(), in.data.end());
      return in.type == item_type::bytes;
    case form::fixed_bytes:
      if (in.type != item_type::bytes || in.data.size() != as<fixed_bytes_shape>(what).size) return false;
      std::ranges::copy(in.data, static_cast<std::uint8_t*>(out));
      return true;
    default:
      return in.type == item_type::text && read_text_form(what, in, out);
  }
}

bool cbor_reader::read_text_form(const shape& what, const item& in, void* out) {
  const std::string_view text = text_of(in);
  switch (what.what) {
    case form::parsed:
      // A value that was never set is stored as empty text, which parse() may refuse.
      if (text.empty()) {
        as<parsed_shape>(what).clear(out);
        return true;
      }
      return as<parsed_shape>(what).parse(out, text).has_value();
    case form::enumeration: {
      const auto& values = as<enumeration_shape>(what);
      return assign_enumerator(values, text, out) || assign_other(values, out);
    }
    case form::json:
      return read_json_text(text, *static_cast<boost::json::value*>(out));
    default:
      static_cast<std::string*>(out)->assign(text);
      return true;
  }
}

bool cbor_reader::read_composite(const shape& what, const item& in, void* out, const path& at) {
  const auto wanted = what.what == form::list ? item_type::array : item_type::map;
  if (in.type != wanted || at.depth() >= cbor_depth_max) return refuse(at);
  if (what.what == form::list) return read_list(as<list_shape>(what), in, out, at);
  if (what.what == form::dictionary) return read_dictionary(as<dictionary_shape>(what), in, out, at);
  return read_record(as<record_shape>(what), in, out, at);
}

// The claimed number of elements is never trusted: memory grows with the elements actually read.
bool cbor_reader::read_list(const list_shape& what, const item& in, void* out, const path& at) {
  what.clear(out);
  for (std::size_t i = 0; i < in.argument; ++i) {
    const item element = next();
    if (element.type == item_type::refused || !elements_.take(what.element_bytes)) return refuse(at.element(i));
    if (!read(*what.inner, element, what.append(out), at.element(i))) return false;
  }
  return true;
}

bool cbor_reader::read_dictionary(const dictionary_shape& what, const item& in, void* out, const path& at) {
  what.clear(out);
  for (std::size_t i = 0; i < in.argument; ++i) {
    // Told by its place, not by its key: a key can be personal data.
    const path here = at.element(i);
    const item key = next();
    if (key.type != item_type::text || !elements_.take(what.element_bytes)) return refuse(here);
    void* place = what.insert(out, text_of(key));
    if (place == nullptr) return refuse(here);
    if (!read(*what.inner, next(), place, here)) return false;
  }
  return true;
}

bool cbor_reader::read_record(const record_shape& what, const item& in, void* out, const path& at) {
  std::bitset<members_max> seen;
  for (std::size_t i = 0; i < in.argument; ++i) {
    const item key = next();
    if (key.type != item_type::text) return refuse(at);
    const member_shape* member = find_member(what, text_of(key));
    if (member == nullptr) {
      if (!skip(next(), at.depth() + 1)) return refuse(at);
      continue;
    }
    const path here = at.member(member->name);
    const auto index = static_cast<std::size_t>(member - what.members.data());
    if (seen.test(index)) return refuse(here);
    seen.set(index);
    if (!read(*member->inner, next(), place_of(*member, out), here)) return false;
  }
  return true;
}

// Passes over a value of a member that this program does not know.
bool cbor_reader::skip(const item& in, int depth) {
  if (in.type == item_type::refused) return false;
  const bool nests = in.type == item_type::array || in.type == item_type::map || in.type == item_type::tag;
  if (!nests) return true;
  if (depth >= cbor_depth_max) return false;
  const int values_each = in.type == item_type::map ? 2 : 1;
  const std::uint64_t count = in.type == item_type::tag ? 1 : in.argument;
  for (std::uint64_t i = 0; i < count; ++i)
    for (int value = 0; value < values_each; ++value)
      if (!skip(next(), depth + 1)) return false;
  return true;
}

}  // namespace

domain::result<void> read_cbor(const shape& what, std::span<const std::uint8_t> bytes, void* out) {
  cbor_reader reader(bytes);
  if (reader.read_all(what, out)) return {};
  const std::string where = reader.where().empty() ? "as a whole" : "at " + reader.where();
  return domain::fail(domain::error_code::integrity, "The record does not fit its description " + where + ".");
}

}  // namespace elsec::codec::detail
