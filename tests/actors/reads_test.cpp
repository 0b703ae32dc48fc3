// What is read of a document's content: all that was stored, or an error.

#include "actors/queries.hpp"
#include "decisions/content_keys.hpp"
#include "tests/actors/upload_support.hpp"

namespace elsec::actors::testing {
namespace {

namespace tables = storage::tables;

constexpr std::size_t block = 1U << 20;

// A document of three chunks.
struct reading : uploading {
  reading() {
    for (std::size_t i = 0; i < 2 * crypto::chunk_plain_max + 100; ++i)
      words.push_back(static_cast<std::uint8_t>(i % 251));
    row.id = domain::document_id::make(domain::time_point{}, {1});
    row.size = words.size();
    row.state = domain::document_state::draft;
    row.content =
        wrap_content_key(open(), organisation(1), row.id, content, key, open().slots->create().value()).value();
    for (std::uint32_t i = 0; i < crypto::chunk_count(words.size()); ++i) store(i);
    put();
  }
  void store(std::uint32_t index) {
    const auto from = index * crypto::chunk_plain_max;
    const auto plain = std::span(words).subspan(from, std::min(crypto::chunk_plain_max, words.size() - from));
    write(storage::store_chunks{content, index, {crypto::seal_chunk(key, content, index, plain)}});
  }
  void write(const storage::content_change& change) {
    const std::array batch{&change};
    BOOST_REQUIRE(open().content->commit(batch).has_value());
  }
  void put() {
    storage::change_set changes;
    changes.put(tables::documents, storage::key_of(organisation(1), row.id), row);
    commit(changes);
  }
  [[nodiscard]] domain::result<content_reader> reader() {
    return queries(with()->with).content(organisation(1), row.id);
  }

  domain::bytes words;
  crypto::content_id content{1};
  crypto::secret key = crypto::secret::random();
  domain::document_row row;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(reading_contents, reading)

BOOST_AUTO_TEST_CASE(any_part_is_read_as_it_was_stored) {
  const auto opened = reader();
  BOOST_REQUIRE(opened.has_value());
  for (const std::uint64_t from : {std::uint64_t{0}, std::uint64_t{crypto::chunk_plain_max - 1}, row.size - 1}) {
    domain::bytes got;
    while (from + got.size() < row.size) {
      const auto part = opened->read(from + got.size(), block);
      BOOST_REQUIRE((part && !part->empty()));
      got.insert(got.end(), part->begin(), part->end());
    }
    BOOST_TEST((got == domain::bytes(words.begin() + static_cast<std::ptrdiff_t>(from), words.end())));
  }
}

// Also while its slot is still there.
BOOST_AUTO_TEST_CASE(G4_a_closed_document_is_not_read) {
  row.state = domain::document_state::closed;
  put();
  const auto opened = reader();
  BOOST_REQUIRE(!opened.has_value());
  BOOST_CHECK(opened.error().code == error_code::closed);
}

BOOST_AUTO_TEST_CASE(one_whose_slot_is_closed_is_not_read) {
  BOOST_REQUIRE(open().slots->close(0).has_value());
  const auto opened = reader();
  BOOST_REQUIRE(!opened.has_value());
  BOOST_CHECK(opened.error().code == error_code::closed);
}

BOOST_AUTO_TEST_CASE(a_missing_chunk_is_an_error_and_no_shorter_content) {
  write(storage::free_content{.content = content, .chunks_max = 1});
  const auto opened = reader();
  BOOST_REQUIRE(opened.has_value());
  BOOST_TEST(opened->read(0, 100).has_value());
  const auto part = opened->read(crypto::chunk_plain_max, block);
  BOOST_REQUIRE(!part.has_value());
  BOOST_CHECK(part.error().code == error_code::integrity);
  BOOST_TEST(part.error().detail.contains("missing"));
}

BOOST_AUTO_TEST_CASE(a_damaged_chunk_is_an_error) {
  write(storage::store_chunks{content, 1, {domain::bytes(1'000)}});
  const auto part = reader()->read(0, block);
  BOOST_REQUIRE(!part.has_value());
  BOOST_CHECK(part.error().code == error_code::integrity);
}

BOOST_AUTO_TEST_CASE(G1_only_a_received_copy_that_nobody_has_fetched_must_be_collected) {
  BOOST_TEST(!reader()->must_be_collected());
  row.from = domain::correspondent{.organisation_id = organisation(2), .name = "Klinik"};
  put();
  BOOST_TEST(reader()->must_be_collected());
  row.collected = true;
  put();
  BOOST_TEST(!reader()->must_be_collected());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::actors::testing
