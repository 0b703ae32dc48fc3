#include "storage/counters.hpp"
#include "storage/snapshot_state.hpp"

namespace elsec::storage {
namespace {

// The smallest key that is larger than every key with this prefix; empty when there is none.
std::string end_of(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<std::uint8_t>(end.back()) == 0xFF) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<std::uint8_t>(end.back()) + 1);
  return end;
}

std::expected<bool, lmdb::code> start_forward(lmdb::cursor& at, std::string_view prefix, std::string_view after) {
  if (after.empty() || after < prefix) return at.at_least(prefix);
  const auto found = at.at_least(after);
  return found && *found && at.key() == after ? at.next() : found;
}

std::expected<bool, lmdb::code> start_backward(lmdb::cursor& at, std::string_view prefix, std::string_view after) {
  const auto end = end_of(prefix);
  if (!after.empty() && (end.empty() || after < end)) return at.below(after);
  return end.empty() ? at.last() : at.below(end);
}

// Moves through the rows with the prefix until `visit` returns false.
template <class Visit>
domain::result<void> for_each(const lmdb::transaction& txn, MDB_dbi table, std::string_view table_name,
                              std::string_view prefix, std::string_view after, direction way, Visit&& visit) {
  auto at = lmdb::cursor::open(txn, table);
  if (!at) return std::unexpected(environment::explain_read(at.error(), table_name));
  const bool forward = way == direction::forward;
  auto found = forward ? start_forward(*at, prefix, after) : start_backward(*at, prefix, after);
  while (found && *found && at->key().starts_with(prefix)) {
    if (!visit(*at)) return {};
    found = forward ? at->next() : at->previous();
  }
  if (!found) return std::unexpected(environment::explain_read(found.error(), table_name));
  return {};
}

}  // namespace

snapshot::snapshot(std::unique_ptr<state> s) : state_(std::move(s)) {}
snapshot::~snapshot() = default;
snapshot::snapshot(snapshot&&) noexcept = default;

domain::result<bool> snapshot::contains(std::string_view table_name, std::string_view key) const {
  const auto table = state_->from.handle(table_name);
  if (!table) return std::unexpected(table.error());
  const auto value = state_->txn.get(*table, key);
  if (!value) return std::unexpected(environment::explain_read(value.error(), table_name));
  return value->has_value();
}

domain::result<std::uint64_t> snapshot::rows_of(std::string_view table_name) const {
  const auto table = state_->from.handle(table_name);
  if (!table) return std::unexpected(table.error());
  const auto rows = state_->txn.rows_of(*table);
  if (!rows) return std::unexpected(environment::explain_read(rows.error(), table_name));
  return *rows;
}

domain::result<void> snapshot::scan_keys(std::string_view table_name, std::string_view prefix, std::string_view after,
                                         direction way, const std::function<bool(std::string_view)>& visit) const {
  const auto table = state_->from.handle(table_name);
  if (!table) return std::unexpected(table.error());
  return for_each(state_->txn, *table, table_name, prefix, after, way,
                  [&](const lmdb::cursor& at) { return visit(at.key()); });
}

domain::result<std::optional<domain::bytes>> snapshot::get_plain(std::string_view table_name, sealed_by owner,
                                                                 std::string_view key) const {
  return state_->from.get(state_->txn, table_name, owner, key);
}

domain::result<void> snapshot::walk(
    std::string_view table_name, sealed_by owner, std::string_view prefix, std::string_view after, direction way,
    const std::function<bool(std::string_view, domain::result<domain::bytes>&&)>& visit) const {
  const auto table = state_->from.handle(table_name);
  if (!table) return std::unexpected(table.error());
  domain::result<void> opened;
  auto walked = for_each(state_->txn, *table, table_name, prefix, after, way, [&](const lmdb::cursor& at) {
    auto plain = state_->from.open_value(state_->txn, table_name, owner, at.key(), at.value());
    if (plain || plain.error().code == domain::error_code::integrity) return visit(at.key(), std::move(plain));
    opened = std::unexpected(std::move(plain.error()));
    return false;
  });
  return opened ? std::move(walked) : std::move(opened);
}

domain::result<std::uint64_t> snapshot::count(const table<number>& where, std::string_view key) const {
  return count_at(state_->from, state_->txn, where, key);
}

domain::error snapshot::damaged(std::string_view table_name, std::string_view key) const {
  return state_->from.damaged(table_name, key);
}

}  // namespace elsec::storage
