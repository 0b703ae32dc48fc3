#pragma once
// CBOR (RFC 8949) from and to records: how values are stored and how envelope bodies travel. The same description as
// for JSON: a record is a map from member names (text) to values, so fields can be added; times are integers
// (milliseconds since 1970), bytes are byte strings, enums are their names. Unknown members are skipped and absent
// members keep their default, so that a newer and an older program read each other's records; for the same reason an
// unknown enumerator is read as `other` where the enumeration has one. Empty text stands for a field type's default
// value, even where parse() would refuse it. Rules across fields (`check`) are for what people
// send: they do not run here.

#include "domain/error.hpp"
#include "domain/fields.hpp"

#include <span>

namespace elsec::codec {

inline constexpr int cbor_depth_max = 16;
inline constexpr std::size_t cbor_items_max = 200'000;  // bounds what a hostile body can make the reader allocate

template <class T>
[[nodiscard]] domain::bytes to_cbor(const T& value);

// `integrity` when the bytes are no CBOR of this record: truncated, trailing bytes, wrong types, values a field type
// refuses, indefinite lengths, deeper or larger than the limits. Never throws, never reads past the span.
template <class T>
[[nodiscard]] domain::result<T> from_cbor(std::span<const std::uint8_t> bytes);

}  // namespace elsec::codec

#include "codec/detail/cbor.hpp"
