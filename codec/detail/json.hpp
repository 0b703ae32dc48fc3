#pragma once
// The thin templates of json.hpp: they only pick the shape. The work is done by ordinary functions.

#include "codec/detail/shape_of.hpp"

#include <functional>

namespace elsec::codec {
namespace detail {

// Whose JSON it is: a client's, who is told of everything that does not fit, or that of a node that may be newer.
enum class written_by : std::uint8_t { client, peer };

// Reads into `out`, a value-initialised object of this shape.
[[nodiscard]] domain::result<void> read_json(const shape& what, std::string_view text, void* out,
                                             written_by whom = written_by::client);
[[nodiscard]] domain::result<void> read_json(const shape& what, const boost::json::value& value, void* out,
                                             written_by whom = written_by::client);

[[nodiscard]] std::string print_json(const shape& what, const void* value);
[[nodiscard]] boost::json::value write_json(const shape& what, const void* value, boost::json::storage_ptr storage);

// The schema with its parts in place, every record in it closed.
[[nodiscard]] boost::json::value schema_of(const shape& what);
// The schema with its parts as `part` writes them. The bases of a record are flat, as they are on the wire.
using part_schema = std::function<boost::json::value(const shape& part)>;
[[nodiscard]] boost::json::value schema_of(const shape& what, bool closed, const part_schema& part);

// Strict parse with all limits of from_json; also for the JSON texts inside CBOR.
[[nodiscard]] domain::result<boost::json::value> parse_json(std::string_view text, boost::json::storage_ptr storage);

// JSON text of a value: numbers in their shortest form, invalid UTF-8 replaced by U+FFFD, no white space.
[[nodiscard]] std::string print_json(const boost::json::value& value);

}  // namespace detail

template <class T>
domain::result<T> from_json(std::string_view text) {
  T value{};
  if (auto ok = detail::read_json(detail::shape_of<T>, text, &value); !ok)
    return std::unexpected(std::move(ok.error()));
  return value;
}

template <class T>
domain::result<T> from_json_of_peer(std::string_view text) {
  T value{};
  if (auto ok = detail::read_json(detail::shape_of<T>, text, &value, detail::written_by::peer); !ok)
    return std::unexpected(std::move(ok.error()));
  return value;
}

template <class T>
domain::result<T> from_json_value(const boost::json::value& input) {
  T value{};
  if (auto ok = detail::read_json(detail::shape_of<T>, input, &value); !ok)
    return std::unexpected(std::move(ok.error()));
  return value;
}

template <class T>
std::string to_json(const T& value) {
  return detail::print_json(detail::shape_of<T>, &value);
}

template <class T>
boost::json::value to_json_value(const T& value) {
  return detail::write_json(detail::shape_of<T>, &value, {});
}

template <class T>
boost::json::value json_schema() {
  return detail::schema_of(detail::shape_of<T>);
}

}  // namespace elsec::codec
