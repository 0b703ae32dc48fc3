#include "codec/cbor.hpp"
#include "codec/json.hpp"
#include "codec/text.hpp"

#include <cbor/encoding.h>

namespace elsec::codec::detail {
namespace {

class cbor_writer {
 public:
  void write(const shape& what, const void* from);
  [[nodiscard]] domain::bytes take() { return std::move(out_); }

 private:
  static constexpr std::size_t head_bytes_max = 9;  // one type byte and a 64-bit argument

  template <class Encode, class... Argument>
  void head(Encode encode, Argument... argument) {
    std::array<std::uint8_t, head_bytes_max> buffer;
    const std::size_t size = encode(argument..., buffer.data(), buffer.size());
    out_.insert(out_.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
  }

  void whole(whole_number number) {
    if (number.negative)
      head(cbor_encode_negint, ~number.bits);  // -1 - n, as RFC 8949 counts negative numbers
    else
      head(cbor_encode_uint, number.bits);
  }

  void byte_string(std::span<const std::uint8_t> data) {
    head(cbor_encode_bytestring_start, data.size());
    out_.insert(out_.end(), data.begin(), data.end());
  }

  // What is written can be read again: the reader refuses text that is not UTF-8.
  void text(std::string_view plain) {
    if (domain::utf8_prefix(plain) != plain.size()) return text(to_utf8(plain));
    head(cbor_encode_string_start, plain.size());
    out_.insert(out_.end(), plain.begin(), plain.end());
  }

  void list(const list_shape& what, const void* from);
  void dictionary(const dictionary_shape& what, const void* from);
  void record(const record_shape& what, const void* from);
  void optional(const optional_shape& what, const void* from);

  domain::bytes out_;
};

void cbor_writer::write(const shape& what, const void* from) {
  switch (what.what) {
    case form::boolean:
      return head(cbor_encode_bool, object_at<bool>(from));
    case form::whole:
      return whole(as<whole_shape>(what).load(from));
    case form::real:
      return head(cbor_encode_double, object_at<double>(from));
    case form::text:
      return text(object_at<std::string>(from));
    case form::parsed:
      return text(as<parsed_shape>(what).str(from));
    case form::enumeration:
      return text(name_of(as<enumeration_shape>(what), from));
    case form::time:
      return whole(whole_from(object_at<domain::time_point>(from).time_since_epoch().count()));
    case form::bytes:
      return byte_string(object_at<domain::bytes>(from));
    case form::fixed_bytes:
      return byte_string({static_cast<const std::uint8_t*>(from), as<fixed_bytes_shape>(what).size});
    case form::json:
      return text(print_json(object_at<boost::json::value>(from)));
    case form::optional:
      return optional(as<optional_shape>(what), from);
    case form::list:
      return list(as<list_shape>(what), from);
    case form::dictionary:
      return dictionary(as<dictionary_shape>(what), from);
    case form::record:
      return record(as<record_shape>(what), from);
  }
}

void cbor_writer::optional(const optional_shape& what, const void* from) {
  if (const void* inner = what.get(from))
    write(*what.inner, inner);
  else
    head(cbor_encode_null);
}

void cbor_writer::list(const list_shape& what, const void* from) {
  const std::size_t size = what.size(from);
  head(cbor_encode_array_start, size);
  for (std::size_t i = 0; i < size; ++i) write(*what.inner, what.at(from, i));
}

void cbor_writer::dictionary(const dictionary_shape& what, const void* from) {
  struct target {
    cbor_writer& writer;
    const shape& inner;
  } into{*this, *what.inner};
  head(cbor_encode_map_start, what.size(from));
  what.each(from, &into, [](void* context, const std::string& key, const void* value) {
    const auto& [writer, inner] = *static_cast<target*>(context);
    writer.text(key);
    writer.write(inner, value);
  });
}

void cbor_writer::record(const record_shape& what, const void* from) {
  std::size_t present = 0;
  for (const member_shape& member : what.members) present += is_left_out(member, from) ? 0U : 1U;
  head(cbor_encode_map_start, present);
  for (const member_shape& member : what.members) {
    if (is_left_out(member, from)) continue;
    text(member.name);
    write(*member.inner, member.at(from));
  }
}

}  // namespace

domain::bytes write_cbor(const shape& what, const void* from) {
  cbor_writer writer;
  writer.write(what, from);
  return writer.take();
}

}  // namespace elsec::codec::detail
