// What a proxy answers to CONNECT: nothing it says is taken for the node's, and nothing for HTTP that is none.
#include "app/cli/limits.hpp"
#include "tests/app/cli_proxy_support.hpp"

using namespace elsec::cli;
using namespace elsec::cli::test;

namespace {

constexpr auto* tunnel_stands = "HTTP/1.1 200 Connection established\r\n\r\n";

failure failure_after(const clinic& here, std::string said) {
  const tls_server server(here.files, {answer_well});
  const connect_proxy proxy(always(std::move(said)));
  const auto why = failure_in(exchange(here.to(server, proxy), some_request()));
  BOOST_CHECK(why.code == exit_code::unreachable);
  BOOST_TEST(why.title.starts_with("The proxy http://127.0.0.1:" + proxy.port() + " "), why.title);
  return why;
}

std::string field_lines(std::size_t size_bytes) {
  std::string bytes;
  while (bytes.size() < size_bytes) bytes += "X-Line: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
  return bytes;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cli_proxy_answer, clinic)

BOOST_AUTO_TEST_CASE(an_interim_answer_to_CONNECT_is_said_to_be_one_and_no_refusal) {
  for (const auto* interim : {"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 X\r\nLink: </a>\r\n\r\n"}) {
    const auto why = failure_after(*this, std::string(interim) + tunnel_stands);
    BOOST_TEST(why.title.ends_with("does not answer like a proxy."));
    BOOST_TEST(why.detail.contains("interim"));
  }
}

BOOST_AUTO_TEST_CASE(a_header_beyond_its_bound_is_the_proxys_fault) {
  for (const auto& said :
       {"HTTP/1.1 200 X\r\n" + field_lines(head_size_max_bytes) + "\r\n",
        "HTTP/1.1 200 X\r\n" + field_lines(1024 * 1024), "HTTP/1.1 403 X\r\n" + field_lines(1024 * 1024),
        "HTTP/1.1 200 X\r\nX: " + std::string(1024 * 1024, 'a')}) {
    const auto why = failure_after(*this, said);
    BOOST_TEST(why.title.ends_with("does not answer like a proxy."));
    BOOST_TEST(!why.connection_lost);
  }
}

BOOST_AUTO_TEST_CASE(a_status_that_HTTP_does_not_have_is_not_repeated) {
  for (const auto* status : {"99999", "-20", "0", "000", "099", "20", "600", "2000", "101", "abc", "+20", ""}) {
    const auto why = failure_after(*this, "HTTP/1.1 " + std::string(status) + " X\r\nContent-Length: 0\r\n\r\n");
    BOOST_TEST_CONTEXT(status) {
      BOOST_TEST(why.title.ends_with("does not answer like a proxy."));
      BOOST_TEST(!why.title.contains("status"));
      BOOST_TEST(!why.connection_lost);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_answer_with_two_beginnings_connects_nobody) {
  const auto why = failure_after(*this, "HTTP/1.1 403 X\r\nHTTP/1.1 200 X\r\n\r\n");
  BOOST_TEST(why.detail.contains("begins twice"));
}

BOOST_AUTO_TEST_CASE(a_proxy_that_says_200_and_sends_a_page_is_named) {
  for (const auto* said :
       {"HTTP/1.1 200 X\r\nContent-Length: 12\r\n\r\nhello, world", "HTTP/1.1 200 X\r\ncontent-length: 2\r\n\r\nhi",
        "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"}) {
    const auto why = failure_after(*this, said);
    BOOST_TEST(why.title.ends_with(", but sent an answer of its own."));
    BOOST_TEST(why.detail.contains("allow CONNECT to node.invalid:"));
  }
}

// RFC 9110, 9.3.6: a client ignores it.
BOOST_AUTO_TEST_CASE(a_length_beside_a_tunnel_means_nothing) {
  const tls_server server(files, {answer_well});
  const connect_proxy proxy(always("HTTP/1.1 200 X\r\nContent-Length: 5\r\n\r\n"));
  BOOST_TEST(exchange(to(server, proxy), some_request()).has_value());
  const folder elsewhere;
  const tls_server other(make_certificates(elsewhere, "DNS:node.invalid"), {answer_well});
  const auto why = failure_in(exchange(to(other, proxy), some_request()));
  BOOST_TEST(why.title.starts_with("The certificate of https://node.invalid:"));
}

BOOST_AUTO_TEST_CASE(what_is_not_TLS_in_a_tunnel_may_be_the_proxys_too) {
  const tls_server server(files, {answer_well});
  const connect_proxy proxy(always(std::string(tunnel_stands) + "<html>no</html>"));
  const auto why = failure_in(exchange(to(server, proxy), some_request()));
  BOOST_TEST(why.title == "There is no secure connection to https://node.invalid:" + server.port() + ".");
  BOOST_TEST(why.detail.contains("may also be from the proxy http://127.0.0.1:" + proxy.port()));
}

BOOST_AUTO_TEST_SUITE_END()
