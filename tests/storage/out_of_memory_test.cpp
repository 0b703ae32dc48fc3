// Every allocation fails once, in all that a node does with its storage: what was acknowledged is there afterwards,
// nothing is there by half, and what is read is right or an error.

#include "crypto/content.hpp"
#include "storage/content_store.hpp"
#include "tests/storage/out_of_memory_support.hpp"

namespace elsec::storage::testing {
namespace {

constexpr std::uint64_t numbers = 3;
constexpr std::string_view peer = "peer";

std::string text_of(std::uint64_t number) { return "text " + std::to_string(number); }

// Rows of several tables, an event, an envelope, a sum; the first founds the organisation whose key seals them.
change_set numbered(std::uint64_t number) {
  change_set changes;
  if (number == 1) changes.found(org(1));
  changes.insert(tables::received_dispatches, numbered_key(number), {text_of(number)});
  changes.insert(tables::cards_by_term, big_endian(number), {});
  changes.publish(org(1), {.type = std::string(domain::document_received), .state = text_of(number)});
  changes.send(std::string(peer), {.kind = "test", .id = text_of(number)});
  changes.send(std::string(peer), {.kind = "new", .id = text_of(number)}, change_set::reader::whoever_understands);
  changes.add_usage(org(1), 10);
  return changes;
}

domain::result<std::vector<std::string>> list(const store& from) {
  auto view = from.read();
  if (!view) return std::unexpected(view.error());
  std::vector<std::string> found;
  domain::result<void> readable;
  const auto visit = [&](std::string_view, domain::result<text_value>&& row) {
    if (row)
      found.push_back(std::move(row->value));
    else
      readable = std::unexpected(std::move(row.error()));
    return row.has_value();
  };
  auto walked = view->scan(tables::received_dispatches, org(1).str(), "", direction::forward, visit);
  if (!readable) return std::unexpected(readable.error());
  if (!walked) return std::unexpected(walked.error());
  return found;
}

void use_store(run_of& steps, const temp_folder& folder, const crypto::secret& key) {
  auto opened = steps.take("open", [&] { return store::open(options_in(folder), key); });
  auto& store = **opened;
  for (std::uint64_t number = 1; number <= numbers; ++number)
    (void)steps.take("commit", [&] { return commit_one(store, numbered(number)); });
  const auto listed = steps.take("list", [&] { return list(store); });
  steps.expect(listed->size() == numbers && listed->back() == text_of(numbers), "the list");
  const auto row = steps.take("read", [&] { return get(store, tables::feed, numbered_key(1)); });
  steps.expect(*row && (*row)->state == text_of(1), "the event");
  const auto tenant_key = steps.take("tenant's key", [&] { return store.tenant_key(org(1)); });
  steps.expect(!tenant_key->empty(), "the key");
}

std::uint64_t rows_in(const snapshot& view, std::string_view table, const std::string& prefix) {
  std::uint64_t rows = 0;
  const auto count = [&](std::string_view) { return ++rows > 0; };
  BOOST_TEST(view.scan_keys(table, prefix, "", direction::forward, count).has_value());
  return rows;
}

void check_store(const told& note, const temp_folder& folder) {
  const auto store = open_store(folder);
  const auto view = store->read();
  const auto rows = rows_in(*view, tables::received_dispatches.name, org(1).str());
  const auto acknowledged = note.acknowledged.load();
  BOOST_TEST(rows >= std::min(acknowledged == 0 ? 0 : acknowledged - 1, numbers));
  BOOST_TEST(rows_in(*view, tables::cards_by_term.name, "") == rows);
  BOOST_TEST(rows_in(*view, tables::feed.name, org(1).str()) == rows);
  BOOST_TEST(rows_in(*view, tables::outbox.name, key_of(peer, '\0')) == rows);
  BOOST_TEST(rows_in(*view, tables::set_aside.name, key_of(peer, '\0')) == rows);
  const auto sum = view->get(tables::usage, org(1).str()).value();
  BOOST_TEST((sum ? sum->value : 0) == 10 * rows);
  for (std::uint64_t number = 1; number <= rows; ++number) {
    BOOST_TEST(view->get(tables::received_dispatches, numbered_key(number)).value()->value == text_of(number));
    BOOST_TEST(view->get(tables::feed, numbered_key(number)).value()->state.value() == text_of(number));
  }
  must_commit(*store, numbered(rows + 1));  // and it goes on
}

}  // namespace

BOOST_AUTO_TEST_SUITE(without_memory)

BOOST_AUTO_TEST_CASE(the_state_keeps_what_it_has_acknowledged_and_nothing_by_half) {
  const auto use = [key = master()](run_of& steps, const temp_folder& folder) { use_store(steps, folder, key); };
  run_without_memory({.run = use, .check = check_store});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::storage::testing
