// What a disk or a hand may do to stored values: every change is noticed, none becomes an answer.

#include "tests/storage/support.hpp"

namespace elsec::storage::testing {
namespace {

using opener = std::unique_ptr<store> (*)(const temp_folder&);

// Opens the store and tells what reading one tenant row says.
domain::error error_reading(const temp_folder& folder, const std::string& key, opener open = open_as_it_is) {
  const auto row = get(*open(folder), tables::received_dispatches, key);
  return row ? domain::error{} : row.error();
}

bool is_integrity_of(const domain::error& error, std::string_view table_name) {
  return error.code == error_code::integrity && error.detail.contains(table_name);
}

struct stored_row {
  stored_row() {
    const auto store = open_with_tenants(folder);
    change_set changes;
    changes.put(tables::received_dispatches, key, {"v"});
    changes.put(tables::received_dispatches, other_key, {"v"});
    must_commit(*store, changes);
  }
  temp_folder folder{temp_folder::in_memory()};
  std::string key = key_of(org(1), id<domain::dispatch_id>(1));
  std::string other_key = key_of(org(2), id<domain::dispatch_id>(1));
  std::string_view table = tables::received_dispatches.name;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(a_stored_value)

BOOST_AUTO_TEST_CASE(with_any_one_bit_flipped_is_an_integrity_error_naming_its_table) {
  const stored_row row;
  const auto good = raw_environment(row.folder.in("state")).get(row.table, row.key);
  for (std::size_t bit = 0; bit < (good.size() - 8) * 8; ++bit) {  // but the stamp at the end
    auto bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    raw_environment(row.folder.in("state")).put(row.table, row.key, bad);
    BOOST_REQUIRE_MESSAGE(is_integrity_of(error_reading(row.folder, row.key, open_store), row.table), "bit " << bit);
  }
  raw_environment(row.folder.in("state")).put(row.table, row.key, good);
  BOOST_TEST(text_at(*open_store(row.folder), row.key) == "v");
}

BOOST_AUTO_TEST_CASE(cut_short_or_replaced_by_garbage_is_an_integrity_error) {
  const stored_row row;
  const auto good = raw_environment(row.folder.in("state")).get(row.table, row.key);
  for (const auto& bad : {std::string("x"), std::string(39, 'x'), std::string(500, '\0'), good.substr(1),
                          good.substr(0, good.size() - 1), good + "x"}) {
    raw_environment(row.folder.in("state")).put(row.table, row.key, bad);
    BOOST_TEST(is_integrity_of(error_reading(row.folder, row.key), row.table));
  }
}

BOOST_AUTO_TEST_CASE(names_the_key_of_the_damaged_row_and_nothing_else) {
  const stored_row row;
  raw_environment(row.folder.in("state")).put(row.table, row.key, "garbage");
  BOOST_TEST(error_reading(row.folder, row.key).detail.contains(row.key));
}

BOOST_AUTO_TEST_CASE(names_an_unprintable_key_in_hex) {
  const temp_folder folder;
  const auto key = key_of(big_endian(1), std::string("\xFF", 1));
  change_set changes;
  changes.put(tables::content_holders, key, {});
  must_commit(*open_store(folder), changes);
  raw_environment(folder.in("state")).put(tables::content_holders.name, key, "garbage");
  const auto read = get(*open_as_it_is(folder), tables::content_holders, key);
  BOOST_REQUIRE(!read.has_value());
  BOOST_TEST(read.error().detail.contains("0x0000000000000001ff"));
}

BOOST_AUTO_TEST_CASE(moved_to_another_key_is_an_integrity_error) {
  const stored_row row;
  const auto second = key_of(org(1), id<domain::dispatch_id>(2));
  {
    raw_environment raw(row.folder.in("state"));
    raw.put(row.table, second, raw.get(row.table, row.key));
  }
  BOOST_TEST(is_integrity_of(error_reading(row.folder, second), row.table));
  BOOST_TEST(text_at(*open_as_it_is(row.folder), row.key) == "v");
}

BOOST_AUTO_TEST_CASE(moved_to_another_table_is_an_integrity_error) {
  const temp_folder folder;
  change_set changes;
  changes.put(tables::cards_by_version, "key", {"v"});
  must_commit(*open_store(folder), changes);
  {
    raw_environment raw(folder.in("state"));
    raw.put(tables::meta.name, "key", raw.get(tables::cards_by_version.name, "key"));
  }
  const auto read = get(*open_as_it_is(folder), tables::meta, "key");
  BOOST_REQUIRE(!read.has_value());
  BOOST_TEST(is_integrity_of(read.error(), "meta"));
}

// Promise 4: even a value made for exactly this row does not open when another tenant's key sealed it.
BOOST_AUTO_TEST_CASE(sealed_by_another_tenants_key_is_an_integrity_error) {
  const stored_row row;
  const auto plain = codec::to_cbor(text_value{"planted"});
  const auto context = key_of(row.table, '\0', row.key);
  const auto plant = [&](const domain::organisation_id& sealer) {
    const auto sealed = crypto::seal(open_as_it_is(row.folder)->tenant_key(sealer).value(), plain, context);
    raw_environment(row.folder.in("state")).put(row.table, row.key, as_stored(sealed));
  };
  plant(org(2));
  BOOST_TEST(is_integrity_of(error_reading(row.folder, row.key), row.table));
  plant(org(1));  // the same with the right key: the test tells the keys apart, nothing else
  BOOST_TEST(text_at(*open_as_it_is(row.folder), row.key) == "planted");
}

BOOST_AUTO_TEST_CASE(of_a_tenant_whose_key_is_damaged_is_an_integrity_error) {
  const stored_row row;
  raw_environment(row.folder.in("state")).put(tables::tenant_keys.name, org(1).str(), "garbage");
  BOOST_TEST(is_integrity_of(error_reading(row.folder, row.key), row.table));
  BOOST_TEST(text_at(*open_as_it_is(row.folder), row.other_key) == "v");
}

BOOST_AUTO_TEST_CASE(is_handed_over_by_a_scan_that_goes_on_behind_it) {
  const stored_row row;
  raw_environment(row.folder.in("state")).put(row.table, row.key, "garbage");
  const auto store = open_as_it_is(row.folder);
  const auto view = store->read();
  std::vector<std::string> sound;
  const auto scanned = view->scan(tables::received_dispatches, "", "", direction::forward,
                                  [&](std::string_view key, const domain::result<text_value>& one) {
                                    if (one)
                                      sound.emplace_back(key);
                                    else
                                      BOOST_TEST(is_integrity_of(one.error(), row.table));
                                    return true;
                                  });
  BOOST_TEST(scanned.has_value());
  BOOST_TEST(sound == std::vector{row.other_key});
  BOOST_TEST((store->damage_met() == std::vector<std::pair<std::string_view, std::uint64_t>>{{row.table, 1}}));
}

BOOST_AUTO_TEST_CASE(that_opens_but_is_no_such_record_is_an_integrity_error) {
  const stored_row row;
  const auto sealed = crypto::seal(open_as_it_is(row.folder)->tenant_key(org(1)).value(), domain::bytes{0xFF, 0x00},
                                   key_of(row.table, '\0', row.key));
  raw_environment(row.folder.in("state")).put(row.table, row.key, as_stored(sealed));
  BOOST_TEST(is_integrity_of(error_reading(row.folder, row.key), row.table));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::storage::testing
