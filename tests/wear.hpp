#pragma once
// A row that opens, and is no record of its table: what a test puts where a row shall be damaged.

#include "storage/tables.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <string>

namespace elsec::wear {

// Each table's record has one of these members, and it is no such thing.
struct misread {
  std::uint64_t kind = 7;
  std::uint64_t epoch = 7;
  std::uint64_t fields = 7;
  std::uint64_t id = 7;
  std::uint64_t card = 7;
  std::uint64_t type = 7;
  std::string closes_at = "never";  // this is a time
};
BOOST_DESCRIBE_STRUCT(misread, (), (kind, epoch, fields, id, card, type, closes_at))

template <class Record>
[[nodiscard]] constexpr storage::table<misread> damaged(const storage::table<Record>& where) {
  return {where.name, where.owner};
}

}  // namespace elsec::wear
