#include "crypto/slot_format.hpp"

#include "crypto/aead.hpp"

#include <sodium.h>

#include <algorithm>

namespace elsec::crypto {

namespace {

constexpr std::size_t header_open_part = 32;
constexpr std::size_t fixed_part = 16;
// magic, version 1 and slot size 128, most significant byte first
constexpr std::array<std::uint8_t, fixed_part> fixed{'e', 'l', 'S', 'e', 'c', 'K', 'S', '\n', 0, 0, 0, 1, 0, 0, 0, 128};
constexpr std::size_t header_plain = slot_header_size - header_open_part - seal_overhead;

constexpr std::size_t slot_plain = slot_size - seal_overhead;
constexpr std::uint8_t live_mark = 1;
constexpr std::uint8_t closed_mark = 2;
constexpr std::uint8_t skipped_mark = 3;

// Plaintext of a slot on the stack: mark, secret, zeros. Wiped when it goes.
class plain_slot {
 public:
  plain_slot() = default;
  plain_slot(const plain_slot&) = delete;
  plain_slot& operator=(const plain_slot&) = delete;
  ~plain_slot() { sodium_memzero(bytes.data(), bytes.size()); }

  [[nodiscard]] std::span<std::uint8_t> content() noexcept { return std::span(bytes).subspan(1, secret::size); }

  std::array<std::uint8_t, slot_plain> bytes{};
};

// "slot" || file id || index, most significant byte first
std::array<std::uint8_t, 28> place_of(const slot_file_id& file, std::uint64_t index) noexcept {
  std::array<std::uint8_t, 28> place{'s', 'l', 'o', 't'};
  auto out = std::ranges::copy(file, place.begin() + 4).out;
  for (int shift = 56; shift >= 0; shift -= 8) *out++ = static_cast<std::uint8_t>(index >> shift);
  return place;
}

slot_block sealed(const secret& key, const slot_file_id& file, std::uint64_t index, const plain_slot& plain) {
  slot_block block;
  seal_into(block, key, plain.bytes, place_of(file, index));
  return block;
}

}  // namespace

slot_header make_slot_header(const secret& key, const slot_file_id& file) {
  slot_header header{};
  std::ranges::copy(file, std::ranges::copy(fixed, header.begin()).out);
  const std::array<std::uint8_t, header_plain> zeros{};
  const auto all = std::span(header);
  seal_into(all.subspan(header_open_part), key, zeros, all.first(header_open_part));
  return header;
}

domain::result<slot_file_id> check_slot_header(const secret& key, const slot_header& header) {
  const auto all = std::span(header);
  if (!std::ranges::equal(all.first(fixed_part), fixed))
    return domain::fail(domain::error_code::integrity, "is no slot file of a version this program knows");
  std::array<std::uint8_t, header_plain> zeros;
  if (!open_into(zeros, key, all.subspan(header_open_part), all.first(header_open_part)))
    return domain::fail(domain::error_code::integrity, "belongs to another slot key, or its header is damaged");
  slot_file_id file;
  std::ranges::copy(all.subspan(fixed_part, file.size()), file.begin());
  return file;
}

slot_block live_slot(const secret& key, const slot_file_id& file, std::uint64_t index, const secret& content) {
  plain_slot plain;
  plain.bytes.front() = live_mark;
  std::ranges::copy(content.view(), plain.content().begin());
  return sealed(key, file, index, plain);
}

slot_block closed_slot(const secret& key, const slot_file_id& file, std::uint64_t index) {
  plain_slot plain;
  plain.bytes.front() = closed_mark;
  return sealed(key, file, index, plain);
}

slot_block skipped_slot(const secret& key, const slot_file_id& file, std::uint64_t index) {
  plain_slot plain;
  plain.bytes.front() = skipped_mark;
  return sealed(key, file, index, plain);
}

opened_slot open_slot(const secret& key, const slot_file_id& file, std::uint64_t index, const slot_block& block) {
  if (is_unused(block)) return {slot_state::unused, {}};
  plain_slot plain;
  if (!open_into(plain.bytes, key, block, place_of(file, index))) return {slot_state::damaged, {}};
  const auto mark = plain.bytes.front();
  if (mark == closed_mark) return {slot_state::closed, {}};
  if (mark == skipped_mark) return {slot_state::skipped, {}};
  if (mark != live_mark) return {slot_state::damaged, {}};
  return {slot_state::live,
          secret::filled_by([&](std::span<std::uint8_t> out) { std::ranges::copy(plain.content(), out.begin()); })};
}

bool is_unused(const slot_block& block) noexcept {
  return std::ranges::all_of(block, [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace elsec::crypto
