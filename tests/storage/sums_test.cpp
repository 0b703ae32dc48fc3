// R19: rows that are not those last written are noticed at the next start, however well they open.

#include "tests/storage/support.hpp"

#include <fstream>
#include <map>
#include <random>

namespace elsec::storage::testing {
namespace {

constexpr std::string_view table_name = tables::received_dispatches.name;

class raw_row {
 public:
  raw_row(const temp_folder& folder, std::string_view table, std::string key)
      : folder_(folder.in("state")),
        table_(table),
        key_(std::move(key)),
        stored_(raw_environment(folder_).get(table_, key_)) {}
  void put_back() const { raw_environment(folder_).put(table_, key_, stored_); }

 private:
  std::string folder_;
  std::string_view table_;
  std::string key_;
  std::string stored_;
};

// A row of the first tenant, written twice; what it was first.
struct rewritten_row {
  rewritten_row() {
    open_with_tenants(folder).reset();
    write("first");
    before = raw_environment(folder.in("state")).get(table_name, key);
    write("second");
  }
  void write(const std::string& text) const {
    change_set changes;
    changes.put(tables::received_dispatches, key, {text});
    must_commit(*open_store(folder), changes);
  }
  [[nodiscard]] std::string refusal() const {
    const auto opened = store::open(options_in(folder), master());
    return opened ? "" : opened.error().detail;
  }
  temp_folder folder{temp_folder::in_memory()};
  std::string key = numbered_key(1);
  std::string before;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_row, rewritten_row)

BOOST_AUTO_TEST_CASE(that_has_come_back_from_before_keeps_the_store_from_opening) {
  raw_environment(folder.in("state")).put(table_name, key, before);
  BOOST_TEST(refusal().contains("rows are missing, or older ones have come back"));
}

BOOST_AUTO_TEST_CASE(that_is_missing_keeps_the_store_from_opening) {
  raw_environment(folder.in("state")).erase(table_name, key);
  BOOST_TEST(refusal().contains("rows are missing"));
}

BOOST_AUTO_TEST_CASE(that_lies_under_another_key_keeps_the_store_from_opening) {
  {
    raw_environment raw(folder.in("state"));
    raw.put(table_name, numbered_key(2), raw.get(table_name, key));
    raw.erase(table_name, key);
  }
  BOOST_TEST(refusal().contains("rows are missing"));
}

BOOST_AUTO_TEST_CASE(that_was_erased_and_has_come_back_keeps_the_store_from_opening) {
  change_set changes;
  changes.erase(tables::received_dispatches, key);
  must_commit(*open_store(folder), changes);
  BOOST_TEST(refusal() == "");
  raw_environment(folder.in("state")).put(table_name, key, before);
  BOOST_TEST(refusal().contains("rows are missing"));
}

// Two tables change; one of them and the sum come back together.
BOOST_AUTO_TEST_CASE(that_has_come_back_with_the_sum_is_not_proven_while_another_has_not) {
  const auto& other = tables::cards_by_version;
  const auto write_both = [&](const std::string& text) {
    change_set changes;
    changes.put(tables::received_dispatches, key, {text});
    changes.put(other, "card", {text});
    must_commit(*open_store(folder), changes);
  };
  write_both("third");
  const raw_row row(folder, table_name, key), sum(folder, tables::meta.name, "sum"), card(folder, other.name, "card");
  write_both("fourth");
  sum.put_back();
  row.put_back();
  BOOST_TEST(refusal().contains("rows are missing"));
  card.put_back();
  BOOST_TEST(refusal() == "");  // the older copy as a whole
}

BOOST_AUTO_TEST_CASE(of_meta_that_has_come_back_keeps_the_store_from_opening) {
  const auto epoch = raw_environment(folder.in("state")).get(tables::meta.name, "epoch");
  raw_environment(folder.in("state")).put(tables::meta.name, "another", epoch);
  BOOST_TEST(refusal().contains("rows are missing"));
}

BOOST_AUTO_TEST_CASE(written_and_erased_in_one_change_set_leaves_the_sum_as_it_was) {
  change_set changes;
  changes.put(tables::received_dispatches, numbered_key(2), {"a"});
  changes.put(tables::received_dispatches, numbered_key(2), {"b"});
  changes.erase(tables::received_dispatches, numbered_key(2));
  changes.erase(tables::received_dispatches, numbered_key(3));
  must_commit(*open_store(folder), changes);
  BOOST_TEST(refusal() == "");
}

BOOST_AUTO_TEST_CASE(of_a_change_set_that_was_refused_counts_nowhere) {
  {
    const auto store = open_store(folder);
    change_set good, bad;
    good.put(tables::received_dispatches, numbered_key(2), {"a"});
    bad.put(tables::received_dispatches, numbered_key(3), {"b"});
    bad.insert(tables::received_dispatches, key, {"taken"});
    const auto done = commit_all(*store, {good, bad});
    BOOST_TEST(done[0].has_value());
    BOOST_TEST(!done[1].has_value());
  }
  BOOST_TEST(refusal() == "");
}

BOOST_AUTO_TEST_CASE(that_is_accepted_counts_from_then_on) {
  raw_environment(folder.in("state")).put(table_name, key, before);
  BOOST_TEST(text_at(*open_as_it_is(folder), key) == "first");
  BOOST_TEST(refusal() == "");
}

// What a disk does to one bit is damage to one row, wherever it is, and no reason not to start; nor is it one later,
// when the row was erased or written again.
BOOST_AUTO_TEST_CASE(with_a_flipped_bit_is_no_other_row) {
  const auto good = raw_environment(folder.in("state")).get(table_name, key);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    raw_environment(folder.in("state")).put(table_name, key, bad);
    BOOST_REQUIRE_MESSAGE(refusal().empty(), "bit " << bit << ": " << refusal());
  }
}

BOOST_AUTO_TEST_CASE(with_a_flipped_bit_leaves_the_sum_with_its_row) {
  for (const std::size_t byte : {std::size_t{0}, std::size_t{12}, std::size_t{20}}) {
    for (const bool at_the_end : {false, true}) {
      write("again");
      auto bad = raw_environment(folder.in("state")).get(table_name, key);
      auto& hit = at_the_end ? bad[bad.size() - 1 - byte] : bad[byte];
      hit = static_cast<char>(hit ^ 1);
      raw_environment(folder.in("state")).put(table_name, key, bad);
      change_set changes;
      changes.erase(tables::received_dispatches, key);
      must_commit(*open_store(folder), changes);
      BOOST_TEST(refusal() == "");
    }
  }
}

BOOST_AUTO_TEST_CASE(is_not_proven_by_a_sum_that_is_damaged_itself) {
  auto bad = raw_environment(folder.in("state")).get(tables::meta.name, "sum");
  bad[bad.size() / 2] = static_cast<char>(bad[bad.size() / 2] ^ 1);
  raw_environment(folder.in("state")).put(tables::meta.name, "sum", bad);
  {
    const auto store = open_store(folder);
    BOOST_TEST((store->damage_met() == std::vector<std::pair<std::string_view, std::uint64_t>>{{"meta", 1}}));
  }
  write("again");  // which makes the sum anew
  raw_environment(folder.in("state")).put(table_name, key, before);
  BOOST_TEST(refusal().contains("rows are missing"));
}

BOOST_AUTO_TEST_SUITE_END()

// Pieces of an older file under a newer one, as they may be after a disk has lost writes: the store does not open, or
// everything in it is as it was, and stays so while it is worked with.
BOOST_AUTO_TEST_CASE(pieces_of_an_older_state_are_named_or_change_nothing) {
  constexpr std::size_t page_bytes = 4'096;
  const temp_folder folder{temp_folder::in_memory()};
  const auto file = folder.in("state/data.mdb");
  std::mt19937 random(5);  // NOLINT: the same pieces every time
  const auto bytes = [&] {
    std::ifstream in(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const auto work = [&](store& into, std::map<std::string, std::string>& known) {
    change_set changes;
    for (int i = 0; i < 12; ++i) {
      const auto key = numbered_key(random() % 200);
      if (random() % 4 == 0 && known.erase(key) > 0) {
        changes.erase(tables::received_dispatches, key);
      } else {
        known[key] = std::string(random() % 900, static_cast<char>('a' + random() % 26));
        changes.put(tables::received_dispatches, key, {known[key]});
      }
    }
    must_commit(into, changes);
  };
  const auto is_as_known = [](const store& from, const std::map<std::string, std::string>& known) {
    for (std::uint64_t i = 0; i < 200; ++i) {
      const auto found = known.find(numbered_key(i));
      if (text_at(from, numbered_key(i)) != (found == known.end() ? "nothing" : found->second)) return false;
    }
    return true;
  };
  std::map<std::string, std::string> known;
  auto opened = open_with_tenants(folder);
  for (int i = 0; i < 40; ++i) work(*opened, known);
  const auto older = bytes();
  for (int i = 0; i < 10; ++i) work(*opened, known);
  opened.reset();
  const auto newer = bytes();
  int refused = 0, not_in_use = 0;
  for (std::size_t page = 0; page < older.size() / page_bytes; ++page) {
    for (const std::size_t run : {std::size_t{1}, std::size_t{3}}) {
      const auto length = std::min(run * page_bytes, older.size() - page * page_bytes);
      auto mixed = newer;
      mixed.replace(page * page_bytes, length, older, page * page_bytes, length);
      std::ofstream(file, std::ios::binary | std::ios::trunc) << mixed;
      auto store = store::open(options_in(folder), master());
      if (!store) {
        BOOST_REQUIRE_MESSAGE(store.error().code == error_code::integrity, store.error().detail);
        ++refused;
        continue;
      }
      ++not_in_use;
      BOOST_REQUIRE_MESSAGE(is_as_known(**store, known), "page " << page);
      auto now_known = known;
      for (int i = 0; i < 3; ++i) work(**store, now_known);
      BOOST_REQUIRE_MESSAGE(is_as_known(**store, now_known), "page " << page);
    }
  }
  BOOST_TEST(refused > 0);
  BOOST_TEST(not_in_use > 0);
}

}  // namespace elsec::storage::testing
