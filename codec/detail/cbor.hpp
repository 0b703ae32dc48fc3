#pragma once
// The thin templates of cbor.hpp: they only pick the shape. The work is done by ordinary functions.

#include "codec/detail/shape_of.hpp"

namespace elsec::codec {
namespace detail {

[[nodiscard]] domain::bytes write_cbor(const shape& what, const void* value);
// Reads into `out`, a value-initialised object of this shape.
[[nodiscard]] domain::result<void> read_cbor(const shape& what, std::span<const std::uint8_t> bytes, void* out);

}  // namespace detail

template <class T>
domain::bytes to_cbor(const T& value) {
  return detail::write_cbor(detail::shape_of<T>, &value);
}

template <class T>
domain::result<T> from_cbor(std::span<const std::uint8_t> bytes) {
  T value{};
  if (auto ok = detail::read_cbor(detail::shape_of<T>, bytes, &value); !ok)
    return std::unexpected(std::move(ok.error()));
  return value;
}

}  // namespace elsec::codec
