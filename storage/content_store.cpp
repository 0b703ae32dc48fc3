#include "storage/content_store.hpp"

#include "storage/environment.hpp"
#include "storage/tables.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

namespace elsec::storage {
namespace {

using domain::error_code;
using domain::fail;

constexpr std::string_view chunks_name = "chunks";    // content id, index (4 bytes, big-endian) -> sealed chunk
constexpr std::string_view pending_name = "pending";  // content id -> nothing of meaning
constexpr std::array table_list{chunks_name, pending_name};

constexpr std::string_view pending_value = "pending";

// No code of LMDB's: a chunk that cannot be replaced.
constexpr lmdb::code damaged_chunk = EUCLEAN;

constexpr std::size_t content_bytes = std::tuple_size_v<crypto::content_id>;
constexpr std::size_t index_bytes = 4;

std::string_view as_text(std::span<const std::uint8_t> value) {
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}

std::string chunk_key(const crypto::content_id& content, std::uint32_t index) {
  return std::string(as_text(content)) + big_endian(index).substr(number_bytes - index_bytes);
}

bool is_of(std::string_view key, const crypto::content_id& content) { return key.starts_with(as_text(content)); }

domain::result<void> check(const store_chunks& what) {
  const auto indexes = std::uint64_t{std::numeric_limits<std::uint32_t>::max()} - what.first_index;
  if (what.chunks.size() > indexes) return fail(error_code::invalid, "a chunk's index is out of range");
  const auto fits = [](const domain::bytes& chunk) {
    return chunk.size() > crypto::seal_overhead && chunk.size() <= crypto::chunk_sealed_max;
  };
  if (!std::ranges::all_of(what.chunks, fits)) return fail(error_code::invalid, "a sealed chunk has an unfit size");
  return {};
}

}  // namespace

struct content_store::state {
  std::unique_ptr<environment> env;
  MDB_dbi chunks = 0;
  MDB_dbi pending = 0;
  std::size_t page_bytes = 0;

  // What keeps a change from being written; MDB_SUCCESS when nothing does.
  [[nodiscard]] lmdb::code apply(lmdb::transaction& txn, const store_chunks& what) const;
  [[nodiscard]] lmdb::code apply(lmdb::transaction& txn, const settle_content& what) const;
  [[nodiscard]] lmdb::code apply(lmdb::transaction& txn, const free_content& what) const;

  [[nodiscard]] std::expected<std::optional<std::string>, lmdb::code> last_chunk(
      const lmdb::transaction& txn, const crypto::content_id& content) const;
  // Whether the chunk, if there is one, can be erased or replaced.
  [[nodiscard]] std::expected<bool, lmdb::code> may_be_given_up(const lmdb::transaction& txn,
                                                                const std::string& key) const;
  [[nodiscard]] lmdb::code mark_pending(lmdb::transaction& txn, const crypto::content_id& content) const;

  // Calls `visit(index, value)` for the chunks from `first_index` on, as long as they follow without a gap and it
  // returns true.
  template <class Visit>
  [[nodiscard]] domain::result<void> each_chunk(const crypto::content_id& content, std::uint32_t first_index,
                                                Visit&& visit) const;
};

std::expected<std::optional<std::string>, lmdb::code> content_store::state::last_chunk(
    const lmdb::transaction& txn, const crypto::content_id& content) const {
  auto at = lmdb::cursor::open(txn, chunks);
  if (!at) return std::unexpected(at.error());
  // No chunk has the largest index (check), so the content's last one is below it.
  const auto found = at->below(chunk_key(content, std::numeric_limits<std::uint32_t>::max()));
  if (!found) return std::unexpected(found.error());
  if (!*found || !is_of(at->key(), content)) return std::optional<std::string>{};
  return std::optional(std::string(at->key()));
}

std::expected<bool, lmdb::code> content_store::state::may_be_given_up(const lmdb::transaction& txn,
                                                                      const std::string& key) const {
  const auto stored = txn.get(chunks, key);
  if (!stored) return std::unexpected(stored.error());
  return !*stored || storage::may_be_given_up(**stored, page_bytes);
}

lmdb::code content_store::state::mark_pending(lmdb::transaction& txn, const crypto::content_id& content) const {
  return txn.put(pending, as_text(content), pending_value);
}

lmdb::code content_store::state::apply(lmdb::transaction& txn, const store_chunks& what) const {
  const auto last = last_chunk(txn, what.content);
  if (!last) return last.error();
  if (!*last && !what.chunks.empty())
    if (const auto rc = mark_pending(txn, what.content); rc != MDB_SUCCESS) return rc;
  auto index = what.first_index;
  for (const auto& chunk : what.chunks) {
    const auto key = chunk_key(what.content, index++);
    const auto sound = may_be_given_up(txn, key);
    if (!sound) return sound.error();
    if (!*sound) return damaged_chunk;
    if (const auto rc = txn.put(chunks, key, as_text(chunk)); rc != MDB_SUCCESS) return rc;
  }
  return MDB_SUCCESS;
}

lmdb::code content_store::state::apply(lmdb::transaction& txn, const settle_content& what) const {
  return txn.erase(pending, as_text(what.content));
}

lmdb::code content_store::state::apply(lmdb::transaction& txn, const free_content& what) const {
  auto last = last_chunk(txn, what.content);
  for (std::uint32_t freed = 0; last && *last && freed < what.chunks_max; ++freed) {
    const auto sound = may_be_given_up(txn, **last);
    if (!sound) return sound.error();
    if (!*sound) return txn.erase(pending, as_text(what.content));  // it stays: LMDB would free others' pages with it
    if (const auto rc = txn.erase(chunks, **last); rc != MDB_SUCCESS) return rc;
    last = last_chunk(txn, what.content);
  }
  if (!last) return last.error();
  return *last ? mark_pending(txn, what.content) : txn.erase(pending, as_text(what.content));
}

template <class Visit>
domain::result<void> content_store::state::each_chunk(const crypto::content_id& content, std::uint32_t first_index,
                                                      Visit&& visit) const {
  const auto txn = env->begin_read();
  if (!txn) return std::unexpected(txn.error());
  auto at = lmdb::cursor::open(*txn, chunks);
  if (!at) return std::unexpected(environment::explain_read(at.error(), chunks_name));
  auto found = at->at_least(chunk_key(content, first_index));
  for (auto index = first_index; found && *found && at->key() == chunk_key(content, index); ++index) {
    if (!visit(index, at->value())) return {};
    found = at->next();
  }
  if (!found) return std::unexpected(environment::explain_read(found.error(), chunks_name));
  return {};
}

content_store::content_store(std::unique_ptr<state> s) : state_(std::move(s)) {}
content_store::~content_store() = default;

domain::result<std::unique_ptr<content_store>> content_store::open(const std::string& folder, std::uint64_t map_bytes) {
  // Each chunk is a large value: looking at all of them would take minutes where there are many.
  auto env = environment::open({.folder = folder,
                                .map_bytes = map_bytes,
                                .readers_max = readers_max,
                                .tables_max = table_list.size(),
                                .large = large_values::passed_over});
  if (!env) return std::unexpected(std::move(env.error()));
  auto opened = std::make_unique<state>(std::move(*env));
  auto txn = opened->env->begin_write();
  if (!txn) return std::unexpected(std::move(txn.error()));
  const auto handles = environment::open_tables(*txn, table_list);
  if (!handles) return std::unexpected(handles.error());
  opened->chunks = handles->at(0);
  opened->pending = handles->at(1);
  opened->page_bytes = opened->env->page_bytes();
  if (auto done = opened->env->commit(std::move(*txn)); !done) return std::unexpected(std::move(done.error()));
  return std::unique_ptr<content_store>(new content_store(std::move(opened)));
}

domain::result<void> content_store::commit(std::span<const content_change* const> batch) {
  for (const auto* change : batch)
    if (const auto* chunks = std::get_if<store_chunks>(change))
      if (auto fits = check(*chunks); !fits) return fits;
  auto txn = state_->env->begin_write();
  if (!txn) return std::unexpected(std::move(txn.error()));
  for (const auto* change : batch) {
    const auto rc = std::visit([&](const auto& what) { return state_->apply(*txn, what); }, *change);
    if (rc == damaged_chunk) return fail(error_code::integrity, "a stored chunk is damaged and cannot be replaced");
    if (rc != MDB_SUCCESS) return std::unexpected(state_->env->explain_write(rc));
  }
  return state_->env->commit(std::move(*txn));
}

domain::result<std::vector<domain::bytes>> content_store::read(const crypto::content_id& content,
                                                               std::uint32_t first_index, std::uint32_t count) const {
  std::vector<domain::bytes> found;
  if (count == 0) return found;
  const auto visited = state_->each_chunk(content, first_index, [&](std::uint32_t, std::string_view value) {
    // As bytes: from char to unsigned char each one would be copied alone.
    const auto* const first = reinterpret_cast<const std::uint8_t*>(value.data());
    found.emplace_back(first, first + value.size());
    return found.size() < count;
  });
  if (!visited) return std::unexpected(visited.error());
  return found;
}

domain::result<std::uint32_t> content_store::stored_chunks(const crypto::content_id& content) const {
  std::uint32_t count = 0;
  const auto visited = state_->each_chunk(content, 0, [&](std::uint32_t index, std::string_view) {
    count = index + 1;
    return true;
  });
  if (!visited) return std::unexpected(visited.error());
  return count;
}

domain::result<std::vector<crypto::content_id>> content_store::list_pending(
    std::size_t count, const std::optional<crypto::content_id>& after) const {
  const auto txn = state_->env->begin_read();
  if (!txn) return std::unexpected(txn.error());
  auto at = lmdb::cursor::open(*txn, state_->pending);
  if (!at) return std::unexpected(environment::explain_read(at.error(), pending_name));
  std::vector<crypto::content_id> found;
  auto more = after ? at->at_least(as_text(*after)) : at->first();
  for (; more && *more && found.size() < count; more = at->next()) {
    if (at->key().size() != content_bytes || at->value() != pending_value)
      return fail(error_code::integrity, "table pending: a row is damaged");
    if (after && at->key() == as_text(*after)) continue;
    std::ranges::copy(at->key(), found.emplace_back().begin());
  }
  if (!more) return std::unexpected(environment::explain_read(more.error(), pending_name));
  return found;
}

domain::result<std::uint64_t> content_store::free_bytes() const { return state_->env->free_bytes(); }

void content_store::check_readers() const { state_->env->check_readers(); }

}  // namespace elsec::storage
