// Chunks of documents (R13).
#include "crypto/content.hpp"

#include "tests/crypto/support.hpp"

#include <boost/test/unit_test.hpp>

using namespace elsec;
using namespace elsec::crypto_test;
using crypto::secret;
using domain::error_code;

BOOST_AUTO_TEST_CASE(a_full_chunk_fills_its_pages_exactly) {
  constexpr std::size_t lmdb_page_header = 16;
  BOOST_TEST(crypto::chunk_sealed_max + lmdb_page_header == 16U * 4'096U);
}

BOOST_AUTO_TEST_CASE(chunks_are_counted_up_to_the_last_byte) {
  BOOST_TEST(crypto::chunk_count(0) == 0U);
  BOOST_TEST(crypto::chunk_count(1) == 1U);
  BOOST_TEST(crypto::chunk_count(crypto::chunk_plain_max) == 1U);
  BOOST_TEST(crypto::chunk_count(crypto::chunk_plain_max + 1) == 2U);
  BOOST_TEST(crypto::chunk_count(std::uint64_t{1} << 30) == 16'399U);
}

BOOST_AUTO_TEST_CASE(chunks_of_every_size_come_back) {
  const auto key = secret::random();
  const auto id = crypto::new_content_id();
  for (const std::size_t size : {std::size_t{1}, std::size_t{4'095}, crypto::chunk_plain_max}) {
    const domain::bytes plain(size, 0x42);
    const auto sealed = crypto::seal_chunk(key, id, 7, plain);
    BOOST_TEST(sealed.size() == size + crypto::seal_overhead);
    BOOST_TEST((crypto::open_chunk(key, id, 7, sealed).value() == plain));
  }
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_of_a_chunk_is_noticed) {
  const auto key = secret::random();
  const auto id = crypto::new_content_id();
  const auto sealed = crypto::seal_chunk(key, id, 0, bytes_of("Befund: unauffaellig"));
  for_every_flipped_bit(sealed, [&](const auto& other, std::size_t) {
    BOOST_TEST(failed_with(crypto::open_chunk(key, id, 0, other), error_code::integrity));
  });
}

BOOST_AUTO_TEST_CASE(flips_anywhere_in_a_full_chunk_are_noticed) {
  const auto key = secret::random();
  const auto id = crypto::new_content_id();
  auto sealed = crypto::seal_chunk(key, id, 0, domain::bytes(crypto::chunk_plain_max, 9));
  for (std::size_t at = 0; at < sealed.size(); at += 509) {
    sealed[at] ^= 0x10;
    BOOST_TEST(failed_with(crypto::open_chunk(key, id, 0, sealed), error_code::integrity));
    sealed[at] ^= 0x10;
  }
  BOOST_TEST(crypto::open_chunk(key, id, 0, sealed).has_value());
}

BOOST_AUTO_TEST_CASE(a_chunk_in_another_place_does_not_open) {
  const auto key = secret::random();
  const auto id = crypto::new_content_id();
  const auto sealed = crypto::seal_chunk(key, id, 1, bytes_of("x"));
  for (std::uint32_t bit = 0; bit < 32; ++bit)
    BOOST_TEST(failed_with(crypto::open_chunk(key, id, 1U ^ (1U << bit), sealed), error_code::integrity));
  for_every_flipped_bit(id, [&](const auto& other, std::size_t) {
    BOOST_TEST(failed_with(crypto::open_chunk(key, other, 1, sealed), error_code::integrity));
  });
  BOOST_TEST(failed_with(crypto::open_chunk(secret::random(), id, 1, sealed), error_code::integrity));
}

BOOST_AUTO_TEST_CASE(chunks_of_impossible_size_do_not_open) {
  const auto key = secret::random();
  const auto id = crypto::new_content_id();
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, crypto::seal_overhead, crypto::chunk_sealed_max + 1})
    BOOST_TEST(failed_with(crypto::open_chunk(key, id, 0, domain::bytes(size)), error_code::integrity));
}

BOOST_AUTO_TEST_CASE(content_ids_differ) { BOOST_TEST((crypto::new_content_id() != crypto::new_content_id())); }
