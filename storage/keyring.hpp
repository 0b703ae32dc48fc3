#pragma once
// The keys that seal rows: one for the node's own rows, one for each tenant, all resting on the master key.

#include "crypto/seal.hpp"
#include "crypto/secret.hpp"

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace elsec::storage {

class keyring {
 public:
  // Tenant keys kept unwrapped at most: 32 bytes of locked memory each, 320 KB of the 8 MiB a service may lock unless
  // its unit says otherwise. Unwrapping one again takes microseconds.
  static constexpr std::size_t tenants_max = 10'000;

  explicit keyring(const crypto::secret& master_key);

  [[nodiscard]] const crypto::secret& node() const noexcept { return node_; }
  // Keyed hash, hex.
  [[nodiscard]] std::string index_hash(std::string_view purpose, std::string_view value) const;

  // What a row adds to the sum of all rows. `stamp` is of one length.
  [[nodiscard]] crypto::digest row_hash(std::string_view table_name, std::string_view key,
                                        std::string_view stamp) const;

  // A tenant's key as its row keeps it.
  [[nodiscard]] domain::bytes wrap(std::string_view organisation, const crypto::secret& key) const;
  [[nodiscard]] domain::result<crypto::secret> unwrap(std::string_view organisation,
                                                      std::span<const std::uint8_t> wrapped) const;

  // The cache of unwrapped tenant keys. Only committed keys may be remembered. Thread-safe.
  [[nodiscard]] std::optional<crypto::secret> find(std::string_view organisation) const;
  void remember(std::string_view organisation, const crypto::secret& key) const;
  [[nodiscard]] std::size_t size() const;

 private:
  struct hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  crypto::secret node_;
  crypto::secret wrapping_;
  crypto::secret index_;
  crypto::secret sum_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, crypto::secret, hash, std::equal_to<>> tenants_;
  mutable std::vector<std::string> order_;  // a ring of the remembered ones: the oldest makes room
  mutable std::size_t oldest_ = 0;
};

}  // namespace elsec::storage
