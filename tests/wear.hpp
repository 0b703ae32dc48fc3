#pragma once
// A row that opens, and is no record of its table: what a test puts where a row shall be damaged.

#include "storage/tables.hpp"

#include <boost/describe.hpp>

#include <cstdint>

namespace elsec::wear {

// Each table's record has one of these members, and it is no number.
struct misread {
  std::uint64_t kind = 7;
  std::uint64_t epoch = 7;
  std::uint64_t fields = 7;
  std::uint64_t id = 7;
  std::uint64_t card = 7;
  std::uint64_t type = 7;
};
BOOST_DESCRIBE_STRUCT(misread, (), (kind, epoch, fields, id, card, type))

template <class Record>
[[nodiscard]] constexpr storage::table<misread> damaged(const storage::table<Record>& where) {
  return {where.name, where.owner};
}

}  // namespace elsec::wear
