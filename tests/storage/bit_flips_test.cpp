// One bit of a stored value tips over, anywhere in either environment: whoever reads it is told which value is damaged.

#include "crypto/content.hpp"
#include "storage/content_store.hpp"
#include "tests/storage/support.hpp"

#include <random>

namespace elsec::storage::testing {
namespace {

constexpr int flips = 1'000;

struct described {
  std::string_view name;
  sealed_by owner;
};

constexpr auto every_table = std::to_array<described>({
#define ELSEC_TABLE(name, record, sealer, kind) {#name, sealed_by::sealer},
#include "storage/table_list.inc"
#undef ELSEC_TABLE
});

// The table with rows of text instead of its own record: how a value is sealed and opened does not depend on it.
template <std::size_t Index>
constexpr table<text_value> as_text{every_table[Index].name, every_table[Index].owner};

template <class Visit>
void each_table(Visit&& visit) {
  [&]<std::size_t... Index>(std::index_sequence<Index...>) {
    (visit(as_text<Index>), ...);
  }(std::make_index_sequence<every_table.size()>{});
}

// What the store itself reads when it opens, or writes in every commit, keeps its own records.
bool is_the_stores_own(std::string_view table_name) {
  return table_name == tables::tenant_keys.name || table_name == tables::usage.name ||
         table_name == tables::counters.name || table_name == tables::feed.name || table_name == tables::outbox.name ||
         table_name == tables::set_aside.name || table_name == tables::damaged.name || table_name == tables::meta.name;
}

void populate(const temp_folder& folder, std::mt19937& random) {
  const auto store = open_with_tenants(folder);
  change_set changes;
  each_table([&](const table<text_value>& where) {
    if (is_the_stores_own(where.name)) return;
    for (std::uint8_t i = 1; i <= 3; ++i) {
      const std::string own = "row " + std::to_string(i);
      const auto key = where.owner == sealed_by::tenant ? key_of(org(1 + i % 2), own) : own;
      changes.put(where, key, {std::string(random() % 3'000, 'v')});  // long ones lie on pages of their own
    }
  });
  for (std::uint8_t i = 1; i <= 2; ++i) {
    changes.send("peer", {.kind = "test", .id = std::to_string(i)});
    changes.send("peer", {.kind = "new", .id = std::to_string(i)}, change_set::reader::whoever_understands);
    changes.publish(org(i), {.type = std::string(domain::document_received)});
    changes.add_usage(org(i), 1'000);
  }
  must_commit(*store, changes);
}

template <class Record>
void read_into(domain::error& found, const store& from, const table<Record>& where, std::string_view table_name,
               const std::string& key) {
  if (where.name != table_name) return;
  if (const auto row = get(from, where, key); !row) found = row.error();
}

domain::error error_reading(const store& from, std::string_view table_name, const std::string& key) {
  domain::error found;
  if (is_the_stores_own(table_name)) {
    read_into(found, from, tables::tenant_keys, table_name, key);
    read_into(found, from, tables::usage, table_name, key);
    read_into(found, from, tables::counters, table_name, key);
    read_into(found, from, tables::feed, table_name, key);
    read_into(found, from, tables::outbox, table_name, key);
    read_into(found, from, tables::set_aside, table_name, key);
    read_into(found, from, tables::meta, table_name, key);
  } else {
    each_table([&](const table<text_value>& where) { read_into(found, from, where, table_name, key); });
  }
  return found;
}

// As it was, with one bit of one value changed behind the store's back.
class flipped {
 public:
  flipped(std::string folder, std::string_view table_name, std::string key, std::mt19937& random)
      : folder_(std::move(folder)), table_(table_name), key_(std::move(key)) {
    raw_environment raw(folder_);
    good_ = raw.get(table_, key_);
    auto bad = good_;
    const auto bit = random() % (bad.size() * 8);
    bytes_behind_ = bad.size() - 1 - bit / 8;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    raw.put(table_, key_, bad);
  }
  ~flipped() { raw_environment(folder_).put(table_, key_, good_); }
  // How far from the end it is.
  [[nodiscard]] std::size_t bytes_behind() const { return bytes_behind_; }
  flipped(const flipped&) = delete;
  flipped& operator=(const flipped&) = delete;

 private:
  std::string folder_;
  std::string_view table_;
  std::string key_;
  std::string good_;
  std::size_t bytes_behind_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(a_flipped_bit)

BOOST_AUTO_TEST_CASE(in_any_table_is_an_integrity_error_naming_table_and_row) {
  std::mt19937 random(7);  // NOLINT: the same flips every time
  const temp_folder folder{temp_folder::in_memory()};
  populate(folder, random);
  std::vector<std::pair<std::string_view, std::string>> rows;
  {
    const raw_environment raw(folder.in("state"));
    for (const auto& one : every_table)
      for (auto& key : raw.keys(one.name)) rows.emplace_back(one.name, std::move(key));
  }
  for (int i = 0; i < flips; ++i) {
    const auto& [table_name, key] = rows[random() % rows.size()];
    const flipped bit(folder.in("state"), table_name, key, random);
    // Without its own version a store does not open, and says why.
    const auto opened = store::open(options_in(folder), master());
    const auto error = opened ? error_reading(**opened, table_name, key) : opened.error();
    BOOST_REQUIRE_MESSAGE(opened || table_name == tables::meta.name, error.detail);
    if (bit.bytes_behind() < 8) {  // the stamp at the end, which a reader does not need
      BOOST_REQUIRE_MESSAGE(error.detail.empty(), table_name << ' ' << error.detail);
      continue;
    }
    BOOST_REQUIRE_MESSAGE(error.code == error_code::integrity, table_name << ' ' << error.detail);
    BOOST_REQUIRE_MESSAGE(error.detail.contains(table_name), table_name << ' ' << error.detail);
  }
  const auto store = open_store(folder);
  for (const auto& [table_name, key] : rows) BOOST_TEST(error_reading(*store, table_name, key).detail == "");
}

BOOST_AUTO_TEST_CASE(in_a_chunk_is_an_integrity_error) {
  std::mt19937 random(7);  // NOLINT: the same flips every time
  const temp_folder folder{temp_folder::in_memory()};
  const auto key = key_of_byte(9);
  const auto content = crypto::new_content_id();
  constexpr std::uint32_t chunks = 4;
  {
    const auto store = content_store::open(folder.in("content"), 1ULL << 30).value();
    store_chunks what{.content = content};
    for (std::uint32_t i = 0; i < chunks; ++i)
      what.chunks.push_back(crypto::seal_chunk(key, content, i, domain::bytes(1 + random() % 60'000, 'c')));
    const content_change change(std::move(what));
    const content_change* const one = &change;
    BOOST_REQUIRE(store->commit({&one, 1}).has_value());
  }
  const auto keys = raw_environment(folder.in("content")).keys("chunks");
  BOOST_REQUIRE(keys.size() == chunks);
  for (int i = 0; i < flips; ++i) {
    const auto index = static_cast<std::uint32_t>(random() % chunks);
    const flipped bit(folder.in("content"), "chunks", keys[index], random);
    const auto store = content_store::open(folder.in("content"), 1ULL << 30).value();
    const auto sealed = store->read(content, 0, chunks);
    BOOST_REQUIRE((sealed && sealed->size() == chunks));
    for (std::uint32_t which = 0; which < chunks; ++which) {
      const auto opened = crypto::open_chunk(key, content, which, (*sealed)[which]);
      BOOST_REQUIRE(opened.has_value() == (which != index));
      if (!opened) BOOST_REQUIRE((opened.error().code == error_code::integrity));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::storage::testing
