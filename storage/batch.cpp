#include "storage/batch.hpp"

#include "storage/counters.hpp"
#include "storage/sums.hpp"

#include <set>

namespace elsec::storage {
namespace {

using domain::error_code;
using domain::fail;

// Rows that only the store itself writes.
constexpr std::array kept_by_store{tables::tenant_keys.name, tables::counters.name, tables::usage.name,
                                   tables::set_aside.name,   tables::damaged.name,  tables::meta.name};

using founded_keys = std::map<std::string, crypto::secret, std::less<>>;

std::string_view as_text(const domain::bytes& value) {
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}

std::uint64_t moved_by(std::uint64_t value, std::int64_t change) {
  if (change >= 0) return value + static_cast<std::uint64_t>(change);
  const auto less = std::uint64_t{0} - static_cast<std::uint64_t>(change);
  return value > less ? value - less : 0;
}

}  // namespace

// Reads what a change set needs to know and collects its rows.
class batch::preparation {
 public:
  preparation(const database& in, const lmdb::transaction& txn, const founded_keys& founded)
      : in_(in), txn_(txn), founded_before_(founded) {}

  domain::result<prepared> run(const change_set& changes) {
    for (const auto& organisation : changes.founded()) add(&preparation::found, organisation);
    for (const auto& damage : changes.damages()) add(&preparation::take_out, damage);
    for (const auto& id : changes.forgotten()) add(&preparation::forget, id);
    for (const auto& write : changes.writes()) add(&preparation::apply, write);
    for (const auto& departure : changes.departures()) add(&preparation::depart, departure);
    for (const auto& envelope : changes.envelopes()) add(&preparation::send, envelope);
    for (const auto& publication : changes.publications()) add(&preparation::publish, publication);
    for (const auto& organisation : changes.recounts()) add(&preparation::recount, organisation);
    for (const auto& usage : changes.usage()) add(&preparation::add_usage, usage);
    if (ok_) ok_ = store_numbers();
    if (!ok_) return std::unexpected(std::move(ok_.error()));
    return std::move(out_);
  }

 private:
  // Does one step unless an earlier one was refused.
  template <class Step, class Part>
  void add(Step step, const Part& part) {
    if (ok_) ok_ = (this->*step)(part);
  }

  domain::result<void> found(const domain::organisation_id& organisation) {
    const auto& table = tables::tenant_keys;
    const auto& id = organisation.str();
    const auto known = exists(table.name, id);
    if (!known) return std::unexpected(known.error());
    if (*known || out_.founded.contains(id)) return fail(error_code::conflict, "the organisation exists already");
    const auto key = crypto::secret::random();
    out_.founded.emplace(id, key);
    return add_row(table.name, table.owner, id, codec::to_cbor(tenant_key_row{in_.keys.wrap(id, key)}));
  }

  domain::result<void> apply(const change_set::write& write) {
    if (std::ranges::find(kept_by_store, write.table) != kept_by_store.end())
      return fail(error_code::internal, "table " + std::string(write.table) + " is written by the store alone");
    if (write.what == change_set::action::erase) return erase_row(write.table, write.key);
    if (write.what == change_set::action::insert) {
      const auto taken = exists(write.table, write.key);
      if (!taken) return std::unexpected(taken.error());
      if (*taken) return fail(write.on_conflict, "table " + std::string(write.table) + ": the key is taken");
    }
    return add_row(write.table, write.owner, write.key, write.value);
  }

  domain::result<void> take_out(const change_set::damage& what) {
    const auto handle = in_.handle(what.table);
    if (!handle) return std::unexpected(handle.error());
    const auto stored = txn_.get(*handle, what.key);
    if (!stored) return std::unexpected(environment::explain_read(stored.error(), what.table));
    if (!*stored) return fail(error_code::conflict, "the damaged row is gone");
    const auto plain = in_.open_value(txn_, what.table, what.owner, what.key, **stored);
    if (plain && what.is_readable(*plain)) return fail(error_code::conflict, "the row is not damaged");
    if (!plain && plain.error().code != error_code::integrity) return std::unexpected(plain.error());
    if (auto room = make_room_for_damage(); !room) return room;
    const auto kept = (*stored)->substr(0, damaged_bytes_max);
    const damaged_row row{
        what.id, what.at, std::string(what.table), {what.key.begin(), what.key.end()}, {kept.begin(), kept.end()}};
    if (auto left = leave(what); !left) return left;
    return add_row(tables::damaged.name, tables::damaged.owner, what.id.str(), codec::to_cbor(row));
  }

  // Out of its table; where a counter counts the rows, it counts one less.
  domain::result<void> leave(const change_set::damage& what) {
    if (what.table == tables::set_aside.name) {
      const auto peer = what.key.substr(0, what.key.find('\0'));
      const auto rest = what.key.substr(std::min(what.key.size(), peer.size() + 1));
      auto* const waiting = number_at(tables::counters, waiting_aside(peer, rest.substr(0, rest.find('\0'))));
      if (waiting == nullptr) return ok_;
      *waiting = moved_by(*waiting, -1);
    }
    return erase_row(what.table, what.key);
  }

  // The oldest leaves; ids sort by time.
  domain::result<void> make_room_for_damage() {
    const auto handle = in_.handle(tables::damaged.name);
    const auto count = handle ? txn_.rows_of(*handle) : std::unexpected(EINVAL);
    if (!count) return std::unexpected(environment::explain_read(count.error(), tables::damaged.name));
    if (*count < damaged_rows_max) return {};
    auto at = lmdb::cursor::open(txn_, *handle);
    const auto oldest = at ? at->first() : std::unexpected(at.error());
    if (!oldest) return std::unexpected(environment::explain_read(oldest.error(), tables::damaged.name));
    return *oldest ? erase_row(tables::damaged.name, std::string(at->key())) : domain::result<void>{};
  }

  domain::result<void> forget(const domain::damage_id& id) { return erase_row(tables::damaged.name, id.str()); }

  domain::result<void> recount(const domain::organisation_id& organisation) {
    const auto bytes = recount_usage(in_, txn_, organisation.str());
    if (!bytes) return std::unexpected(bytes.error());
    numbers_[{tables::usage.name, organisation.str()}] = *bytes;
    return {};
  }

  domain::result<void> send(const change_set::envelope& envelope) {
    const auto& [peer, row, whom] = envelope;
    // A zero byte ends the peer's name and the kind in keys; one within could reach into another peer's rows.
    if (peer.empty() || peer.contains('\0') || row.kind.contains('\0'))
      return fail(error_code::internal, "unfit peer name or kind");
    if (whom == change_set::reader::every_node) return append(peer, row);
    const auto understood = exists(tables::peer_kinds.name, key_of(peer, '\0', row.kind));
    if (!understood) return std::unexpected(understood.error());
    const auto* const before_it = number_at(tables::counters, waiting_aside(peer, row.kind));
    if (before_it == nullptr) return ok_;
    return *understood && *before_it == 0 ? append(peer, row) : set_aside(peer, row);
  }

  domain::result<void> append(const std::string& peer, const outbox_row& row) {
    const auto sequence = next_position("outbox/" + peer);
    if (!sequence) return std::unexpected(sequence.error());
    if (std::ranges::find(out_.given.peers, peer) == out_.given.peers.end()) out_.given.peers.push_back(peer);
    const auto& table = tables::outbox;
    return add_row(table.name, table.owner, key_of(peer, '\0', big_endian(*sequence)), codec::to_cbor(row));
  }

  domain::result<void> set_aside(const std::string& peer, const outbox_row& row) {
    const auto position = next_position("aside/" + peer);
    if (!position) return std::unexpected(position.error());
    ++*number_at(tables::counters, waiting_aside(peer, row.kind));
    const auto& table = tables::set_aside;
    return add_row(table.name, table.owner, key_of(peer, '\0', row.kind, '\0', big_endian(*position)),
                   codec::to_cbor(row));
  }

  domain::result<void> depart(const change_set::departure& departure) {
    const auto& [peer, key, row, to_outbox] = departure;
    const auto waits = exists(tables::set_aside.name, key);
    if (!waits) return std::unexpected(waits.error());
    if (!*waits) return to_outbox ? domain::result<void>{} : fail(error_code::conflict, "the envelope was sent");
    auto* const waiting = number_at(tables::counters, waiting_aside(peer, row.kind));
    if (waiting == nullptr) return ok_;
    *waiting = moved_by(*waiting, -1);
    if (auto erased = erase_row(tables::set_aside.name, key); !erased) return erased;
    return to_outbox ? append(peer, row) : domain::result<void>{};
  }

  // How many envelopes of a kind are set aside for a peer.
  static std::string waiting_aside(const std::string& peer, const std::string& kind) {
    return "aside/" + peer + "/" + kind;
  }

  domain::result<void> publish(const change_set::publication& publication) {
    const auto& to = publication.organisation;
    const auto position = next_position("feed/" + to.str());
    if (!position) return std::unexpected(position.error());
    const auto same = [&](const auto& feed) { return feed.first == to; };
    if (const auto feed = std::ranges::find_if(out_.given.feeds, same); feed != out_.given.feeds.end())
      feed->second = *position;
    else
      out_.given.feeds.emplace_back(to, *position);
    const auto& table = tables::feed;
    return add_row(table.name, table.owner, key_of(to, big_endian(*position)), codec::to_cbor(publication.event));
  }

  domain::result<void> add_usage(const std::pair<domain::organisation_id, std::int64_t>& usage) {
    auto* const value = number_at(tables::usage, usage.first.str());
    if (value == nullptr) return ok_;
    *value = moved_by(*value, usage.second);
    return {};
  }

  domain::result<std::uint64_t> next_position(const std::string& counter) {
    auto* const value = number_at(tables::counters, counter);
    if (value == nullptr) return std::unexpected(ok_.error());
    return ++*value;
  }

  // A number row as this change set sees it, read once; null after a failure, which is then in ok_.
  std::uint64_t* number_at(const table<number>& where, const std::string& key) {
    const auto [place, is_new] = numbers_.try_emplace({where.name, key}, 0);
    if (!is_new) return &place->second;
    const auto counted = count_at(in_, txn_, where, key);
    if (!counted) {
      ok_ = std::unexpected(counted.error());
      return nullptr;
    }
    place->second = *counted;
    return &place->second;
  }

  domain::result<void> store_numbers() {
    for (const auto& [where, value] : numbers_)
      if (auto ok = add_row(where.first, sealed_by::node, where.second, codec::to_cbor(number{value})); !ok) return ok;
    return {};
  }

  // Whether a row exists, with this change set's own earlier writes taken into account.
  domain::result<bool> exists(std::string_view table_name, std::string_view key) {
    const auto handle = in_.handle(table_name);
    if (!handle) return std::unexpected(handle.error());
    if (const auto own = written_.find({*handle, std::string(key)}); own != written_.end()) return own->second;
    const auto stored = txn_.get(*handle, key);
    if (!stored) return std::unexpected(environment::explain_read(stored.error(), table_name));
    return stored->has_value();
  }

  domain::result<void> add_row(std::string_view table_name, sealed_by owner, const std::string& key,
                               const domain::bytes& plain) {
    const auto handle = in_.handle(table_name);
    if (!handle) return std::unexpected(handle.error());
    if (!lmdb::is_key(key)) return fail(error_code::invalid, "table " + std::string(table_name) + ": unfit key length");
    const auto sealing = owner == sealed_by::node ? in_.keys.node() : tenant_key(key);
    if (!sealing) return std::unexpected(sealing.error());
    written_[{*handle, key}] = true;
    out_.rows.push_back({*handle, key, database::seal(*sealing, table_name, key, plain)});
    return {};
  }

  domain::result<void> erase_row(std::string_view table_name, const std::string& key) {
    const auto handle = in_.handle(table_name);
    if (!handle) return std::unexpected(handle.error());
    if (!lmdb::is_key(key)) return {};
    written_[{*handle, key}] = false;
    out_.rows.push_back({*handle, key, {}});
    return {};
  }

  domain::result<crypto::secret> tenant_key(std::string_view row_key) const {
    const auto organisation = row_key.substr(0, tenant_prefix_bytes);
    if (const auto own = out_.founded.find(organisation); own != out_.founded.end()) return own->second;
    if (const auto own = founded_before_.find(organisation); own != founded_before_.end()) return own->second;
    return in_.tenant_key(txn_, organisation);
  }

  const database& in_;
  const lmdb::transaction& txn_;
  const founded_keys& founded_before_;
  prepared out_;
  domain::result<void> ok_;
  std::map<std::pair<MDB_dbi, std::string>, bool> written_;  // the row's existence after this change set's last write
  std::map<std::pair<std::string_view, std::string>, std::uint64_t> numbers_;
};

domain::result<batch> batch::begin(database& in) {
  auto txn = in.env->begin_write();
  if (!txn) return std::unexpected(std::move(txn.error()));
  return batch(in, std::move(*txn));
}

domain::result<batch::prepared> batch::prepare(const change_set& changes) const {
  return preparation(*in_, txn_, founded_).run(changes);
}

lmdb::code batch::write(prepared what) {
  for (const auto& row : what.rows)
    if (const auto rc = write_row(row.table, row.key, as_text(row.sealed)); rc != MDB_SUCCESS) return rc;
  founded_.merge(what.founded);
  return MDB_SUCCESS;
}

lmdb::code batch::write_row(MDB_dbi table, std::string_view key, std::string_view sealed) {
  const auto place = in_->place_of(table);
  written_.push_back(database::change_of(place, key));
  const auto before = txn_.get(table, key);
  if (!before) return before.error();
  if (*before) count_row(*in_, sum_, place, key, stamp_of(*in_, txn_, place, key, **before));
  if (sealed.empty()) return *before ? txn_.erase(table, key) : MDB_SUCCESS;
  count_row(*in_, sum_, place, key, sealed.substr(0, stamp_bytes));
  return txn_.put(table, key, sealed);
}

lmdb::code batch::write_meta(std::string_view key, const std::string& value) {
  const auto& table = tables::meta;
  const auto handle = in_->handle(table.name);
  const auto sealed = database::seal(in_->keys.node(), table.name, key, codec::to_cbor(text_value{value}));
  return handle ? write_row(*handle, key, as_text(sealed)) : EINVAL;
}

lmdb::code batch::write_sum() {
  const auto& table = tables::meta;
  const auto handle = in_->handle(table.name);
  const auto sealed =
      database::seal(in_->keys.node(), table.name, sum_key, codec::to_cbor(text_value{crypto::to_hex(sum_)}));
  return handle ? txn_.put(*handle, sum_key, as_text(sealed)) : EINVAL;
}

domain::result<void> batch::commit() && {
  const auto rc = written_.empty() ? MDB_SUCCESS : write_sum();
  if (rc != MDB_SUCCESS) {
    const auto dropped = std::move(txn_);
    return std::unexpected(in_->env->explain_write(rc));
  }
  if (auto done = in_->env->commit(std::move(txn_)); !done) return done;
  in_->sum = sum_;
  for (const auto row : written_) ++in_->changes[row];
  for (const auto& [organisation, key] : founded_) in_->keys.remember(organisation, key);
  return {};
}

}  // namespace elsec::storage
