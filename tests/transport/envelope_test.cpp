#include "transport/envelope.hpp"

#include "tests/transport/support.hpp"
#include "transport/names.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

namespace elsec::transport {
namespace {

domain::result<envelope_header> after(void (*change)(envelope_header&)) {
  auto header = test::letter("a", "b", 7).header;
  change(header);
  return decode_header(encode_header(header));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(envelopes)

BOOST_AUTO_TEST_CASE(a_header_survives_encoding) {
  const auto header = test::letter("praxis-1", "klinik-2", 18'446'744'073'709'551'615U).header;
  const auto decoded = decode_header(encode_header(header));
  BOOST_REQUIRE(decoded.has_value());
  BOOST_TEST((*decoded == header));
}

BOOST_AUTO_TEST_CASE(the_longest_header_a_node_can_write_fits) {
  auto header = test::letter(std::string(40, 'a'), std::string(40, 'b'), UINT64_MAX).header;
  header.kind = std::string(32, 'k');
  const auto frame = encode_header(header);
  BOOST_TEST(frame.size() <= header_bytes_max);
  BOOST_TEST(decode_header(frame).has_value());
}

BOOST_AUTO_TEST_CASE(another_version_can_be_read_and_is_left_to_the_receiver) {
  BOOST_TEST(after([](auto& header) { header.version = 99; }).value().version == 99U);
}

BOOST_AUTO_TEST_CASE(names_kind_epoch_and_id_outside_their_alphabets_are_invalid) {
  BOOST_TEST(after([](auto&) {}).has_value());
  BOOST_TEST(!after([](auto& header) { header.from = ""; }).has_value());
  BOOST_TEST(!after([](auto& header) { header.from = "A"; }).has_value());
  BOOST_TEST(!after([](auto& header) { header.from = std::string(41, 'a'); }).has_value());
  BOOST_TEST(!after([](auto& header) { header.to = "b\n"; }).has_value());
  BOOST_TEST(!after([](auto& header) { header.to = std::string("b\0", 2); }).has_value());
  BOOST_TEST(!after([](auto& header) { header.kind = "Card"; }).has_value());
  BOOST_TEST(!after([](auto& header) { header.kind = std::string(33, 'k'); }).has_value());
  BOOST_TEST(!after([](auto& header) { header.epoch = "00112233445566778899AABBCCDDEEFF"; }).has_value());
  BOOST_TEST(!after([](auto& header) { header.epoch.pop_back(); }).has_value());
  BOOST_TEST(!after([](auto& header) { header.id = "doc_01J9ZQ6Z7N2M4X8K3V5T1R0B9C"; }).has_value());
}

BOOST_AUTO_TEST_CASE(every_truncated_header_is_invalid) {
  const auto frame = encode_header(test::letter("a", "b", 1).header);
  for (std::size_t size = 0; size < frame.size(); ++size) {
    const auto decoded = decode_header(std::span(frame).first(size));
    BOOST_REQUIRE(!decoded.has_value());
    BOOST_TEST((decoded.error().code == domain::error_code::invalid));
  }
}

BOOST_AUTO_TEST_CASE(a_header_over_its_limit_is_invalid_whatever_it_holds) {
  auto header = test::letter("a", "b", 1).header;
  header.epoch = std::string(header_bytes_max, '0');
  BOOST_TEST(!decode_header(encode_header(header)).has_value());
  BOOST_TEST(!decode_header(domain::bytes(header_bytes_max + 1, 0)).has_value());
}

BOOST_AUTO_TEST_CASE(damaged_headers_never_give_a_name_outside_the_alphabet) {
  const auto frame = encode_header(test::letter("a", "b", 1).header);
  std::mt19937 random(12);
  for (int round = 0; round < 20'000; ++round) {
    auto damaged = frame;
    for (int hits = 0; hits < 3; ++hits) damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
    const auto decoded = decode_header(damaged);
    if (!decoded) continue;
    BOOST_REQUIRE(is_node_name(decoded->from) && is_node_name(decoded->to) && is_kind(decoded->kind));
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(names)

BOOST_AUTO_TEST_CASE(R12_only_tcp_with_host_and_port_is_connected_to) {
  BOOST_TEST(is_peer_endpoint("tcp://klinik.example:7000"));
  BOOST_TEST(is_peer_endpoint("tcp://127.0.0.1:65535"));
  for (const auto* bad : {"", "tcp://", "tcp://:1", "tcp://a", "tcp://a:", "tcp://a:0", "tcp://a:65536", "tcp://a:1x",
                          "tcp://a:-1", "tcp://b;a:1", "tcp://*:1", "tcp://a:*", "tcp://[::1]:1", "inproc://a:1",
                          "ipc://a:1", "udp://a:1", "ws://a:1", "tcp://a b:1"})
    BOOST_TEST(!is_peer_endpoint(bad), bad);
}

BOOST_AUTO_TEST_CASE(R12_only_tcp_is_listened_on) {
  for (const auto* good : {"tcp://0.0.0.0:0", "tcp://*:7000", "tcp://127.0.0.1:*", "tcp://eth0:7000"})
    BOOST_TEST(is_own_endpoint(good), good);
  for (const auto* bad : {"", "inproc://a:1", "ipc:///tmp/a:1", "tcp://:1", "tcp://a", "tcp://a:70000", "tcp://**:1"})
    BOOST_TEST(!is_own_endpoint(bad), bad);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::transport
