// R12: the connection itself, and servers that mean no good.
#include "tests/app/cli_https_support.hpp"

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
  BOOST_TEST(head.contains("\r\nConnection: close\r\n"));
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
  const tls_server server(files, {[](peer&) {}}, tls_kind::only_1_2);
  const auto answer = exchange(to(server), get_request());
  BOOST_CHECK(code_of(answer) == exit_code::unreachable);
  BOOST_TEST(answer.error().title.contains("There is no secure connection to https://localhost"));
  BOOST_TEST(!answer.error().connection_lost);
}

BOOST_AUTO_TEST_CASE(R12_other_groups_than_the_nodes_are_not_spoken) {
  const tls_server server(files, {[](peer&) {}}, tls_kind::only_large_groups);
  const auto answer = exchange(to(server), get_request());
  BOOST_REQUIRE(!answer);
  BOOST_TEST(answer.error().title.contains("There is no secure connection to https://localhost"));
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
  const auto name = unresolvable_name();
  const auto answer = exchange({{name, "443"}, files.authority, "", {}}, get_request());
  BOOST_REQUIRE(!answer);
  BOOST_CHECK(answer.error().code == exit_code::unreachable);
  BOOST_TEST(answer.error().title == "The name of the node, " + name + ", cannot be resolved.");
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
        "HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nabc", "HTTP/1.1 099 X\r\n\r\n",
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

BOOST_AUTO_TEST_CASE(what_follows_a_chunked_body_says_nothing) {
  const auto answer = answer_to(*this,
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n"
                                "2\r\nok\r\n0\r\nX: later\r\n\r\n");
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->body == "ok");
  BOOST_TEST(answer->header("X") == "");
}

BOOST_AUTO_TEST_CASE(redirects_are_not_followed) {
  const auto answer = answer_to(*this, "HTTP/1.1 302 Found\r\nLocation: https://evil/\r\nContent-Length: 0\r\n\r\n");
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->status == 302U);
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
  const auto start = std::chrono::steady_clock::now();
  what.until = start + std::chrono::milliseconds(200);
  const auto answer = exchange(to(server), what);
  BOOST_CHECK(std::chrono::steady_clock::now() - start < silence_max / 2);
  BOOST_REQUIRE(!answer);
  BOOST_CHECK(answer.error().code == exit_code::wait_timed_out);
}

BOOST_AUTO_TEST_SUITE_END()
