#pragma once
// The tables of the `state` environment, made from table_list.inc: a table is one line there, and
// `tables::its_name` is what snapshots and change sets take.
//
// Keys are byte strings. Tables sealed by a tenant's key begin with the organisation's id, so that one tenant's request
// can only ever build keys of its own rows: another tenant's object is simply not there.

#include "domain/access.hpp"
#include "domain/dispatch.hpp"
#include "domain/document.hpp"
#include "domain/event.hpp"
#include "domain/letter.hpp"
#include "domain/organisation.hpp"
#include "domain/receipt.hpp"
#include "storage/rows.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace elsec::storage {

enum class sealed_by : std::uint8_t { tenant, node };

// Whether a table's rows follow from those of others.
enum class kept_as : std::uint8_t { rows, index };

// Every table, opened at start.
inline constexpr auto table_names = std::to_array<std::string_view>({
#define ELSEC_TABLE(name, record, sealer, kind) #name,
#include "storage/table_list.inc"
#undef ELSEC_TABLE
});
inline constexpr auto table_owners = std::to_array<sealed_by>({
#define ELSEC_TABLE(name, record, sealer, kind) sealed_by::sealer,
#include "storage/table_list.inc"
#undef ELSEC_TABLE
});
static_assert(
    [] {
      auto sorted = table_names;
      std::ranges::sort(sorted);
      return std::ranges::adjacent_find(sorted) == sorted.end();
    }(),
    "two tables must not share a name");

template <class Record>
struct table {
  using record = Record;

  std::string_view name;
  sealed_by owner;
  kept_as kind = kept_as::rows;
};

namespace tables {

#define ELSEC_TABLE(name, record, sealer, kind) \
  inline constexpr table<record> name{#name, sealed_by::sealer, kept_as::kind};
#include "storage/table_list.inc"
#undef ELSEC_TABLE

}  // namespace tables

// 2: folded words and addresses are made by ICU. 3: one table of deadlines, one of inbound envelopes.
// 4: files to be screened and letters have deadlines, too. 5: what cannot be read has a table of its own. 6: rows
// have a sum. 7: indexes hold all that lists ask for.
inline constexpr std::uint64_t schema_version = 7;
// Older data is refused. Until the first release there is none that would have to be read.
inline constexpr std::uint64_t schema_version_oldest = 7;

// A number as big-endian bytes: keys sort as numbers do.
inline constexpr std::size_t number_bytes = 8;
[[nodiscard]] std::string big_endian(std::uint64_t number);
// The number in the last 8 bytes of a key; 0 for a shorter one.
[[nodiscard]] std::uint64_t trailing_number(std::string_view key) noexcept;
// For errors and logs: as it is, or in hex where it is not all visible ASCII.
[[nodiscard]] std::string printable_key(std::string_view key);
[[nodiscard]] char box_letter(domain::box which) noexcept;

// Keys of several parts, put together: identifiers, strings, `char`.
template <class... Parts>
[[nodiscard]] std::string key_of(const Parts&... parts) {
  std::string key;
  const auto add = [&](const auto& part) {
    if constexpr (requires { part.str(); })
      key += part.str();
    else
      key += part;
  };
  (add(parts), ...);
  return key;
}

}  // namespace elsec::storage
