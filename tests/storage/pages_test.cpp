// R19: the pages of a database are what LMDB takes them for, whatever was written; anything else is said before a
// single row is read.

#include "storage/environment.hpp"
#include "tests/storage/support.hpp"

#include <cstring>
#include <fstream>
#include <random>

namespace elsec::storage::testing {
namespace {

constexpr std::size_t page_bytes = 4'096;

std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void replace(const std::string& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

// Two tables of an environment of its own, filled and emptied at random.
class busy_environment {
 public:
  explicit busy_environment(const temp_folder& folder, std::uint32_t seed)
      : file(folder.in("busy/data.mdb")), random_(seed) {
    opened_ =
        environment::open({.folder = folder.in("busy"), .map_bytes = 1ULL << 28, .readers_max = 8, .tables_max = 2})
            .value();
    auto txn = opened_->begin_write().value();
    handles_ = environment::open_tables(txn, names).value();
    BOOST_REQUIRE(opened_->commit(std::move(txn)).has_value());
  }
  ~busy_environment() = default;

  // One transaction of a few rows: new ones, larger and smaller ones in place of others, and erased ones.
  void work() {
    auto txn = opened_->begin_write().value();
    for (auto step = random_() % 40; step > 0; --step) {
      const auto table = handles_[random_() % handles_.size()];
      const auto key = std::string(1 + random_() % 60, 'k') + std::to_string(random_() % 300);
      const auto size = random_() % 8 == 0 ? random_() % 40'000 : random_() % 300;
      const auto rc = random_() % 3 == 0 ? txn.erase(table, key) : txn.put(table, key, std::string(size, 'v'));
      BOOST_REQUIRE(rc == MDB_SUCCESS);
    }
    BOOST_REQUIRE(opened_->commit(std::move(txn)).has_value());
  }
  void empty() {
    auto txn = opened_->begin_write().value();
    for (const auto table : handles_)
      for (auto at = lmdb::cursor::open(txn, table).value(); at.first().value();) {
        const std::string key(at.key());
        BOOST_REQUIRE(txn.erase(table, key) == MDB_SUCCESS);
      }
    BOOST_REQUIRE(opened_->commit(std::move(txn)).has_value());
  }
  void close() { opened_.reset(); }

  std::string file;

 private:
  static constexpr std::array<std::string_view, 2> names{"first", "second"};
  std::mt19937 random_;
  std::unique_ptr<environment> opened_;
  std::vector<MDB_dbi> handles_;
};

std::string found_in(const std::string& file, large_values how = large_values::looked_at) {
  const auto sound = check_pages(file, how);
  return sound ? "" : sound.error().detail;
}

// A file with two hundred transactions of work in it, and its bytes.
struct worked_on {
  worked_on() {
    busy_environment busy(folder, 7);
    for (int i = 0; i < 200; ++i) busy.work();
    busy.close();
    file = busy.file;
    bytes = bytes_of(file);
  }
  // The file with one number changed somewhere in a page.
  template <class Number>
  std::string found_with(std::size_t page, std::size_t offset, Number value) const {
    auto changed = bytes;
    std::memcpy(changed.data() + page * page_bytes + offset, &value, sizeof value);
    replace(file, changed);
    return found_in(file);
  }
  template <class Number>
  Number at(std::size_t page, std::size_t offset) const {
    Number value;
    std::memcpy(&value, bytes.data() + page * page_bytes + offset, sizeof value);
    return value;
  }
  // The head that counts: of the later transaction.
  [[nodiscard]] std::size_t newest() const {
    return at<std::uint64_t>(0, txn_at) < at<std::uint64_t>(1, txn_at) ? 1 : 0;
  }

  // Where a row lies in its page: 8 bytes of head, its key, its value.
  [[nodiscard]] std::size_t row_at(std::size_t page, std::size_t which) const {
    return at<std::uint16_t>(page, rows_at + 2 * which);
  }
  [[nodiscard]] std::size_t rows_in(std::size_t page) const { return (at<std::uint16_t>(page, 12) - rows_at) / 2U; }
  [[nodiscard]] std::size_t tables_root() const { return at<std::uint64_t>(newest(), tables_root_at); }
  [[nodiscard]] std::size_t free_root() const { return at<std::uint64_t>(newest(), free_root_at); }
  // The root of the table "first", a branch.
  [[nodiscard]] std::size_t branch() const {
    return at<std::uint64_t>(tables_root(), row_at(tables_root(), 0) + 8 + std::strlen("first") + 40);
  }
  [[nodiscard]] std::size_t below(std::size_t page, std::size_t which) const {
    return at<std::uint16_t>(page, row_at(page, which));
  }
  [[nodiscard]] std::string named(std::size_t page, std::string_view why) const {
    return "page " + std::to_string(page) + " " + std::string(why);
  }

  static constexpr std::size_t rows_at = 16;
  static constexpr std::size_t free_tree_at = 16 + 24, depth_at = 6, branches_at = 8, leaves_at = 16, large_at = 24;
  static constexpr std::size_t free_root_at = 16 + 24 + 40, tables_root_at = 16 + 24 + 88, last_page_at = 16 + 120,
                               txn_at = 16 + 128;

  temp_folder folder{temp_folder::in_memory()};
  std::string file, bytes;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(pages)

BOOST_AUTO_TEST_CASE(are_sound_after_every_transaction) {
  for (std::uint32_t seed = 1; seed <= 4; ++seed) {
    const temp_folder folder{temp_folder::in_memory()};
    busy_environment busy(folder, seed);
    for (int i = 0; i < 150; ++i) {
      if (i % 50 == 49)
        busy.empty();
      else
        busy.work();
      BOOST_REQUIRE_MESSAGE(found_in(busy.file).empty(), "seed " << seed << ", " << i << ": " << found_in(busy.file));
      BOOST_REQUIRE(found_in(busy.file, large_values::passed_over).empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(of_a_file_that_is_not_there_or_empty_are_sound) {
  const temp_folder folder;
  BOOST_TEST(found_in(folder.in("none")) == "");
  replace(folder.in("empty"), "");
  BOOST_TEST(found_in(folder.in("empty")) == "");
}

BOOST_AUTO_TEST_CASE(of_something_else_are_named) {
  const temp_folder folder;
  replace(folder.in("text"), std::string(100'000, 'x'));
  BOOST_TEST(found_in(folder.in("text")) == "page 0 does not begin a database");
  replace(folder.in("short"), std::string(100, 'x'));
  BOOST_TEST(found_in(folder.in("short")) == "it ends within a page");
}

BOOST_FIXTURE_TEST_CASE(a_root_that_is_another_page_is_named, worked_on) {
  const auto root = at<std::uint64_t>(newest(), tables_root_at);
  BOOST_TEST(found_with(root, 0, root + 1) == "page " + std::to_string(root) + " is another");
}

BOOST_FIXTURE_TEST_CASE(a_root_of_another_kind_is_named, worked_on) {
  const auto root = at<std::uint64_t>(newest(), tables_root_at);
  BOOST_TEST(found_with(root, 10, std::uint16_t{4}) == "page " + std::to_string(root) + " is of another kind");
}

BOOST_FIXTURE_TEST_CASE(a_root_beyond_the_file_is_named, worked_on) {
  BOOST_TEST(found_with(newest(), tables_root_at, std::uint64_t{1} << 40).ends_with("is not in the file"));
}

BOOST_FIXTURE_TEST_CASE(a_page_used_twice_is_named, worked_on) {
  BOOST_TEST(
      found_with(newest(), free_root_at, at<std::uint64_t>(newest(), tables_root_at)).ends_with("is used twice"));
}

BOOST_FIXTURE_TEST_CASE(two_heads_that_do_not_belong_together_are_named, worked_on) {
  const auto older = 1 - newest();
  const auto before = at<std::uint64_t>(older, txn_at);
  for (const auto transaction : {before - 2, before + 1, before + 4, std::uint64_t{0}})
    BOOST_TEST(found_with(older, txn_at, transaction) == "its two heads do not belong together");
}

BOOST_FIXTURE_TEST_CASE(two_heads_that_have_changed_places_are_named, worked_on) {
  auto changed = bytes;
  for (const std::size_t page : {0U, 1U}) {
    const auto later = at<std::uint64_t>(page, txn_at) + 1;
    std::memcpy(changed.data() + page * page_bytes + txn_at, &later, sizeof later);
  }
  replace(file, changed);
  BOOST_TEST(found_in(file) == "its two heads do not belong together");
}

BOOST_FIXTURE_TEST_CASE(a_count_that_is_wrong_is_named, worked_on) {
  constexpr std::size_t tables_entries_at = tables_root_at - 8;
  BOOST_TEST(found_with(newest(), tables_entries_at, std::uint64_t{3}) ==
             "a table has more or fewer pages or rows than it says");
}

BOOST_FIXTURE_TEST_CASE(counts_of_pages_that_are_wrong_are_named, worked_on) {
  for (const auto count : {branches_at, leaves_at, large_at})
    BOOST_TEST(found_with(newest(), free_tree_at + count, std::uint64_t{77}) ==
               "a table has more or fewer pages or rows than it says");
}

BOOST_FIXTURE_TEST_CASE(a_table_that_says_it_has_no_depth_is_named, worked_on) {
  BOOST_TEST(found_with(newest(), free_tree_at + depth_at, std::uint16_t{0}) ==
             named(free_root(), "lies deeper than its table says"));
}

BOOST_FIXTURE_TEST_CASE(a_table_deeper_than_any_can_be_is_named, worked_on) {
  BOOST_TEST(found_with(newest(), free_tree_at + depth_at, std::uint16_t{60'000}) ==
             "a table is deeper than any can be");
}

BOOST_FIXTURE_TEST_CASE(a_last_page_that_cannot_be_is_named, worked_on) {
  for (const std::uint64_t last : {std::uint64_t{0}, ~std::uint64_t{0}})
    BOOST_TEST(found_with(newest(), last_page_at, last) == "it ends within its heads");
}

BOOST_FIXTURE_TEST_CASE(a_version_of_the_format_that_is_not_known_is_named, worked_on) {
  BOOST_TEST(found_with(0, 16 + 4, std::uint32_t{2}) == "it is of a version that is not known here");
}

BOOST_FIXTURE_TEST_CASE(keys_in_disorder_are_named, worked_on) {
  const auto leaf = below(branch(), 0);
  BOOST_REQUIRE(rows_in(leaf) > 1);
  const auto both = at<std::uint32_t>(leaf, rows_at);
  BOOST_TEST(found_with(leaf, rows_at, both << 16 | both >> 16) == named(leaf, "has its keys in disorder"));
}

BOOST_FIXTURE_TEST_CASE(keys_that_belong_elsewhere_are_named, worked_on) {
  BOOST_REQUIRE(at<std::uint16_t>(branch(), 10) == 1);
  const auto last = rows_in(branch()) - 1;
  BOOST_REQUIRE(last > 0);
  BOOST_TEST(found_with(branch(), row_at(branch(), last) + 8, 'z') ==
             named(below(branch(), last), "holds keys that belong elsewhere"));
  BOOST_TEST(found_with(branch(), row_at(branch(), 1) + 8, 'a') ==
             named(below(branch(), 0), "holds keys that belong elsewhere"));
}

BOOST_FIXTURE_TEST_CASE(a_row_that_does_not_lie_within_its_page_is_named, worked_on) {
  const auto leaf = below(branch(), 0);
  for (const std::uint16_t offset : {std::uint16_t{0}, std::uint16_t{16}, std::uint16_t{4'090}, std::uint16_t{60'000}})
    BOOST_TEST(found_with(leaf, rows_at, offset) == named(leaf, "holds a row that does not lie within it"));
  BOOST_TEST(found_with(leaf, row_at(leaf, 0) + 6, std::uint16_t{5'000}) ==
             named(leaf, "holds a row that does not lie within it"));
}

BOOST_FIXTURE_TEST_CASE(a_page_that_is_not_filled_as_a_page_is_named, worked_on) {
  for (const std::uint16_t lower : {std::uint16_t{0}, std::uint16_t{16}, std::uint16_t{19}, std::uint16_t{4'096}})
    BOOST_TEST(found_with(tables_root(), 12, lower) == named(tables_root(), "is not filled as a page is"));
}

BOOST_FIXTURE_TEST_CASE(tables_that_are_none_and_rows_that_are_tables_are_named, worked_on) {
  BOOST_TEST(found_with(tables_root(), row_at(tables_root(), 0) + 4, std::uint16_t{0}) ==
             "something among the tables is none");
  const auto leaf = below(branch(), 0);
  for (std::size_t row = 0; row < rows_in(leaf); ++row)
    if (at<std::uint16_t>(leaf, row_at(leaf, row) + 4) == 0) {
      BOOST_TEST(found_with(leaf, row_at(leaf, row) + 4, std::uint16_t{2}) == "a table lies within another");
      return;
    }
  BOOST_FAIL("the leaf holds large values only");
}

BOOST_FIXTURE_TEST_CASE(a_large_value_that_is_none_is_named, worked_on) {
  int in_use = 0;
  for (std::size_t page = 2; page < bytes.size() / page_bytes; ++page) {
    if (at<std::uint64_t>(page, 0) != page || at<std::uint16_t>(page, 10) != 4) continue;
    const auto found = found_with(page, 10, std::uint16_t{2});
    if (found.empty()) continue;  // a free page
    ++in_use;
    BOOST_TEST(found == named(page, "does not begin the large value that should be there"));
    BOOST_TEST(found_in(file, large_values::passed_over) == "");
    BOOST_TEST(found_with(page, 12, std::uint32_t{0}) ==
               named(page, "does not begin the large value that should be there"));
  }
  BOOST_TEST(in_use > 0);
}

// The first row of the list of free pages: a transaction's number, then how many pages, then their numbers.
BOOST_FIXTURE_TEST_CASE(a_list_of_free_pages_that_is_none_is_named, worked_on) {
  BOOST_REQUIRE(at<std::uint16_t>(free_root(), 10) == 2);  // a leaf
  const auto list = row_at(free_root(), 0) + 16;
  const auto how_many = at<std::uint64_t>(free_root(), list);
  BOOST_REQUIRE(how_many > 1);
  const auto first = list + 8, second = list + 16;
  BOOST_TEST(found_with(free_root(), list, std::uint64_t{1'000}) == "the list of free pages is none");
  BOOST_TEST(found_with(free_root(), first, std::uint64_t{tables_root()}) ==
             named(tables_root(), "is listed as free, and is in use or listed twice"));
  BOOST_TEST(found_with(free_root(), first, std::uint64_t{1} << 30) ==
             named(std::size_t{1} << 30, "is listed as free and does not exist"));
  const auto other = at<std::uint64_t>(free_root(), second);
  BOOST_TEST(found_with(free_root(), first, other) == named(other, "is listed as free, and is in use or listed twice"));
}

// Whatever single page comes back from an older copy: it is named, or every row is read as it was.
BOOST_AUTO_TEST_CASE(of_an_older_copy_are_named_or_change_no_key) {
  for (std::uint32_t seed = 1; seed <= 3; ++seed) {
    const temp_folder folder{temp_folder::in_memory()};
    busy_environment busy(folder, seed);
    for (int i = 0; i < 80; ++i) busy.work();
    const auto older = bytes_of(busy.file);
    for (int i = 0; i < 40; ++i) busy.work();
    busy.close();
    const auto newer = bytes_of(busy.file);
    int named = 0;
    for (std::size_t page = 0; page < older.size() / page_bytes; ++page) {
      auto mixed = newer;
      mixed.replace(page * page_bytes, page_bytes, older, page * page_bytes, page_bytes);
      replace(busy.file, mixed);
      if (!found_in(busy.file).empty()) {
        ++named;
        continue;
      }
      // LMDB can work with it: rows come and go, and the pages stay sound.
      busy_environment again(folder, seed + 100);
      for (int i = 0; i < 5; ++i) again.work();
      again.close();
      BOOST_TEST(found_in(busy.file) == "");
    }
    BOOST_TEST(named > 0);
  }
}

BOOST_AUTO_TEST_CASE(that_are_damaged_keep_a_store_from_opening_and_stay_as_they_are) {
  const temp_folder folder{temp_folder::in_memory()};
  open_with_tenants(folder).reset();
  auto bytes = bytes_of(folder.in("state/data.mdb"));
  std::memset(bytes.data() + 2 * page_bytes, 0, bytes.size() - 2 * page_bytes);
  replace(folder.in("state/data.mdb"), bytes);
  const auto refused = store::open(options_in(folder), master());
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == error_code::integrity));
  BOOST_TEST(refused.error().detail.contains("put back a whole copy of the data folder"));
  BOOST_TEST((bytes_of(folder.in("state/data.mdb")) == bytes));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::storage::testing
