#pragma once
// What travels between nodes. Two ZeroMQ frames: a CBOR header (this struct without `body`) and the body as it is,
// so that a chunk is never copied into a codec.

#include "domain/error.hpp"
#include "domain/fields.hpp"
#include "domain/time.hpp"

#include <boost/describe.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace elsec::transport {

inline constexpr std::uint32_t envelope_version = 2;
inline constexpr std::size_t header_bytes_max = 1'024;

struct envelope_header {
  std::uint32_t version = envelope_version;
  std::string epoch;  // of the sender's outbox: 16 random bytes in hex; another one starts a resync
  std::string from;   // node names
  std::string to;
  std::string kind;            // [a-z_]{1,32}
  std::uint64_t sequence = 0;  // per sender and receiver, from 1 for outbox rows; 0 for requests and control messages
  std::string id;              // ULID of the outbox row or the request
  domain::time_point time{};

  bool operator==(const envelope_header&) const = default;
};
BOOST_DESCRIBE_STRUCT(envelope_header, (), (version, epoch, from, to, kind, sequence, id, time))

struct envelope {
  envelope_header header;
  domain::bytes body;
  std::shared_ptr<const void> hold{};  // of one that arrived: it counts as under way until the last copy is gone
  // Of one to be sent, and not told to the peer: it is large and no hurry, so others pass it where it waits, and while
  // it waits another of the same id is not needed.
  bool gives_way = false;
};

[[nodiscard]] domain::bytes encode_header(const envelope_header& header);
// `invalid` for anything malformed: over header_bytes_max, not CBOR of a header, names or kind outside their alphabets,
// an epoch that is not 32 lower-case hex digits, an id that is no ULID. The version is not judged here.
[[nodiscard]] domain::result<envelope_header> decode_header(std::span<const std::uint8_t> frame);

}  // namespace elsec::transport
