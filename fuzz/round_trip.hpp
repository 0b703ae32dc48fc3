#pragma once
// What holds for every record that a reader accepts.

#include "codec/cbor.hpp"
#include "codec/json.hpp"
#include "fuzz/targets.hpp"

#include <algorithm>

namespace elsec::fuzz {

// Reads `bytes` as a T. A refusal is `integrity`; what was accepted is written in one way only, and that is read as the
// same record, but neither a part of it nor more than it.
template <class T>
void cbor_round_trip(bytes_view bytes) {
  const auto read = codec::from_cbor<T>(bytes);
  if (!read) {
    must(read.error().code == domain::error_code::integrity, "bytes that are no record are `integrity`");
    return;
  }
  auto written = codec::to_cbor(*read);
  const auto again = codec::from_cbor<T>(written);
  must(again.has_value(), "what was written can be read");
  must(codec::to_cbor(*again) == written, "a record is written in one way");
  must(codec::to_json(*again) == codec::to_json(*read), "nothing of a record is lost");
  const auto part = std::span(written).first(bytes.size() % written.size());
  must(!codec::from_cbor<T>(part), "a part of a record is none");
  written.push_back(0);
  must(!codec::from_cbor<T>(written), "a record with something behind it is none");
}

// The input's first byte chooses one of the types.
template <class... Types>
void cbor_round_trip_of_one(bytes_view input) {
  using function = void (*)(bytes_view);
  constexpr function functions[] = {cbor_round_trip<Types>...};
  reader in(input);
  const auto chosen = in.byte() % sizeof...(Types);
  functions[chosen](in.rest());
}

}  // namespace elsec::fuzz
