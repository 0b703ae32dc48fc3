#include "crypto/random.hpp"
#include "tests/crypto/support.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace elsec;

namespace {

struct started {
  started() { BOOST_TEST_REQUIRE(crypto::start().has_value()); }
};

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(started);

BOOST_AUTO_TEST_CASE(starting_again_does_no_harm) { BOOST_TEST(crypto::start().has_value()); }

BOOST_AUTO_TEST_CASE(random_bytes_reach_every_byte_of_the_span) {
  std::array<std::uint8_t, 40> seen{};
  for (int round = 0; round < 64; ++round) {
    std::array<std::uint8_t, 40> drawn{};
    crypto::random_bytes(drawn);
    for (std::size_t i = 0; i < drawn.size(); ++i) seen[i] = static_cast<std::uint8_t>(seen[i] | drawn[i]);
  }
  for (const auto byte : seen) BOOST_TEST(byte == 0xFF);
}

BOOST_AUTO_TEST_CASE(identifiers_of_one_millisecond_differ) {
  const domain::time_point now{std::chrono::milliseconds{1'700'000'000'000}};
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(crypto::new_id<domain::document_id>(now).str());
  BOOST_TEST(ids.size() == 1000U);
  BOOST_TEST(domain::document_id::parse(*ids.begin()).has_value());
}
