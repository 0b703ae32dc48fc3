#pragma once
// Credentials that were looked up lately, so that a request need not open and decode its credential's row again. An
// entry holds as long as no commit has written to its row since (store::changes_of): a credential that was ended is
// refused from the moment anyone is told so. Thread-safe.

#include "domain/access.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace elsec::actors {

class credential_cache {
 public:
  // Beyond it all are forgotten: looking them up again costs little.
  static constexpr std::size_t entries_max = 10'000;

  [[nodiscard]] std::optional<domain::credential_row> find(const std::string& credential, std::uint64_t version) {
    const std::scoped_lock lock(mutex_);
    const auto found = entries_.find(credential);
    if (found == entries_.end() || found->second.version != version) return std::nullopt;
    return found->second.row;
  }

  // `version`: what changes_of() said before the snapshot was opened that showed the row.
  void keep(const std::string& credential, std::uint64_t version, const domain::credential_row& row) {
    const std::scoped_lock lock(mutex_);
    if (entries_.size() >= entries_max) entries_.clear();
    entries_.insert_or_assign(credential, entry{version, row});
  }

 private:
  struct entry {
    std::uint64_t version;
    domain::credential_row row;
  };
  std::mutex mutex_;
  std::unordered_map<std::string, entry> entries_;
};

}  // namespace elsec::actors
