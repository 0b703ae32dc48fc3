#include "storage/content_store.hpp"

#include "tests/storage/support.hpp"

#include <fstream>
#include <sys/stat.h>

namespace elsec::storage::testing {
namespace {

constexpr std::uint64_t map_bytes = 1ULL << 30;

std::unique_ptr<content_store> open_content(const temp_folder& folder) {
  return content_store::open(folder.in("content"), map_bytes).value();
}

domain::result<void> commit(content_store& into, const std::vector<content_change>& changes) {
  std::vector<const content_change*> batch;
  for (const auto& change : changes) batch.push_back(&change);
  return into.commit(batch);
}

domain::bytes chunk(std::uint8_t fill, std::size_t size = 1'000) { return domain::bytes(size, fill); }

std::vector<domain::bytes> chunks(std::uint8_t first, std::size_t count) {
  std::vector<domain::bytes> made;
  for (std::size_t i = 0; i < count; ++i) made.push_back(chunk(static_cast<std::uint8_t>(first + i)));
  return made;
}

std::vector<crypto::content_id> pending_in(const content_store& store) { return store.list_pending(100).value(); }

using contents = std::vector<crypto::content_id>;

const crypto::content_id a{1}, b{2}, largest = [] {
  crypto::content_id id{};
  id.fill(0xFF);
  return id;
}();

}  // namespace

BOOST_AUTO_TEST_SUITE(a_content_store)

BOOST_AUTO_TEST_CASE(gives_back_the_chunks_it_was_given) {
  const temp_folder folder;
  const auto store = open_content(folder);
  BOOST_REQUIRE(commit(*store, {store_chunks{a, 0, chunks(10, 5)}, store_chunks{b, 0, chunks(50, 2)}}).has_value());
  BOOST_TEST((store->read(a, 0, 5).value() == chunks(10, 5)));
  BOOST_TEST((store->read(a, 2, 2).value() == chunks(12, 2)));
  BOOST_TEST((store->read(b, 0, 1).value() == chunks(50, 1)));
}

BOOST_AUTO_TEST_CASE(reads_fewer_where_the_content_ends) {
  const temp_folder folder;
  const auto store = open_content(folder);
  BOOST_REQUIRE(commit(*store, {store_chunks{a, 0, chunks(10, 3)}, store_chunks{b, 0, chunks(50, 3)}}).has_value());
  BOOST_TEST(store->read(a, 1, 100).value().size() == 2U);
  BOOST_TEST(store->read(a, 3, 1).value().empty());
  BOOST_TEST(store->read(a, UINT32_MAX, UINT32_MAX).value().empty());
  BOOST_TEST(store->read(a, 0, 0).value().empty());
  BOOST_TEST(store->read(largest, 0, 1).value().empty());
}

BOOST_AUTO_TEST_CASE(counts_chunks_up_to_the_first_gap) {
  const temp_folder folder;
  const auto store = open_content(folder);
  BOOST_TEST(store->stored_chunks(a).value() == 0U);
  BOOST_REQUIRE(commit(*store, {store_chunks{a, 3, chunks(1, 2)}}).has_value());
  BOOST_TEST(store->stored_chunks(a).value() == 0U);
  BOOST_REQUIRE(commit(*store, {store_chunks{a, 0, chunks(1, 2)}}).has_value());
  BOOST_TEST(store->stored_chunks(a).value() == 2U);
  BOOST_REQUIRE(commit(*store, {store_chunks{a, 2, chunks(1, 1)}}).has_value());
  BOOST_TEST(store->stored_chunks(a).value() == 5U);
}

BOOST_AUTO_TEST_CASE(replaces_a_chunk_that_is_stored_again) {
  const temp_folder folder;
  const auto store = open_content(folder);
  BOOST_REQUIRE(commit(*store, {store_chunks{a, 0, {chunk(1, 900), chunk(2)}}}).has_value());
  BOOST_REQUIRE(commit(*store, {store_chunks{a, 0, {chunk(9, 70)}}}).has_value());
  BOOST_TEST((store->read(a, 0, 9).value() == std::vector{chunk(9, 70), chunk(2)}));
}

BOOST_AUTO_TEST_CASE(keeps_a_content_pending_from_its_first_chunk_until_it_is_settled) {
  const temp_folder folder;
  const auto store = open_content(folder);
  BOOST_REQUIRE(commit(*store, {store_chunks{a, 0, chunks(1, 2)}}).has_value());
  BOOST_TEST((pending_in(*store) == contents{a}));
  BOOST_REQUIRE(commit(*store, {settle_content{a}}).has_value());
  BOOST_TEST((pending_in(*store) == contents{}));
  BOOST_REQUIRE(commit(*store, {settle_content{a}}).has_value());
  // A repeated chunk of a settled content does not make it pending again.
  BOOST_REQUIRE(commit(*store, {store_chunks{a, 1, chunks(2, 1)}}).has_value());
  BOOST_TEST((pending_in(*store) == contents{}));
}

BOOST_AUTO_TEST_CASE(finds_pending_contents_again_after_a_restart_a_page_at_a_time) {
  const temp_folder folder;
  BOOST_REQUIRE(commit(*open_content(folder), {store_chunks{a, 0, chunks(1, 1)}}).has_value());
  const auto store = open_content(folder);
  BOOST_REQUIRE(commit(*store, {store_chunks{a, 1, chunks(2, 1)}, store_chunks{b, 0, chunks(1, 1)}}).has_value());
  BOOST_TEST((pending_in(*store) == contents{a, b}));
  BOOST_TEST((store->list_pending(1).value() == contents{a}));
  BOOST_TEST((store->list_pending(1, a).value() == contents{b}));
  BOOST_TEST((store->list_pending(1, b).value() == contents{}));
}

BOOST_AUTO_TEST_CASE(frees_a_content_in_bounded_steps_that_a_restart_goes_on_with) {
  const temp_folder folder;
  {
    const auto store = open_content(folder);
    BOOST_REQUIRE(commit(*store, {store_chunks{a, 0, chunks(1, 10)}, store_chunks{b, 0, chunks(1, 2)},
                                  settle_content{a}, settle_content{b}})
                      .has_value());
    BOOST_REQUIRE(commit(*store, {free_content{a, 4}}).has_value());
    BOOST_TEST(store->stored_chunks(a).value() == 6U);
  }
  const auto store = open_content(folder);
  BOOST_TEST((pending_in(*store) == contents{a}));
  BOOST_REQUIRE(commit(*store, {free_content{a, 4}}).has_value());
  BOOST_TEST(store->stored_chunks(a).value() == 2U);
  BOOST_REQUIRE(commit(*store, {free_content{a, 4}}).has_value());
  BOOST_TEST(store->stored_chunks(a).value() == 0U);
  BOOST_TEST((pending_in(*store) == contents{}));
  BOOST_TEST(store->stored_chunks(b).value() == 2U);
  BOOST_TEST(commit(*store, {free_content{a}}).has_value());
}

// LMDB believes the first page of a large value in how many pages it frees: they may be others' by now.
BOOST_AUTO_TEST_CASE(keeps_a_chunk_whose_first_page_is_another) {
  const temp_folder folder{temp_folder::in_memory()};
  const auto file = folder.in("content/data.mdb");
  {
    const auto store = open_content(folder);
    BOOST_REQUIRE(
        commit(*store, {store_chunks{a, 0, {chunk(1, 60'000)}}, store_chunks{b, 0, {chunk(2, 60'000)}}}).has_value());
  }
  std::string bytes;
  {
    std::ifstream in(file, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  const auto stored = chunk(1, 60'000);
  const auto value = bytes.find(std::string(stored.begin(), stored.end()));
  BOOST_REQUIRE(value != std::string::npos);
  for (const std::size_t in_front : {4U, 6U}) {  // how many pages; what kind of page
    auto changed = bytes;
    changed[value - in_front] = '\x77';
    std::ofstream(file, std::ios::binary | std::ios::trunc) << changed;
    const auto store = open_content(folder);
    BOOST_TEST((commit(*store, {store_chunks{a, 0, {chunk(3, 60'000)}}}).error().code == error_code::integrity));
    BOOST_REQUIRE(commit(*store, {free_content{a}}).has_value());
    BOOST_TEST((pending_in(*store) == contents{b}));
    for (std::uint8_t i = 10; i < 20; ++i)
      BOOST_REQUIRE(commit(*store, {store_chunks{crypto::content_id{i}, 0, {chunk(i, 60'000)}}}).has_value());
    BOOST_TEST((store->read(b, 0, 1).value() == std::vector<domain::bytes>{chunk(2, 60'000)}));
  }
}

BOOST_AUTO_TEST_CASE(frees_the_last_chunk_and_the_mark_together) {
  const temp_folder folder;
  const auto store = open_content(folder);
  for (const auto& content : {a, largest}) {
    BOOST_REQUIRE(commit(*store, {store_chunks{content, 0, chunks(1, 4)}}).has_value());
    BOOST_REQUIRE(commit(*store, {free_content{content, 4}}).has_value());
    BOOST_TEST(store->stored_chunks(content).value() == 0U);
    BOOST_TEST((pending_in(*store) == contents{}));
  }
}

BOOST_AUTO_TEST_CASE(refuses_chunks_of_an_impossible_size_or_index_with_the_whole_batch) {
  const temp_folder folder;
  const auto store = open_content(folder);
  const std::vector<content_change> bad{
      store_chunks{b, 0, {chunk(1, crypto::chunk_sealed_max + 1)}},
      store_chunks{b, 0, {chunk(1, crypto::seal_overhead)}},
      store_chunks{b, 0, {domain::bytes{}}},
      store_chunks{b, UINT32_MAX, chunks(1, 1)},
  };
  for (const auto& change : bad) {
    const auto refused = commit(*store, {store_chunks{a, 0, chunks(1, 1)}, change});
    BOOST_REQUIRE(!refused.has_value());
    BOOST_TEST((refused.error().code == error_code::invalid));
    BOOST_TEST(store->stored_chunks(a).value() == 0U);
  }
  BOOST_TEST(commit(*store, {store_chunks{a, UINT32_MAX - 1, chunks(1, 1)}}).has_value());
}

BOOST_AUTO_TEST_CASE(fills_sixteen_pages_with_a_full_chunk_and_not_one_more) {
  const temp_folder folder;
  const std::size_t count = 50;
  BOOST_REQUIRE(
      commit(*open_content(folder), {store_chunks{a, 0, std::vector(count, chunk(1, crypto::chunk_sealed_max))}})
          .has_value());
  const auto stat = raw_environment(folder.in("content")).stat("chunks");
  BOOST_REQUIRE(stat.ms_psize == 4'096U);
  BOOST_TEST(stat.ms_entries == count);
  BOOST_TEST(stat.ms_overflow_pages == 16 * count);
}

BOOST_AUTO_TEST_CASE(uses_the_space_of_freed_contents_again) {
  const temp_folder folder;
  const auto store = open_content(folder);
  const auto cycle = [&](std::uint8_t which) {
    const crypto::content_id content{which};
    const std::vector full(20, chunk(1, crypto::chunk_sealed_max));
    BOOST_REQUIRE(commit(*store, {store_chunks{content, 0, full}}).has_value());
    BOOST_REQUIRE(commit(*store, {free_content{content}}).has_value());
    return std::filesystem::file_size(folder.in("content/data.mdb"));
  };
  auto settled = cycle(0);
  for (std::uint8_t i = 1; i < 5; ++i) settled = cycle(i);
  for (std::uint8_t i = 5; i < 40; ++i) BOOST_TEST(cycle(i) <= settled);
}

BOOST_AUTO_TEST_CASE(tells_a_damaged_mark_as_an_integrity_error) {
  const temp_folder folder;
  BOOST_REQUIRE(commit(*open_content(folder), {store_chunks{a, 0, chunks(1, 1)}}).has_value());
  raw_environment(folder.in("content")).put("pending", std::string(a.begin(), a.end()), "1234567");
  const auto listed = open_content(folder)->list_pending(10);
  BOOST_REQUIRE(!listed.has_value());
  BOOST_TEST((listed.error().code == error_code::integrity));
}

BOOST_AUTO_TEST_CASE(stands_in_a_folder_of_its_own_user) {
  const temp_folder folder;
  const auto store = open_content(folder);
  struct stat info{};
  BOOST_REQUIRE(::stat(folder.in("content/data.mdb").c_str(), &info) == 0);
  BOOST_TEST((info.st_mode & 0777U) == 0600U);
  BOOST_TEST(store->free_bytes().value() > 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::storage::testing
