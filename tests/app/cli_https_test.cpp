// R12: the connection itself, and servers that mean no good.
#include "app/cli/https.hpp"
#include "tests/app/cli_test_server.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <thread>
#include <unistd.h>

using namespace elsec::cli;
using namespace elsec::cli::test;

namespace {

struct no_sigpipe {
  no_sigpipe() { std::signal(SIGPIPE, SIG_IGN); }
};

struct localhost {
  folder dir;
  certificate_files files = make_certificates(dir, "DNS:localhost");

  [[nodiscard]] connection to(const tls_server& server) const {
    return {{"localhost", server.port()}, files.authority, "token", {}};
  }
};

request get_request() {
  request what;
  what.target = "/api/v1/users/me";
  return what;
}

constexpr auto* go_on = "HTTP/1.1 100 Continue\r\n\r\n";

request upload_of(std::uint64_t size_bytes) {
  request what;
  what.method = "POST";
  what.target = "/api/v1/documents";
  what.stream_size_bytes = size_bytes;
  what.open_stream = []() -> outcome<body_reader> {
    return [](std::span<char> into) -> outcome<std::size_t> { return into.size(); };
  };
  return what;
}

// One answer of these bytes, then the connection is cut without a farewell.
outcome<response> answer_to(const localhost& here, std::string bytes, const request& what = get_request()) {
  const tls_server server(here.files, {[bytes = std::move(bytes)](peer& client) {
                            client.read_head();
                            client.write(bytes);
                          }});
  return exchange(here.to(server), what);
}

exit_code code_of(const outcome<response>& answer) { return answer ? exit_code::ok : answer.error().code; }

std::string endless_headers() {
  std::string bytes = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 10'000; ++i) bytes += "X-" + std::to_string(i) + ": aaaaaaaaaaaaaaaaaaaaaaaa\r\n";
  return bytes;
}

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(no_sigpipe);

BOOST_FIXTURE_TEST_SUITE(cli_https, localhost)

BOOST_AUTO_TEST_CASE(a_request_carries_host_token_and_length) {
  std::string head, body;
  const tls_server server(files, {[&](peer& client) {
                            head = client.read_head();
                            body = client.read(2);
                            client.write("HTTP/1.1 201 Created\r\nContent-Length: 2\r\nETag: \"x\"\r\n\r\nok");
                          }});
  auto what = get_request();
  what.method = "POST";
  what.body = "{}";
  const auto answer = exchange(to(server), what);
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->status == 201U);
  BOOST_TEST(answer->body == "ok");
  BOOST_TEST(answer->header("etag") == "\"x\"");
  BOOST_TEST(head.starts_with("POST /api/v1/users/me HTTP/1.1\r\nHost: localhost:" + server.port() + "\r\n"));
  BOOST_TEST(head.find("\r\nAuthorization: Bearer token\r\n") != std::string::npos);
  BOOST_TEST(head.find("\r\nContent-Length: 2\r\n") != std::string::npos);
  BOOST_TEST(!head.contains("\r\nExpect"));
  BOOST_TEST(body == "{}");
}

BOOST_AUTO_TEST_CASE(R12_an_unknown_authority_is_a_tls_failure_and_nothing_is_sent) {
  bool spoke = false;
  const tls_server server(files, {[&](peer& client) { spoke = !client.read_head().empty(); }});
  const folder elsewhere;
  auto with = to(server);
  with.ca_file = make_certificates(elsewhere, "DNS:localhost").authority;
  auto answer = exchange(with, get_request());
  BOOST_REQUIRE(!answer);
  BOOST_CHECK(answer.error().code == exit_code::unreachable);
  BOOST_TEST(!answer.error().connection_lost);
  BOOST_TEST(answer.error().title ==
             "The certificate of https://localhost:" + server.port() + " is from an unknown authority.");
  BOOST_TEST(answer.error().detail.contains("--ca FILE"));
  BOOST_TEST(!spoke);
}

BOOST_AUTO_TEST_CASE(R12_the_systems_authorities_do_not_vouch_for_a_private_one) {
  const tls_server server(files, {[](peer&) {}});
  auto with = to(server);
  with.ca_file.clear();
  const auto answer = exchange(with, get_request());
  BOOST_REQUIRE(!answer);
  BOOST_TEST(answer.error().title.contains("is from an unknown authority"));
}

BOOST_AUTO_TEST_CASE(R12_an_authority_of_the_same_name_with_another_key_is_an_unknown_one) {
  const tls_server server(files, {[](peer&) {}});
  auto with = to(server);
  make_certificates(dir, "DNS:localhost");  // replaces the files; the server has read them
  const auto answer = exchange(with, get_request());
  BOOST_REQUIRE(!answer);
  BOOST_TEST(answer.error().title.contains("is from an unknown authority"));
}

BOOST_AUTO_TEST_CASE(R12_a_certificate_for_another_name_is_a_tls_failure) {
  const folder elsewhere;
  const auto other = make_certificates(elsewhere, "DNS:node.example");
  const tls_server server(other, {[](peer&) {}, [](peer&) {}});
  for (const auto* host : {"localhost", "127.0.0.1"}) {
    const auto answer = exchange({{host, server.port()}, other.authority, "", {}}, get_request());
    BOOST_REQUIRE(!answer);
    BOOST_CHECK(answer.error().code == exit_code::unreachable);
    BOOST_TEST(answer.error().title.contains("is for another name"));
    BOOST_TEST(answer.error().detail.contains("mismatch"));
  }
}

BOOST_AUTO_TEST_CASE(R12_a_name_in_the_subject_alone_is_not_a_name) {
  const folder elsewhere;
  const auto old = make_certificates(elsewhere, "", validity::now, "localhost");
  const tls_server server(old, {[](peer&) {}});
  const auto answer = exchange({{"localhost", server.port()}, old.authority, "", {}}, get_request());
  BOOST_REQUIRE(!answer);
  BOOST_TEST(answer.error().title.contains("is for another name"));
}

BOOST_AUTO_TEST_CASE(R12_a_certificate_is_refused_before_and_after_its_time) {
  for (const auto& [when, words] :
       {std::pair(validity::past, "has expired"), std::pair(validity::future, "is not valid yet")}) {
    const folder elsewhere;
    const auto stale = make_certificates(elsewhere, "DNS:localhost", when);
    const tls_server server(stale, {[](peer&) {}});
    const auto answer = exchange({{"localhost", server.port()}, stale.authority, "", {}}, get_request());
    BOOST_REQUIRE(!answer);
    BOOST_CHECK(answer.error().code == exit_code::unreachable);
    BOOST_TEST(answer.error().title.contains(words));
    BOOST_TEST(!answer.error().connection_lost);
  }
}

BOOST_AUTO_TEST_CASE(an_address_is_verified_as_an_address) {
  const folder elsewhere;
  const auto by_address = make_certificates(elsewhere, "IP:127.0.0.1");
  const tls_server server(by_address, {[](peer& client) {
                            client.read_head();
                            client.write("HTTP/1.1 204 No Content\r\n\r\n");
                          }});
  const auto answer = exchange({{"127.0.0.1", server.port()}, by_address.authority, "", {}}, get_request());
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->status == 204U);
}

BOOST_AUTO_TEST_CASE(R12_tls_1_2_is_not_spoken) {
  const tls_server server(files, {[](peer&) {}}, true);
  const auto answer = exchange(to(server), get_request());
  BOOST_CHECK(code_of(answer) == exit_code::unreachable);
  BOOST_TEST(answer.error().title.contains("There is no secure connection to https://localhost"));
  BOOST_TEST(!answer.error().connection_lost);
}

BOOST_AUTO_TEST_CASE(a_refused_connection_may_be_repeated) {
  std::string port;
  {
    const tls_server gone(files, {});
    port = gone.port();
  }
  const auto answer = exchange({{"127.0.0.1", port}, files.authority, "", {}}, get_request());
  BOOST_REQUIRE(!answer);
  BOOST_CHECK(answer.error().code == exit_code::unreachable);
  BOOST_TEST(answer.error().connection_lost);
  BOOST_TEST(answer.error().title == "https://127.0.0.1:" + port + " cannot be reached: Connection refused.");
}

BOOST_AUTO_TEST_CASE(a_connection_cut_within_the_handshake_may_be_repeated) {
  const int listener = listen_on_loopback();
  std::thread cutting([&] { ::close(accept_patiently(listener)); });
  const auto answer = exchange({{"127.0.0.1", port_of(listener)}, files.authority, "", {}}, get_request());
  cutting.join();
  ::close(listener);
  BOOST_REQUIRE(!answer);
  BOOST_TEST(answer.error().connection_lost);
  BOOST_TEST(answer.error().title.contains("closed the connection while it was being secured"),
             answer.error().title << answer.error().detail);
}

BOOST_AUTO_TEST_CASE(a_name_that_does_not_exist_is_named) {
  const auto answer = exchange({{"nothing.invalid", "443"}, files.authority, "", {}}, get_request());
  BOOST_REQUIRE(!answer);
  BOOST_CHECK(answer.error().code == exit_code::unreachable);
  BOOST_TEST(answer.error().title == "The name of the node, nothing.invalid, cannot be resolved.");
  BOOST_TEST(answer.error().detail.contains("HTTPS_PROXY"));
}

BOOST_AUTO_TEST_CASE(a_missing_or_empty_authority_file_is_a_local_failure) {
  for (const auto& file : {(dir / "none.pem").string(), dir.write("empty.pem", "").string()})
    BOOST_CHECK(code_of(exchange({{"127.0.0.1", "1"}, file, "", {}}, get_request())) == exit_code::local_file);
}

BOOST_AUTO_TEST_CASE(a_token_or_target_with_a_line_feed_is_never_sent) {
  BOOST_CHECK(code_of(exchange({{"127.0.0.1", "1"}, files.authority, "a\r\nX: y", {}}, get_request())) ==
              exit_code::usage);
  auto what = get_request();
  what.target = "/a b";
  BOOST_CHECK(code_of(exchange({{"127.0.0.1", "1"}, files.authority, "", {}}, what)) == exit_code::usage);
}

BOOST_AUTO_TEST_CASE(endless_headers_are_refused) {
  BOOST_CHECK(code_of(answer_to(*this, endless_headers())) == exit_code::node_failed);
  BOOST_CHECK(code_of(answer_to(*this, "HTTP/1.1 200 OK\r\nX: " + std::string(200'000, 'a'))) ==
              exit_code::node_failed);
}

BOOST_AUTO_TEST_CASE(a_body_beyond_its_bound_is_refused_however_it_is_framed) {
  auto what = get_request();
  what.body_size_max_bytes = 1000;
  const std::string body(1001, 'x');
  const auto refused = [&](const std::string& bytes) { return code_of(answer_to(*this, bytes, what)); };
  BOOST_CHECK(refused("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + body) == exit_code::node_failed);
  BOOST_CHECK(refused("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n") == exit_code::node_failed);
  BOOST_CHECK(refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + body + "\r\n0\r\n\r\n") ==
              exit_code::node_failed);
  BOOST_CHECK(refused("HTTP/1.1 200 OK\r\n\r\n" + body) == exit_code::node_failed);
}

BOOST_AUTO_TEST_CASE(an_error_body_has_a_bound_of_its_own) {
  auto what = get_request();
  what.body_size_max_bytes = std::numeric_limits<std::uint64_t>::max();
  BOOST_CHECK(code_of(answer_to(*this, "HTTP/1.1 500 X\r\nContent-Length: 1048577\r\n\r\n", what)) ==
              exit_code::node_failed);
}

BOOST_AUTO_TEST_CASE(what_is_not_http_is_refused) {
  for (const auto* bytes :
       {"SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 99999 X\r\n\r\n", "HTTP/1.1 200 OK\r\nBad Header: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n", "HTTP/1.1 200 OK\nX: a\n\n", "HTTP/1.1 099 X\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\x01\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"})
    BOOST_TEST_CONTEXT(bytes) { BOOST_CHECK(code_of(answer_to(*this, bytes)) == exit_code::node_failed); }
}

BOOST_AUTO_TEST_CASE(an_answer_cut_short_is_a_lost_connection) {
  for (const auto* bytes : {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
                            "HTTP/1.1 200 OK\r\n\r\nno length, no close_notify"}) {
    const auto answer = answer_to(*this, bytes);
    BOOST_TEST_CONTEXT(bytes) {
      BOOST_REQUIRE(!answer);
      BOOST_TEST(answer.error().connection_lost);
      BOOST_TEST(answer.error().title.contains("https://localhost"));
      BOOST_TEST(answer.error().title.contains("closed the connection"));
    }
  }
}

BOOST_AUTO_TEST_CASE(an_answer_ended_early_with_a_proper_farewell_is_a_lost_connection_too) {
  for (const auto* bytes : {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    const tls_server server(files, {[&](peer& client) {
                              client.read_head();
                              client.write(bytes);
                              client.say_farewell();
                            }});
    const auto answer = exchange(to(server), get_request());
    BOOST_TEST_CONTEXT(bytes) {
      BOOST_REQUIRE(!answer);
      BOOST_TEST(answer.error().connection_lost);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_body_without_length_is_whole_when_it_ends_with_a_proper_farewell) {
  const tls_server server(files, {[](peer& client) {
                            client.read_head();
                            client.write("HTTP/1.1 200 OK\r\n\r\nto the end");
                            client.say_farewell();
                          }});
  BOOST_TEST(exchange(to(server), get_request())->body == "to the end");
}

BOOST_AUTO_TEST_CASE(interim_answers_are_skipped_but_not_without_end) {
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
  const std::string last = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  BOOST_TEST(answer_to(*this, interim + interim + last)->body == "ok");
  std::string many;
  for (int i = 0; i < 100; ++i) many += interim;
  BOOST_CHECK(code_of(answer_to(*this, many + last)) == exit_code::node_failed);
}

BOOST_AUTO_TEST_CASE(redirects_are_not_followed) {
  const auto answer = answer_to(*this, "HTTP/1.1 302 Found\r\nLocation: https://evil/\r\nContent-Length: 0\r\n\r\n");
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->status == 302U);
}

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

BOOST_AUTO_TEST_CASE(a_download_reaches_the_sink_up_to_the_byte_where_it_broke) {
  std::string got;
  auto what = get_request();
  what.on_success = [&](const response_head& head) -> outcome<body_sink> {
    BOOST_TEST(head.content_length.value_or(0) == 100'000U);
    return [&](std::string_view bytes) -> outcome<bool> {
      got += bytes;
      return true;
    };
  };
  const auto answer =
      answer_to(*this, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + std::string(70'000, 'x'), what);
  BOOST_REQUIRE(!answer);
  BOOST_TEST(answer.error().connection_lost);
  BOOST_TEST(got == std::string(70'000, 'x'));
}

BOOST_AUTO_TEST_CASE(a_sink_that_had_enough_ends_the_call_well) {
  const tls_server server(files, {[](peer& client) {
                            client.read_head();
                            client.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
                            client.read(1);  // until the client hangs up
                          }});
  auto what = get_request();
  what.on_success = [](const response_head&) -> outcome<body_sink> {
    return [](std::string_view) -> outcome<bool> { return false; };
  };
  BOOST_TEST(exchange(to(server), what).has_value());
}

BOOST_AUTO_TEST_CASE(a_silent_server_is_left_when_the_time_is_over) {
  const tls_server server(files, {[](peer& client) {
                            client.read_head();
                            client.read(1);
                          }});
  auto what = get_request();
  what.until = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
  const auto answer = exchange(to(server), what);
  BOOST_REQUIRE(!answer);
  BOOST_CHECK(answer.error().code == exit_code::wait_timed_out);
}

BOOST_AUTO_TEST_SUITE_END()
