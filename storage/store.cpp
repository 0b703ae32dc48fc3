#include "storage/store.hpp"

#include "crypto/random.hpp"
#include "storage/batch.hpp"
#include "storage/snapshot_state.hpp"
#include "storage/sums.hpp"

#include <array>
#include <charconv>

namespace elsec::storage {
namespace {

using domain::error_code;
using domain::fail;

constexpr std::string_view schema_key = "schema";
constexpr std::string_view epoch_key = "epoch";
constexpr std::string_view indexes_key = "indexes";
constexpr std::size_t epoch_bytes = 16;

domain::error unfit_key() {
  return {
      error_code::integrity,
      "the master key does not fit this database (or its table meta is damaged); start with the key it was made with",
      {}};
}

// Before version 6 values ended with their seal.
bool is_of_older_version(const database& from, const lmdb::transaction& txn) {
  const auto handle = from.handle(tables::meta.name);
  const auto stored = handle ? txn.get(*handle, schema_key) : std::unexpected(EINVAL);
  return stored && *stored && from.opens(txn, from.place_of(*handle), schema_key, **stored);
}

// A row of `meta`; nothing where it is missing.
domain::result<std::optional<std::string>> read_meta(const database& from, const lmdb::transaction& txn,
                                                     std::string_view key) {
  const auto& table = tables::meta;
  const auto plain = from.get(txn, table.name, table.owner, key);
  if (!plain) return std::unexpected(plain.error().code == error_code::integrity ? unfit_key() : plain.error());
  if (!*plain) return std::optional<std::string>{};
  auto row = codec::from_cbor<text_value>(**plain);
  if (!row) return std::unexpected(unfit_key());
  return std::optional(std::move(row->value));
}

domain::result<std::uint64_t> parse_version(const std::string& text) {
  std::uint64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc{} || end != text.data() + text.size()) return std::unexpected(unfit_key());
  return version;
}

domain::result<bool> is_empty(const database& in, const lmdb::transaction& txn) {
  for (std::size_t i = 0; i < table_names.size(); ++i) {
    auto at = lmdb::cursor::open(txn, in.handles[i]);
    const auto found = at ? at->first() : std::unexpected(at.error());
    if (!found) return std::unexpected(environment::explain_read(found.error(), table_names[i]));
    if (*found) return false;
  }
  return true;
}

// Whether an empty environment was made into a fresh one; an existing one stays as it is.
domain::result<void> make_fresh(const database& in, batch& first, std::uint64_t version) {
  const auto empty = is_empty(in, first.txn());
  if (!empty) return std::unexpected(empty.error());
  if (!*empty) return fail(error_code::integrity, "table meta: the schema version is missing");
  auto rc = first.write_meta(schema_key, std::to_string(version));
  if (rc == MDB_SUCCESS) rc = first.write_meta(epoch_key, new_epoch());
  if (rc != MDB_SUCCESS) return std::unexpected(in.env->explain_write(rc));
  return {};
}

// Opens the tables and proves the key; gives the schema version found. Nothing is left behind when it fails.
domain::result<std::uint64_t> open_tables(database& in, std::uint64_t newest_version) {
  auto first = batch::begin(in);
  if (!first) return std::unexpected(std::move(first.error()));
  const auto handles = environment::open_tables(first->txn(), table_names);
  if (!handles) return std::unexpected(handles.error());
  std::ranges::copy(*handles, in.handles.begin());
  const auto text = read_meta(in, first->txn(), schema_key);
  if (!text && is_of_older_version(in, first->txn()))
    return fail(error_code::invalid,
                "the database was written by an older version of this program, which this one does not read: start "
                "that one, or name an empty data folder");
  if (!text) return std::unexpected(text.error());
  const auto version = *text ? parse_version(**text) : newest_version;
  if (!version) return version;
  if (*version > newest_version)
    return fail(error_code::invalid, "the database was written by a newer version of this program; start that one");
  if (!*text)
    if (auto made = make_fresh(in, *first, newest_version); !made) return std::unexpected(std::move(made.error()));
  if (auto done = std::move(*first).commit(); !done) return std::unexpected(std::move(done.error()));
  return version;
}

}  // namespace

std::string new_epoch() {
  std::array<std::uint8_t, epoch_bytes> random{};
  crypto::random_bytes(random);
  return crypto::to_hex(random);
}

schema current_schema() { return {}; }

struct store::state {
  using results = std::vector<domain::result<committed>>;

  state(std::unique_ptr<environment> env, const crypto::secret& master_key) : db(std::move(env), master_key) {}

  database db;
  std::string epoch;

  [[nodiscard]] domain::result<snapshot> read() const;
  // Brings the rows to the newest version, one transaction for each step.
  [[nodiscard]] domain::result<void> migrate(std::uint64_t version, const schema& to);
  // Makes the indexes anew when they were made with something else.
  [[nodiscard]] domain::result<void> renew_indexes(const std::optional<schema::index_origin>& origin);
  // What `changes` says of the rows as they are, and a row of `meta`, in one transaction.
  [[nodiscard]] domain::result<void> change_once(
      const std::function<domain::result<change_set>(const snapshot& before)>& changes, std::string_view meta_key,
      const std::string& meta_value);
  // Compares the rows with the sum last written, or has them make the sum.
  [[nodiscard]] domain::result<void> prove_rows(found_rows what);
  // One result for each change set, or what kept the whole transaction from taking effect.
  [[nodiscard]] domain::result<results> try_commit(std::span<const change_set* const> sets);
};

domain::result<void> store::state::change_once(
    const std::function<domain::result<change_set>(const snapshot& before)>& changes, std::string_view meta_key,
    const std::string& meta_value) {
  auto before = read();
  if (!before) return std::unexpected(std::move(before.error()));
  const auto wanted = changes(*before);
  if (!wanted) return std::unexpected(wanted.error());
  auto one = batch::begin(db);
  if (!one) return std::unexpected(std::move(one.error()));
  auto prepared = one->prepare(*wanted);
  if (!prepared) return std::unexpected(std::move(prepared.error()));
  auto rc = one->write(std::move(*prepared));
  if (rc == MDB_SUCCESS) rc = one->write_meta(meta_key, meta_value);
  if (rc != MDB_SUCCESS) return std::unexpected(db.env->explain_write(rc));
  return std::move(*one).commit();
}

domain::result<void> store::state::migrate(std::uint64_t version, const schema& to) {
  for (; version < to.version; ++version) {
    const auto step = std::ranges::find(to.migrations, version, &schema::migration::from);
    if (step == to.migrations.end())
      return fail(error_code::invalid,
                  "the database has schema version " + std::to_string(version) +
                      ", which this program does not read: start the one that wrote it, or name an empty data folder");
    if (auto done = change_once(step->changes, schema_key, std::to_string(version + 1)); !done) return done;
  }
  return {};
}

domain::result<void> store::state::prove_rows(found_rows what) {
  auto txn = db.env->begin_read();
  if (!txn) return std::unexpected(std::move(txn.error()));
  if (auto taken = take_sum(db, *txn, what); !taken) return taken;
  if (what == found_rows::must_be_those_written) return {};
  auto one = batch::begin(db);
  if (!one) return std::unexpected(std::move(one.error()));
  if (const auto rc = one->write_sum(); rc != MDB_SUCCESS) return std::unexpected(db.env->explain_write(rc));
  return std::move(*one).commit();
}

domain::result<void> store::state::renew_indexes(const std::optional<schema::index_origin>& origin) {
  if (!origin) return {};
  auto txn = db.env->begin_read();
  if (!txn) return std::unexpected(std::move(txn.error()));
  const auto known = read_meta(db, *txn, indexes_key);
  if (!known) return std::unexpected(known.error());
  if (*known == origin->made_with) return {};
  return change_once(origin->remake, indexes_key, origin->made_with);
}

domain::result<snapshot> store::state::read() const {
  auto txn = db.env->begin_read();
  if (!txn) return std::unexpected(std::move(txn.error()));
  return snapshot(std::unique_ptr<snapshot::state>(new snapshot::state{db, std::move(*txn)}));
}

domain::result<store::state::results> store::state::try_commit(std::span<const change_set* const> sets) {
  auto one = batch::begin(db);
  if (!one) return std::unexpected(std::move(one.error()));
  results given;
  given.reserve(sets.size());
  bool any = false;
  for (const auto* set : sets) {
    auto prepared = one->prepare(*set);
    if (!prepared) {
      given.emplace_back(std::unexpected(std::move(prepared.error())));
      continue;
    }
    any = true;
    given.emplace_back(prepared->given);
    if (const auto rc = one->write(std::move(*prepared)); rc != MDB_SUCCESS)
      return std::unexpected(db.env->explain_write(rc));
  }
  if (!any) return given;
  if (auto done = std::move(*one).commit(); !done) return std::unexpected(std::move(done.error()));
  return given;
}

store::store(std::unique_ptr<state> s) : state_(std::move(s)) {}
store::~store() = default;

domain::result<std::unique_ptr<store>> store::open(const store_options& options, const crypto::secret& master_key,
                                                   const schema& shape) {
  auto env = environment::open({.folder = options.folder,
                                .map_bytes = options.map_bytes,
                                .readers_max = options.readers_max,
                                .tables_max = table_names.size(),
                                .large = large_values::looked_at});
  if (!env) return std::unexpected(std::move(env.error()));
  auto opened = std::make_unique<state>(std::move(*env), master_key);
  const auto version = open_tables(opened->db, shape.version);
  if (!version) return std::unexpected(version.error());
  const auto found = options.accept_rows ? found_rows::count_from_now_on : found_rows::must_be_those_written;
  if (auto proven = opened->prove_rows(found); !proven) return std::unexpected(std::move(proven.error()));
  if (auto migrated = opened->migrate(*version, shape); !migrated) return std::unexpected(std::move(migrated.error()));
  if (auto renewed = opened->renew_indexes(shape.indexes); !renewed) return std::unexpected(std::move(renewed.error()));
  auto txn = opened->db.env->begin_read();
  if (!txn) return std::unexpected(std::move(txn.error()));
  auto epoch = read_meta(opened->db, *txn, epoch_key);
  if (!epoch) return std::unexpected(std::move(epoch.error()));
  if (!*epoch) return fail(error_code::integrity, "table meta: the epoch is missing");
  opened->epoch = std::move(**epoch);
  return std::unique_ptr<store>(new store(std::move(opened)));
}

domain::result<snapshot> store::read() const { return state_->read(); }

std::vector<domain::result<committed>> store::commit(std::span<const change_set* const> batch) {
  auto together = state_->try_commit(batch);
  if (together) return std::move(*together);
  auto last_error = std::move(together.error());
  const bool hopeless = batch.size() == 1 || last_error.code == error_code::io;
  if (hopeless) return {batch.size(), std::unexpected(last_error)};
  std::vector<domain::result<committed>> results;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto alone =
        last_error.code == error_code::io ? std::unexpected(last_error) : state_->try_commit(batch.subspan(i, 1));
    if (alone) {
      results.push_back(std::move(alone->front()));
    } else {
      last_error = alone.error();
      results.emplace_back(std::unexpected(std::move(alone.error())));
    }
  }
  return results;
}

std::uint64_t store::changes_of(std::string_view table_name, std::string_view key) const noexcept {
  const auto found = std::ranges::find(table_names, table_name);
  if (found == table_names.end()) return 0;
  return state_->db.changes[database::change_of(static_cast<std::size_t>(found - table_names.begin()), key)].load();
}

std::vector<std::pair<std::string_view, std::uint64_t>> store::damage_met() const {
  std::vector<std::pair<std::string_view, std::uint64_t>> met;
  for (std::size_t i = 0; i < table_names.size(); ++i)
    if (const auto count = state_->db.damage_met[i].load(); count > 0) met.emplace_back(table_names[i], count);
  return met;
}

domain::result<crypto::secret> store::tenant_key(const domain::organisation_id& organisation) const {
  if (auto known = state_->db.keys.find(organisation.str())) return std::move(*known);
  auto txn = state_->db.env->begin_read();
  if (!txn) return std::unexpected(std::move(txn.error()));
  return state_->db.tenant_key(*txn, organisation.str());
}

std::string store::index_hash(std::string_view purpose, std::string_view value) const {
  return state_->db.keys.index_hash(purpose, value);
}

const std::string& store::epoch() const noexcept { return state_->epoch; }

domain::result<std::uint64_t> store::free_bytes() const { return state_->db.env->free_bytes(); }

void store::check_readers() const { state_->db.env->check_readers(); }

}  // namespace elsec::storage
