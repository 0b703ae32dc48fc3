#include "transport/envelope.hpp"

#include "codec/cbor.hpp"
#include "domain/ids.hpp"
#include "transport/names.hpp"

namespace elsec::transport {

using domain::error_code;
using domain::fail;

domain::bytes encode_header(const envelope_header& header) { return codec::to_cbor(header); }

domain::result<envelope_header> decode_header(std::span<const std::uint8_t> frame) {
  if (frame.size() > header_bytes_max) return fail(error_code::invalid, "the envelope header is too long");
  auto header = codec::from_cbor<envelope_header>(frame);
  if (!header) return fail(error_code::invalid, "the envelope header is no CBOR of a header");
  if (!is_node_name(header->from) || !is_node_name(header->to))
    return fail(error_code::invalid, "a node name in the envelope header is malformed");
  if (!is_kind(header->kind)) return fail(error_code::invalid, "the kind in the envelope header is malformed");
  if (!is_epoch(header->epoch)) return fail(error_code::invalid, "the epoch in the envelope header is malformed");
  if (!domain::is_ulid(header->id)) return fail(error_code::invalid, "the id in the envelope header is malformed");
  return std::move(*header);
}

}  // namespace elsec::transport
