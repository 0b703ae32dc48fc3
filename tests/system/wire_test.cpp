// R12, R13: what arrives at the socket: TLS, framing, headers.

#include "tests/system/files.hpp"
#include "tests/system/tenant.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <array>

namespace elsec::system_test {
namespace {

constexpr std::string_view nodes_path = "/api/v1/nodes";

// The node answers this with 400 and closes, so that nothing after it is taken for a request.
void check_refused_and_closed(std::string_view name, const std::string& bytes) {
  connection to(first().https);
  to.send(bytes + fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", nodes_path));
  const auto refused = to.receive();
  BOOST_TEST(refused.status == 400U, name);
  BOOST_TEST(refused.header("Connection").value_or("") == "close", name);
  BOOST_TEST(to.ends_without_another_byte(), name);
}

void check_security_headers(const answer& given, std::string_view name) {
  BOOST_TEST_CONTEXT(name) {
    BOOST_TEST(given.status != 0U);
    BOOST_TEST(given.header("Strict-Transport-Security").value_or("") == "max-age=63072000; includeSubDomains");
    BOOST_TEST(given.header("Content-Security-Policy").value_or("").starts_with("default-src 'none'"));
    BOOST_TEST(given.header("X-Content-Type-Options").value_or("") == "nosniff");
    BOOST_TEST(given.header("Referrer-Policy").value_or("") == "no-referrer");
    BOOST_TEST(given.header("Cross-Origin-Opener-Policy").value_or("") == "same-origin");
    BOOST_TEST(given.header("Cache-Control").value_or("") == "no-store");
    BOOST_TEST(given.header("Date").value_or("").ends_with(" GMT"));
    BOOST_TEST(!given.header("Access-Control-Allow-Origin").has_value());
    BOOST_TEST(!given.header("Server").has_value());
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wire)

BOOST_AUTO_TEST_CASE(r12_plain_http_on_the_tls_ports_gets_no_content) {
  for (const auto* where : {&first().https, &first().operator_https}) {
    const auto heard = plain_exchange(*where, "GET /api/v1/nodes HTTP/1.1\r\nHost: localhost\r\n\r\n");
    BOOST_TEST((heard.find("HTTP") == std::string::npos));
    BOOST_TEST((heard.find('{') == std::string::npos));
  }
}

BOOST_AUTO_TEST_CASE(r8_the_description_names_the_address_that_browsers_use) {
  const auto description = exchange(first().https, {"GET", "/api/v1/openapi.json", {}, {}}).json();
  const auto url = std::string(description.at("servers").at(0).at("url").as_string());
  BOOST_TEST(url == fmt::format("https://{}.localhost:{}/api/v1", first().name, first().https.port));
}

BOOST_AUTO_TEST_CASE(r12_tls_1_2_is_refused) {
  for (const auto* where : {&first().https, &first().operator_https}) {
    BOOST_TEST(!connection(*where, connection::tls::only_1_2).is_open());
    BOOST_TEST(connection(*where).is_open());
  }
}

BOOST_AUTO_TEST_CASE(r13_requests_that_could_be_smuggled_are_refused_and_the_connection_closed) {
  const std::string get = fmt::format("GET {} HTTP/1.1\r\n", nodes_path);
  const std::string post =
      "POST /api/v1/registrations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  const std::array<std::pair<std::string_view, std::string>, 15> requests{{
      {"length and chunks", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"two codings", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {"coding named twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"unknown coding", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
      {"two lengths", post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"},
      {"list of lengths", post + "Content-Length: 2, 2\r\n\r\n{}"},
      {"signed length", post + "Content-Length: +2\r\n\r\n{}"},
      {"no host", get + "\r\n"},
      {"two hosts", get + "Host: localhost\r\nHost: localhost\r\n\r\n"},
      {"folded line", get + "Host: localhost\r\nX-A: b\r\n c\r\n\r\n"},
      {"blank before colon", get + "Host: localhost\r\nX-A : b\r\n\r\n"},
      {"absolute target", fmt::format("GET https://localhost{} HTTP/1.1\r\nHost: localhost\r\n\r\n", nodes_path)},
      {"bare line feed", get + "Host: localhost\nX-A: b\r\n\r\n"},
      {"body on GET", get + "Host: localhost\r\nContent-Length: 2\r\n\r\n{}"},
      {"bytes beyond ASCII in the target", "GET /api/v1/n\xC3\xB6 HTTP/1.1\r\nHost: localhost\r\n\r\n"},
  }};
  for (const auto& [name, bytes] : requests) check_refused_and_closed(name, bytes);
}

BOOST_AUTO_TEST_CASE(r13_chunks_in_http_1_0_are_refused) {
  check_refused_and_closed("HTTP/1.0",
                           "POST /api/v1/registrations HTTP/1.0\r\nHost: localhost\r\n"
                           "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(r13_a_header_beyond_its_limit_is_431) {
  const request large{"GET", std::string(nodes_path), {{"X-Large", std::string(9'000, 'a')}}, {}};
  BOOST_TEST(exchange(first().https, large).status == 431U);
}

BOOST_AUTO_TEST_CASE(r13_two_requests_on_one_connection_are_answered_in_order) {
  connection to(first().https);
  const auto both = bytes_of({"GET", std::string(nodes_path), {}, {}}) + bytes_of({"GET", "/api/v1/nothing", {}, {}});
  to.send(both);
  BOOST_TEST(to.receive().status == 200U);
  BOOST_TEST(to.receive().status == 404U);
}

BOOST_AUTO_TEST_CASE(r13_every_kind_of_answer_carries_the_security_headers) {
  const tenant someone(first());
  const auto document = someone.uploaded(pdf("headers"));
  check_security_headers(someone.get("/nodes"), "200");
  check_security_headers(someone.get("/nothing"), "404");
  check_security_headers(someone.send("DELETE", "/nodes"), "405");
  check_security_headers(someone.send("POST", "/registrations", "{"), "400");
  check_security_headers(exchange(first().https, {"GET", "/api/v1/documents", {}, {}}), "401");
  check_security_headers(someone.content(document), "content");
  check_security_headers(someone.content(document, {{"Range", "bytes=0-1"}}), "206");
  check_security_headers(first().ask_operator("GET", "/metrics"), "operator");
  connection broken(first().https);
  broken.send("nonsense\r\n\r\n");
  check_security_headers(broken.receive(), "refused");
  check_security_headers(someone.send("DELETE", "/sessions/current"), "204");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::system_test
