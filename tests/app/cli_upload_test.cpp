// R12: bodies on their way to the node, and answers that come before their end.
#include "tests/app/cli_https_support.hpp"

#include <boost/test/unit_test.hpp>

using namespace elsec::cli;
using namespace elsec::cli::test;

BOOST_FIXTURE_TEST_SUITE(cli_upload, localhost)

BOOST_AUTO_TEST_CASE(an_upload_is_announced_streamed_in_blocks_and_arrives_whole) {
  constexpr std::size_t size_bytes = 3 * 1024 * 1024 + 17;
  std::size_t largest = 0;
  std::string head, received;
  const tls_server server(files, {[&](peer& client) {
                            head = client.read_head();
                            client.write(go_on);
                            received = client.read(size_bytes);
                            client.write("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}");
                          }});
  request what = upload_of(size_bytes);
  what.open_stream = [&]() -> outcome<body_reader> {
    return [&, given = std::size_t{0}](std::span<char> into) mutable -> outcome<std::size_t> {
      largest = std::max(largest, into.size());
      for (auto& c : into) c = static_cast<char>('a' + given++ % 23);
      return into.size();
    };
  };
  BOOST_TEST(exchange(to(server), what)->status == 201U);
  BOOST_TEST(head.contains("\r\nExpect: 100-continue\r\n"));
  BOOST_TEST(!head.contains("\r\nTransfer-Encoding"));
  BOOST_TEST(largest <= block_size_bytes);
  BOOST_REQUIRE_EQUAL(received.size(), size_bytes);
  for (std::size_t i = 0; i < size_bytes; ++i) BOOST_REQUIRE(received[i] == static_cast<char>('a' + i % 23));
}

BOOST_AUTO_TEST_CASE(a_refusal_in_the_middle_of_an_upload_is_seen_and_ends_it) {
  const tls_server server(files, {[](peer& client) {
                            client.read_head();
                            client.write(go_on);
                            client.read(100'000);
                            client.write("HTTP/1.1 413 X\r\nContent-Length: 2\r\n\r\n{}");
                            client.read(200'000'000);  // drains until the client hangs up
                          }});
  const auto answer = exchange(to(server), upload_of(1ULL << 40));  // would never end
  BOOST_REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().title + answer.error().detail));
  BOOST_TEST(answer->status == 413U);
  BOOST_TEST(answer->body == "{}");
}

BOOST_AUTO_TEST_CASE(a_consent_in_the_middle_of_an_upload_ends_it_too) {
  const tls_server server(files, {[](peer& client) {
                            client.read_head();
                            client.write(go_on);
                            client.read(100'000);
                            client.write("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}");
                            client.read(200'000'000);
                          }});
  const auto answer = exchange(to(server), upload_of(1ULL << 40));
  BOOST_REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().title + answer.error().detail));
  BOOST_TEST(answer->status == 201U);
}

BOOST_AUTO_TEST_CASE(of_a_document_the_node_does_not_want_no_byte_is_sent) {
  for (const auto* status : {"401", "413", "417", "507"}) {
    std::string body;
    int connections = 0;
    const auto refuse = [&](peer& client) {
      ++connections;
      client.read_head();
      client.write("HTTP/1.1 " + std::string(status) + " X\r\nContent-Length: 2\r\n\r\n{}");
      body += client.read(1);
    };
    {
      const tls_server server(files, {refuse, refuse});
      BOOST_TEST(std::to_string(exchange(to(server), upload_of(1ULL << 30))->status) == status);
    }
    BOOST_TEST(body == "");
    BOOST_TEST(connections == 1);
  }
}

BOOST_AUTO_TEST_CASE(an_upload_whose_node_hangs_up_is_a_lost_connection) {
  const tls_server server(files, {[](peer& client) {
                            client.read_head();
                            client.write(go_on);
                            client.read(100'000);
                          }});
  const auto answer = exchange(to(server), upload_of(1ULL << 40));
  BOOST_REQUIRE(!answer);
  BOOST_TEST(answer.error().connection_lost);
}

BOOST_AUTO_TEST_CASE(what_a_stream_or_sink_throws_ends_the_call_in_order) {
  const tls_server server(files, {[](peer& client) { client.read(1'000'000); },
                                  [](peer& client) {
                                    client.read_head();
                                    client.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                                  }});
  auto sending = upload_of(10);
  sending.open_stream = []() -> outcome<body_reader> { throw std::runtime_error("the disk is gone"); };
  const auto sent = exchange(to(server), sending);
  BOOST_REQUIRE(!sent);
  BOOST_TEST(sent.error().detail == "the disk is gone");
  auto receiving = get_request();
  receiving.on_success = [](const response_head&) -> outcome<body_sink> { throw std::runtime_error("no room"); };
  const auto got = exchange(to(server), receiving);
  BOOST_REQUIRE(!got);
  BOOST_TEST(got.error().detail == "no room");
}

BOOST_AUTO_TEST_CASE(a_file_that_shrinks_while_it_is_sent_is_a_local_failure) {
  const tls_server server(files, {[](peer& client) { client.read(1'000'000); }});
  auto what = upload_of(100);
  what.open_stream = []() -> outcome<body_reader> {
    return [](std::span<char>) -> outcome<std::size_t> { return 0U; };
  };
  BOOST_CHECK(code_of(exchange(to(server), what)) == exit_code::local_file);
}

BOOST_AUTO_TEST_SUITE_END()
