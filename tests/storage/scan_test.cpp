#include "tests/storage/support.hpp"

#include <algorithm>
#include <random>

namespace elsec::storage::testing {
namespace {

using keys = std::vector<std::string>;

const table<nothing>& scanned = tables::cards_by_term;

keys scan(const store& in, std::string_view prefix, std::string_view after, direction way,
          std::size_t count = SIZE_MAX) {
  keys seen;
  const auto view = in.read();
  const auto walked =
      view->scan(scanned, prefix, after, way, [&](std::string_view key, const domain::result<nothing>&) {
        seen.emplace_back(key);
        return seen.size() < count;
      });
  if (!walked) seen.push_back("error: " + walked.error().detail);
  keys seen_keys;
  const auto walked_keys = view->scan_keys(scanned.name, prefix, after, way, [&](std::string_view key) {
    seen_keys.emplace_back(key);
    return seen_keys.size() < count;
  });
  BOOST_TEST(walked_keys.has_value());
  BOOST_TEST(seen == seen_keys);
  return seen;
}

struct filled {
  explicit filled(const keys& all) : store(open_store(folder)) {
    change_set changes;
    for (const auto& key : all) changes.put(scanned, key, {});
    must_commit(*store, changes);
  }
  temp_folder folder;
  std::unique_ptr<storage::store> store;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(a_scan)

BOOST_AUTO_TEST_CASE(visits_the_keys_of_its_prefix_in_order) {
  const filled in({"a", "b1", "b2", "b3", "c"});
  BOOST_TEST(scan(*in.store, "b", "", direction::forward) == (keys{"b1", "b2", "b3"}));
  BOOST_TEST(scan(*in.store, "", "", direction::forward) == (keys{"a", "b1", "b2", "b3", "c"}));
}

BOOST_AUTO_TEST_CASE(visits_them_backward) {
  const filled in({"a", "b1", "b2", "b3", "c"});
  BOOST_TEST(scan(*in.store, "b", "", direction::backward) == (keys{"b3", "b2", "b1"}));
  BOOST_TEST(scan(*in.store, "c", "", direction::backward) == (keys{"c"}));
  BOOST_TEST(scan(*in.store, "", "", direction::backward) == (keys{"c", "b3", "b2", "b1", "a"}));
}

BOOST_AUTO_TEST_CASE(goes_on_beyond_a_key_whether_it_exists_or_not) {
  const filled in({"b1", "b2", "b4"});
  BOOST_TEST(scan(*in.store, "b", "b2", direction::forward) == (keys{"b4"}));
  BOOST_TEST(scan(*in.store, "b", "b3", direction::forward) == (keys{"b4"}));
  BOOST_TEST(scan(*in.store, "b", "b4", direction::forward) == (keys{}));
  BOOST_TEST(scan(*in.store, "b", "b4", direction::backward) == (keys{"b2", "b1"}));
  BOOST_TEST(scan(*in.store, "b", "b3", direction::backward) == (keys{"b2", "b1"}));
  BOOST_TEST(scan(*in.store, "b", "b1", direction::backward) == (keys{}));
}

BOOST_AUTO_TEST_CASE(never_leaves_its_prefix_whatever_the_key_to_go_on_from) {
  const filled in({"a", "b1", "b2", "c"});
  for (const std::string& after : {std::string("a"), std::string("0"), std::string("b")}) {
    BOOST_TEST(scan(*in.store, "b", after, direction::forward) == (keys{"b1", "b2"}));
    BOOST_TEST(scan(*in.store, "b", after, direction::backward) == (keys{}));
  }
  for (const std::string& after : {std::string("c"), std::string("zz"), std::string(2'000, '\xFF')}) {
    BOOST_TEST(scan(*in.store, "b", after, direction::forward) == (keys{}));
    BOOST_TEST(scan(*in.store, "b", after, direction::backward) == (keys{"b2", "b1"}));
  }
}

BOOST_AUTO_TEST_CASE(stops_when_the_visitor_has_enough) {
  const filled in({"b1", "b2", "b3"});
  BOOST_TEST(scan(*in.store, "b", "", direction::forward, 2) == (keys{"b1", "b2"}));
  BOOST_TEST(scan(*in.store, "b", "", direction::backward, 1) == (keys{"b3"}));
}

BOOST_AUTO_TEST_CASE(handles_prefixes_that_end_in_the_largest_byte) {
  const keys all{"a",
                 std::string("\xFE"),
                 std::string("\xFF"),
                 std::string("\xFF\x01"),
                 std::string("\xFF\xFF"),
                 std::string("\xFF\xFF\xFF")};
  const filled in(all);
  BOOST_TEST(scan(*in.store, "\xFF", "", direction::backward) == (keys{all[5], all[4], all[3], all[2]}));
  BOOST_TEST(scan(*in.store, "\xFF\xFF", "", direction::backward) == (keys{all[5], all[4]}));
  BOOST_TEST(scan(*in.store, "\xFF\xFF", "", direction::forward) == (keys{all[4], all[5]}));
  BOOST_TEST(scan(*in.store, "\xFE", "", direction::backward) == (keys{all[1]}));
}

BOOST_AUTO_TEST_CASE(of_an_empty_table_visits_nothing) {
  const filled in({});
  for (const auto way : {direction::forward, direction::backward}) {
    BOOST_TEST(scan(*in.store, "", "", way) == (keys{}));
    BOOST_TEST(scan(*in.store, "p", "q", way) == (keys{}));
  }
}

BOOST_AUTO_TEST_CASE(visits_what_a_sorted_set_says_for_random_keys_prefixes_and_starts) {
  std::mt19937 random(20'240'601);  // NOLINT: a fixed seed, so that a failure can be repeated
  const auto text = [&](std::size_t longest) {
    std::string made(random() % (longest + 1), '\0');
    for (auto& c : made)
      c = "\x01"
          "a\xFE\xFF"[random() % 4];
    return made;
  };
  keys all;
  for (int i = 0; i < 60; ++i)
    if (auto key = text(4); !key.empty()) all.push_back(key);
  std::ranges::sort(all);
  const auto [end, last] = std::ranges::unique(all);
  all.erase(end, last);
  const filled in(all);
  for (int i = 0; i < 300; ++i) {
    const auto prefix = text(2), after = text(4);
    keys forward;
    for (const auto& key : all)
      if (key.starts_with(prefix) && key > after) forward.push_back(key);
    keys backward;
    for (const auto& key : all)
      if (key.starts_with(prefix) && (after.empty() || key < after)) backward.insert(backward.begin(), key);
    BOOST_TEST(scan(*in.store, prefix, after, direction::forward) == forward);
    BOOST_TEST(scan(*in.store, prefix, after, direction::backward) == backward);
  }
}

BOOST_AUTO_TEST_CASE(of_one_tenant_meets_no_row_of_another) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  change_set changes;
  for (std::uint8_t i = 0; i < 5; ++i) {
    changes.put(tables::received_dispatches, key_of(org(1), id<domain::dispatch_id>(i)), {"one"});
    changes.put(tables::received_dispatches, key_of(org(2), id<domain::dispatch_id>(i)), {"two"});
  }
  must_commit(*store, changes);
  const auto view = store->read();
  for (const auto way : {direction::forward, direction::backward}) {
    std::size_t count = 0;
    const auto walked = view->scan(tables::received_dispatches, org(1).str(), "", way,
                                   [&](std::string_view, const domain::result<text_value>& row) {
                                     BOOST_TEST(row.value().value == "one");
                                     ++count;
                                     return true;
                                   });
    BOOST_TEST(walked.has_value());
    BOOST_TEST(count == 5U);
  }
}

BOOST_AUTO_TEST_CASE(may_read_other_rows_from_inside_the_visitor) {
  const temp_folder folder;
  const auto store = open_with_tenants(folder);
  const auto key = key_of(org(1), id<domain::dispatch_id>(1));
  change_set changes;
  changes.put(tables::received_dispatches, key, {"inner"});
  for (const char* word : {"a", "b", "c"}) changes.put(scanned, word, {});
  must_commit(*store, changes);
  const auto view = store->read();
  std::size_t count = 0;
  const auto walked =
      view->scan(scanned, "", "", direction::forward, [&](std::string_view, const domain::result<nothing>&) {
        count += view->get(tables::received_dispatches, key).value()->value == "inner";
        return true;
      });
  BOOST_TEST(walked.has_value());
  BOOST_TEST(count == 3U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::storage::testing
