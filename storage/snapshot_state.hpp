#pragma once
// The inside of a snapshot, for the files of this room that make one.

#include "storage/database.hpp"
#include "storage/store.hpp"

namespace elsec::storage {

struct snapshot::state {
  const database& from;
  lmdb::transaction txn;
};

}  // namespace elsec::storage
