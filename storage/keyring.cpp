#include "storage/keyring.hpp"

namespace elsec::storage {
namespace {

std::string wrap_context(std::string_view organisation) { return "elsec tenant key of " + std::string(organisation); }

}  // namespace

keyring::keyring(const crypto::secret& master_key)
    : node_(crypto::derive(master_key, "elsec storage: rows of the node")),
      wrapping_(crypto::derive(master_key, "elsec storage: tenant keys")),
      index_(crypto::derive(master_key, "elsec storage: index hashes")),
      sum_(crypto::derive(master_key, "elsec storage: sum of all rows")) {}

std::string keyring::index_hash(std::string_view purpose, std::string_view value) const {
  std::string text(purpose);
  text += '\0';
  text += value;
  return crypto::to_hex(crypto::keyed_hash(index_, text));
}

crypto::digest keyring::row_hash(std::string_view table_name, std::string_view key, std::string_view stamp) const {
  std::string text;
  text.reserve(table_name.size() + 1 + key.size() + stamp.size());
  text += table_name;
  text += '\0';
  text += key;
  text += stamp;
  return crypto::keyed_hash(sum_, text);
}

domain::bytes keyring::wrap(std::string_view organisation, const crypto::secret& key) const {
  return crypto::wrap(wrapping_, key, wrap_context(organisation));
}

domain::result<crypto::secret> keyring::unwrap(std::string_view organisation,
                                               std::span<const std::uint8_t> wrapped) const {
  return crypto::unwrap(wrapping_, wrapped, wrap_context(organisation));
}

std::optional<crypto::secret> keyring::find(std::string_view organisation) const {
  const std::scoped_lock lock(mutex_);
  const auto found = tenants_.find(organisation);
  if (found == tenants_.end()) return std::nullopt;
  return found->second;
}

void keyring::remember(std::string_view organisation, const crypto::secret& key) const {
  const std::scoped_lock lock(mutex_);
  if (!tenants_.try_emplace(std::string(organisation), key).second) return;
  if (order_.size() < tenants_max) {
    order_.emplace_back(organisation);
    return;
  }
  tenants_.erase(order_[oldest_]);
  order_[oldest_] = organisation;
  oldest_ = (oldest_ + 1) % tenants_max;
}

std::size_t keyring::size() const {
  const std::scoped_lock lock(mutex_);
  return tenants_.size();
}

}  // namespace elsec::storage
