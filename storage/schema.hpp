#pragma once
// The schema version of the `state` environment and the way from an older one. Fields are added by name with a default
// and need no migration; a migration is for what a default cannot say.

#include "domain/error.hpp"
#include "storage/change_set.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace elsec::storage {

class snapshot;

struct schema {
  // Leads from version `from` to the next: reads the old rows and says what changes. Its changes and the new version
  // take effect in one transaction, so a start that was cut off goes on where it stopped.
  struct migration {
    std::uint64_t from = 0;
    std::function<domain::result<change_set>(const snapshot& before)> changes;
  };

  // Indexes are made with more than the schema tells of, such as the Unicode data of a library. `made_with` names it
  // (any text); an environment that was last opened with another, or none, has `remake` say what changes. Its changes
  // and the new name take effect in one transaction, so a start that was cut off, or fails, does it again.
  struct index_origin {
    std::string made_with;
    std::function<domain::result<change_set>(const snapshot& before)> remake;
  };

  std::uint64_t version = schema_version;
  std::vector<migration> migrations{};
  std::optional<index_origin> indexes{};
};

// This room's schema; what the indexes are made of and with is known to those who fill them.
[[nodiscard]] schema current_schema();

}  // namespace elsec::storage
