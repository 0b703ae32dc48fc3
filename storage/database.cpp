#include "storage/database.hpp"

#include "codec/cbor.hpp"

namespace elsec::storage {
namespace {

using domain::error_code;
using domain::fail;

// Table and key are authenticated with every value: a value in the wrong place does not open.
std::string seal_context(std::string_view table_name, std::string_view row_key) {
  std::string context;
  context.reserve(table_name.size() + 1 + row_key.size());
  context += table_name;
  context += '\0';
  context += row_key;
  return context;
}

std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

domain::result<MDB_dbi> database::handle(std::string_view table_name) const {
  const auto found = std::ranges::find(table_names, table_name);
  if (found == table_names.end()) return fail(error_code::internal, "no such table: " + std::string(table_name));
  return handles[static_cast<std::size_t>(found - table_names.begin())];
}

domain::result<std::optional<domain::bytes>> database::get(const lmdb::transaction& txn, std::string_view table_name,
                                                           sealed_by owner, std::string_view key) const {
  const auto where = handle(table_name);
  if (!where) return std::unexpected(where.error());
  const auto sealed = txn.get(*where, key);
  if (!sealed) return std::unexpected(environment::explain_read(sealed.error(), table_name));
  if (!*sealed) return std::optional<domain::bytes>{};
  auto plain = open_value(txn, table_name, owner, key, **sealed);
  if (!plain) return std::unexpected(std::move(plain.error()));
  return std::optional(std::move(*plain));
}

std::size_t database::place_of(MDB_dbi wanted) const noexcept {
  return static_cast<std::size_t>(std::ranges::find(handles, wanted) - handles.begin());
}

domain::result<domain::bytes> database::unseal(const lmdb::transaction& txn, std::string_view table_name,
                                               sealed_by owner, std::string_view key, std::string_view sealed) const {
  const auto context = seal_context(table_name, key);
  if (owner == sealed_by::node) return crypto::open(keys.node(), as_bytes(sealed), context);
  const auto sealing = tenant_key(txn, key.substr(0, tenant_prefix_bytes));
  if (!sealing) return std::unexpected(sealing.error());
  return crypto::open(*sealing, as_bytes(sealed), context);
}

bool database::opens(const lmdb::transaction& txn, std::size_t table, std::string_view key,
                     std::string_view sealed) const {
  return unseal(txn, table_names[table], table_owners[table], key, sealed).has_value();
}

domain::result<domain::bytes> database::open_value(const lmdb::transaction& txn, std::string_view table_name,
                                                   sealed_by owner, std::string_view key,
                                                   std::string_view stored) const {
  if (stored.size() < stamp_bytes) return std::unexpected(damaged(table_name, key));
  auto plain = unseal(txn, table_name, owner, key, stored.substr(0, stored.size() - stamp_bytes));
  if (plain) return plain;
  // A row without a tenant has lost its key: damage, not absence.
  const auto code = plain.error().code;
  if (code == error_code::integrity || code == error_code::not_found) return std::unexpected(damaged(table_name, key));
  return plain;
}

domain::result<crypto::secret> database::tenant_key(const lmdb::transaction& txn, std::string_view organisation) const {
  if (auto known = keys.find(organisation)) return std::move(*known);
  const auto& table = tables::tenant_keys;
  const auto plain = get(txn, table.name, table.owner, organisation);
  if (!plain) return std::unexpected(plain.error());
  if (!*plain) return fail(error_code::not_found, "there is no such tenant");
  const auto row = codec::from_cbor<tenant_key_row>(**plain);
  auto key = row ? keys.unwrap(organisation, row->wrapped) : std::unexpected(row.error());
  if (!key) return std::unexpected(damaged(table.name, organisation));
  keys.remember(organisation, *key);
  return key;
}

domain::bytes database::seal(const crypto::secret& key, std::string_view table_name, std::string_view row_key,
                             std::span<const std::uint8_t> plain) {
  auto stored = crypto::seal(key, plain, seal_context(table_name, row_key));
  const domain::bytes stamp(stored.begin(), stored.begin() + stamp_bytes);
  stored.insert(stored.end(), stamp.begin(), stamp.end());
  return stored;
}

domain::error database::damaged(std::string_view table_name, std::string_view key) const {
  if (const auto found = std::ranges::find(table_names, table_name); found != table_names.end())
    ++damage_met[static_cast<std::size_t>(found - table_names.begin())];
  return {error_code::integrity,
          "table " + std::string(table_name) + ", key " + printable_key(key) + ": the stored value is damaged",
          {}};
}

}  // namespace elsec::storage
