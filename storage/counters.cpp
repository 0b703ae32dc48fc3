#include "storage/counters.hpp"

#include "codec/cbor.hpp"

#include <functional>

namespace elsec::storage {
namespace {

using domain::error_code;

// Visits the rows whose keys begin with `prefix`, in order.
domain::result<void> for_rows(const database& in, const lmdb::transaction& txn, std::string_view table_name,
                              std::string_view prefix, const std::function<void(const lmdb::cursor&)>& visit) {
  const auto handle = in.handle(table_name);
  if (!handle) return std::unexpected(handle.error());
  auto at = lmdb::cursor::open(txn, *handle);
  auto found = at ? at->at_least(prefix) : std::unexpected(at.error());
  while (found && *found && at->key().starts_with(prefix)) {
    visit(*at);
    found = at->next();
  }
  if (!found) return std::unexpected(environment::explain_read(found.error(), table_name));
  return {};
}

// The highest number at the end of a key.
domain::result<std::uint64_t> last_position(const database& in, const lmdb::transaction& txn,
                                            std::string_view table_name, const std::string& prefix) {
  std::uint64_t last = 0;
  const auto walked = for_rows(in, txn, table_name, prefix,
                               [&](const lmdb::cursor& at) { last = std::max(last, trailing_number(at.key())); });
  if (!walked) return std::unexpected(walked.error());
  return last;
}

// Only acknowledged rows are ever trimmed.
domain::result<std::uint64_t> last_sequence(const database& in, const lmdb::transaction& txn, std::string_view peer) {
  const auto last = last_position(in, txn, tables::outbox.name, key_of(peer, '\0'));
  if (!last || *last > 0) return last;
  const auto& marks = tables::outbox_marks;
  const auto plain = in.get(txn, marks.name, marks.owner, peer);
  if (!plain) return std::unexpected(plain.error());
  if (!*plain) return 0;
  const auto mark = codec::from_cbor<outbox_mark>(**plain);
  if (!mark) return std::unexpected(in.damaged(marks.name, peer));
  return mark->acknowledged;
}

domain::result<std::uint64_t> how_many_aside(const database& in, const lmdb::transaction& txn,
                                             const std::string& prefix) {
  std::uint64_t count = 0;
  const auto walked = for_rows(in, txn, tables::set_aside.name, prefix, [&](const lmdb::cursor&) { ++count; });
  if (!walked) return std::unexpected(walked.error());
  return count;
}

domain::result<std::uint64_t> recount(const database& in, const lmdb::transaction& txn, std::string_view counter) {
  const auto slash = counter.find('/');
  const auto what = counter.substr(0, slash);
  const auto whose = slash == std::string_view::npos ? std::string_view{} : counter.substr(slash + 1);
  if (what == "outbox") return last_sequence(in, txn, whose);
  if (what == "feed") return last_position(in, txn, tables::feed.name, std::string(whose));
  if (what == "aside") {
    const auto kind = whose.find('/');
    if (kind == std::string_view::npos) return last_position(in, txn, tables::set_aside.name, key_of(whose, '\0'));
    return how_many_aside(in, txn, key_of(whose.substr(0, kind), '\0', whose.substr(kind + 1), '\0'));
  }
  return std::unexpected(in.damaged(tables::counters.name, counter));
}

}  // namespace

domain::result<std::uint64_t> count_at(const database& in, const lmdb::transaction& txn, const table<number>& where,
                                       std::string_view key) {
  const auto plain = in.get(txn, where.name, where.owner, key);
  if (plain && !*plain) return 0;
  if (!plain && plain.error().code != error_code::integrity) return std::unexpected(plain.error());
  if (plain)
    if (const auto row = codec::from_cbor<number>(**plain)) return row->value;
  return where.name == tables::usage.name ? recount_usage(in, txn, key) : recount(in, txn, key);
}

domain::result<std::uint64_t> recount_usage(const database& in, const lmdb::transaction& txn,
                                            std::string_view organisation) {
  std::uint64_t bytes = 0;
  const auto& documents = tables::documents;
  const auto walked = for_rows(in, txn, documents.name, organisation, [&](const lmdb::cursor& at) {
    const auto plain = in.open_value(txn, documents.name, documents.owner, at.key(), at.value());
    const auto row = plain ? codec::from_cbor<domain::document_row>(*plain) : std::unexpected(plain.error());
    if (row) bytes += row->size;
  });
  if (!walked) return std::unexpected(walked.error());
  return bytes;
}

}  // namespace elsec::storage
