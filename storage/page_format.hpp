#pragma once
// How LMDB 0.9 lays out a file on a 64-bit machine, as far as check_pages() reads it. LMDB promises not to change it
// within a data version (`mm_version` 1). Source: struct MDB_page, MDB_meta, MDB_db and MDB_node of mdb.c 0.9.24.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace elsec::storage::page_format {

static_assert(std::endian::native == std::endian::little && sizeof(std::size_t) == 8,
              "LMDB's files are in the byte order and word size of the machine; only this one is known here");

using page_number = std::uint64_t;
using page_bytes = std::span<const std::uint8_t>;

inline constexpr std::uint32_t magic = 0xBEEFC0DE;
inline constexpr std::uint32_t data_version = 1;
inline constexpr page_number meta_pages = 2;
inline constexpr page_number no_page = ~page_number{0};
inline constexpr std::size_t page_size_least = 512;
inline constexpr std::size_t page_size_max = 32'768;
inline constexpr std::uint16_t depth_max = 32;  // CURSOR_STACK

struct page_head {
  page_number number;
  std::uint16_t padding;
  std::uint16_t flags;
  std::uint16_t lower;  // of a large value: the lower half of its count of pages
  std::uint16_t upper;
};
static_assert(sizeof(page_head) == 16);

namespace page_kind {
inline constexpr std::uint16_t branch = 0x01, leaf = 0x02, overflow = 0x04, meta = 0x08;
// All but the flags that only pages in memory have.
inline constexpr std::uint16_t all_on_disk = 0xFF ^ 0x10;
}  // namespace page_kind

struct tree {
  std::uint32_t padding;  // of the tree of free pages: the page size
  std::uint16_t flags;
  std::uint16_t depth;
  std::uint64_t branch_pages;
  std::uint64_t leaf_pages;
  std::uint64_t overflow_pages;
  std::uint64_t entries;
  page_number root;
};
static_assert(sizeof(tree) == 48);

struct meta {
  std::uint32_t magic;
  std::uint32_t version;
  std::uint64_t address;
  std::uint64_t map_size;
  tree free_pages;
  tree tables;
  page_number last_page;
  std::uint64_t transaction;
};
static_assert(sizeof(meta) == 136);

struct node_head {
  std::uint16_t low;  // of the value's size, or of the number of the page below
  std::uint16_t high;
  std::uint16_t flags;  // in a branch: the highest bits of that number
  std::uint16_t key_bytes;
};
static_assert(sizeof(node_head) == 8);

namespace node_kind {
inline constexpr std::uint16_t large_value = 0x01, table = 0x02;
}  // namespace node_kind

// How many pages a value of that size fills when it has pages of its own.
[[nodiscard]] constexpr std::uint64_t pages_of(std::size_t value_bytes, std::size_t page_size) noexcept {
  return (sizeof(page_head) - 1 + value_bytes) / page_size + 1;
}

// The caller has checked that it lies within.
template <class Part>
[[nodiscard]] Part part_at(page_bytes page, std::size_t offset) noexcept {
  Part part;
  std::memcpy(&part, page.data() + offset, sizeof part);
  return part;
}

}  // namespace elsec::storage::page_format
