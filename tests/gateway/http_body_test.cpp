// Chunked bodies.

#include "gateway/http_body.hpp"

#include "gateway/limits.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <optional>
#include <random>
#include <vector>

using namespace elsec::gateway;

namespace {

struct decoded {
  std::string body;
  std::string rest;
};

// Decodes `bytes`, given in pieces of `step`, into a buffer of `room`; nothing when it is refused or incomplete.
std::optional<decoded> decode(std::string_view bytes, std::size_t step, std::size_t room) {
  chunk_decoder decoder;
  decoded result;
  std::vector<std::uint8_t> buffer(room);
  std::string pending;
  while (!decoder.finished()) {
    if (pending.empty() && bytes.empty()) return std::nullopt;
    const auto taken = std::min(step, bytes.size());
    pending += bytes.substr(0, taken);
    bytes.remove_prefix(taken);
    const auto done = decoder.decode(pending, buffer);
    if (!done) return std::nullopt;
    pending.erase(0, done->consumed);
    result.body.append(reinterpret_cast<const char*>(buffer.data()), done->produced);
  }
  result.rest = pending + std::string(bytes);
  return result;
}

const std::string two_chunks = "4\r\nWiki\r\n6;name=\"v\"\r\npedia \r\n0\r\nX-Trailer: t\r\n\r\nGET /next";

const std::vector<std::string> garbage{
    "\r\n",
    "x\r\n",
    "-1\r\n",
    "+1\r\na\r\n0\r\n\r\n",
    "0x1\r\na\r\n0\r\n\r\n",
    " 1\r\na\r\n0\r\n\r\n",
    "1\na\r\n0\r\n\r\n",
    "1\r\nab\r\n0\r\n\r\n",
    "1\r\na\n0\r\n\r\n",
    "1\r\na0\r\n\r\n",
    "0\r\n\n",
    "1\r\na\r\n0\n\r\n",
    "ffffffffffffffff\r\n",
    "1\r\r\na\r\n0\r\n\r\n",
    "1;\x01\r\na\r\n0\r\n\r\n",
    "1 2\r\na\r\n0\r\n\r\n",
    "1;" + std::string(chunk_line_max, 'e') + "\r\na\r\n0\r\n\r\n",
};

}  // namespace

BOOST_AUTO_TEST_SUITE(http_body)

BOOST_AUTO_TEST_CASE(chunks_give_the_same_body_however_they_arrive) {
  for (const std::size_t step : {1U, 2U, 3U, 7U, 1'000U})
    for (const std::size_t room : {1U, 5U, 1'000U}) {
      const auto result = decode(two_chunks, step, room);
      BOOST_REQUIRE(result);
      BOOST_TEST(result->body == "Wikipedia ");
      BOOST_TEST(result->rest == "GET /next");
    }
}

BOOST_AUTO_TEST_CASE(a_body_cut_at_any_byte_is_never_complete) {
  const auto end = two_chunks.find("GET");
  for (std::size_t length = 0; length < end; ++length)
    BOOST_TEST(!decode(std::string_view(two_chunks).substr(0, length), 1, 100).has_value());
}

BOOST_DATA_TEST_CASE(what_is_no_chunked_body_is_refused, garbage) {
  for (const std::size_t step : {1U, 100U}) BOOST_TEST(!decode(sample, step, 100).has_value());
}

BOOST_AUTO_TEST_CASE(trailers_are_bounded) {
  std::string body = "0\r\n";
  for (std::size_t bytes = 0; bytes <= trailer_bytes_max; bytes += 100) body += "A: " + std::string(100, 'b') + "\r\n";
  BOOST_TEST(!decode(body + "\r\n", 64, 100).has_value());
}

BOOST_AUTO_TEST_CASE(random_changes_never_break_the_decoder) {
  std::mt19937 random(3);
  for (int round = 0; round < 50'000; ++round) {
    auto bytes = two_chunks;
    for (auto changes = 1 + random() % 3; changes > 0; --changes)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    if (const auto result = decode(bytes, 1 + random() % 20, 1 + random() % 20))
      BOOST_TEST_REQUIRE(result->body.size() < bytes.size());
  }
}

BOOST_AUTO_TEST_SUITE_END()
