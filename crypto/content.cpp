#include "crypto/content.hpp"

#include "crypto/aead.hpp"
#include "crypto/random.hpp"

#include <algorithm>
#include <cassert>

namespace elsec::crypto {

namespace {

// content id || index, most significant byte first
std::array<std::uint8_t, 20> place_of(const content_id& id, std::uint32_t index) noexcept {
  std::array<std::uint8_t, 20> place;
  auto out = std::ranges::copy(id, place.begin()).out;
  for (int shift = 24; shift >= 0; shift -= 8) *out++ = static_cast<std::uint8_t>(index >> shift);
  return place;
}

}  // namespace

content_id new_content_id() noexcept {
  content_id id;
  random_bytes(id);
  return id;
}

domain::bytes seal_chunk(const secret& content_key, const content_id& id, std::uint32_t index,
                         std::span<const std::uint8_t> plain) {
  assert(!plain.empty() && plain.size() <= chunk_plain_max);
  domain::bytes out(plain.size() + seal_overhead);
  seal_into(out, content_key, plain, place_of(id, index));
  return out;
}

domain::result<domain::bytes> open_chunk(const secret& content_key, const content_id& id, std::uint32_t index,
                                         std::span<const std::uint8_t> sealed) {
  const auto damaged = [] {
    return domain::fail(domain::error_code::integrity, "a chunk of a document is damaged or not in its place");
  };
  if (sealed.size() <= seal_overhead || sealed.size() > chunk_sealed_max) return damaged();
  domain::bytes plain(sealed.size() - seal_overhead);
  if (!open_into(plain, content_key, sealed, place_of(id, index))) return damaged();
  return plain;
}

}  // namespace elsec::crypto
