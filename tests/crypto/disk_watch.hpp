#pragma once
// What lies written and not synced: the C library's pwrite, fsync and fdatasync are replaced in this program by ones
// that keep count, by file.

#include <cstdint>
#include <string>

namespace elsec::crypto_test {

// Bytes written to the file since its last sync, and since the watch began.
[[nodiscard]] std::uint64_t unsynced_bytes(const std::string& path);

}  // namespace elsec::crypto_test
