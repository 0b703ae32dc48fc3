// R12: the credentials for a proxy, and what it may ask for them.
#include "tests/app/cli_proxy_support.hpp"

#include <openssl/evp.h>

#include <array>

using namespace elsec::cli;
using namespace elsec::cli::test;

namespace {

constexpr auto* basic_question = "Proxy-Authenticate: Basic realm=\"x\"\r\n";

// Asks for credentials until they are right.
std::string demand_credentials(const std::string& head) {
  if (head.contains("Proxy-Authorization: Basic YW5uYTpnZWhlaW0=\r\n"))
    return connect_proxy::let_through(head);  // anna:geheim
  return "HTTP/1.1 407 X\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n";
}

std::string hex_digest(const std::string& algorithm, const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  std::size_t size = 0;
  require(EVP_Q_digest(nullptr, algorithm == "MD5" ? "MD5" : "SHA256", nullptr, text.data(), text.size(), bytes.data(),
                       &size) == 1,
          "digest");
  std::string hex;
  for (std::size_t i = 0; i < size; ++i) {
    hex += "0123456789abcdef"[bytes.at(i) >> 4U];
    hex += "0123456789abcdef"[bytes.at(i) & 0xFU];
  }
  return hex;
}

// `name="value"` or `name=value` of a Digest header.
std::string parameter(const std::string& head, const std::string& name) {
  auto start = head.find(' ' + name + '=', head.find("Proxy-Authorization: Digest"));
  if (start == std::string::npos) return {};
  start += name.size() + 2;
  const bool quoted = head[start] == '"';
  if (quoted) ++start;
  return head.substr(start, head.find_first_of(quoted ? "\"" : ",\r", start) - start);
}

// RFC 7616, quality "auth".
bool has_right_digest(const std::string& head, const std::string& algorithm) {
  const auto h = [&](const std::string& text) { return hex_digest(algorithm, text); };
  const auto p = [&](const char* name) { return parameter(head, name); };
  const auto node = head.substr(8, head.find(' ', 8) - 8);
  return p("username") == "anna" && p("uri") == node && p("nonce") == "n0nce" && p("algorithm") == algorithm &&
         p("response") ==
             h(h("anna:x:geheim") + ":n0nce:" + p("nc") + ':' + p("cnonce") + ":auth:" + h("CONNECT:" + node));
}

std::string digest_question(const std::string& algorithm) {
  return "Proxy-Authenticate: Digest realm=\"x\", nonce=\"n0nce\", qop=\"auth\", algorithm=" + algorithm + "\r\n";
}

connect_proxy::rule demand_digest(const std::string& algorithm, const std::string& question) {
  return [=](const std::string& head) {
    return has_right_digest(head, algorithm) ? connect_proxy::let_through(head) : question;
  };
}

connection as_anna(connection with) {
  with.proxy->user = "anna";
  with.proxy->password = "geheim";
  return with;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cli_proxy_credentials, clinic)

BOOST_AUTO_TEST_CASE(R12_credentials_go_to_the_proxy_alone) {
  std::string head;
  const tls_server server(files, {[&](peer& client) {
                            head = client.read_head();
                            client.write("HTTP/1.1 204 X\r\n\r\n");
                          }});
  connect_proxy proxy(demand_credentials);
  auto with = to(server, proxy);
  with.proxy->user = "anna";
  with.proxy->password = "geheim";
  const auto answer = exchange(with, some_request());
  BOOST_REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : render(answer.error())));
  BOOST_TEST(!head.contains("Proxy-Authorization"));
  BOOST_TEST(head.contains(session_token));
  BOOST_TEST(proxy.finish().heads.back().contains("Proxy-Authorization: Basic"));
}

BOOST_AUTO_TEST_CASE(R12_credentials_that_are_not_accepted_are_shown_nowhere) {
  const tls_server server(files, {});
  connect_proxy proxy(demand_credentials);
  auto with = to(server, proxy);
  with.proxy->user = "anna";
  with.proxy->password = "wrong-password";
  const auto why = failure_in(exchange(with, some_request()));
  BOOST_TEST(why.title == "The proxy http://127.0.0.1:" + proxy.port() + " asks for credentials (status 407).");
  BOOST_TEST(why.detail.contains("not accepted"));
  BOOST_TEST(!why.connection_lost);
  for (const auto* secret : {"anna", "wrong-password"}) BOOST_TEST(!render(why).contains(secret));
}

BOOST_AUTO_TEST_CASE(a_proxy_that_asks_for_credentials_is_named) {
  const tls_server server(files, {});
  connect_proxy proxy(demand_credentials);
  const auto why = failure_in(exchange(to(server, proxy), some_request()));
  BOOST_CHECK(why.code == exit_code::unreachable);
  BOOST_TEST(why.title == "The proxy http://127.0.0.1:" + proxy.port() + " asks for credentials (status 407).");
  BOOST_TEST(why.detail.contains("USER:PASSWORD@"));
}

BOOST_AUTO_TEST_CASE(R12_a_digest_is_given_to_a_proxy_that_wants_one) {
  for (const auto* algorithm : {"MD5", "SHA-256"}) BOOST_TEST_CONTEXT(algorithm) {
      const tls_server server(files, {answer_well});
      connect_proxy proxy(
          demand_digest(algorithm, "HTTP/1.1 407 X\r\n" + digest_question(algorithm) + "Content-Length: 3\r\n\r\nno!"));
      const auto answer = exchange(as_anna(to(server, proxy)), some_request());
      BOOST_TEST(answer.has_value(), (answer ? "" : render(answer.error())));
      BOOST_TEST(proxy.finish().heads.size() == 2U);
    }
}

BOOST_AUTO_TEST_CASE(R12_the_password_is_not_told_where_a_digest_will_do) {
  const tls_server server(files, {answer_well});
  connect_proxy proxy(demand_digest("SHA-256", std::string("HTTP/1.1 407 X\r\n") + basic_question +
                                                   digest_question("SHA-256") + "Content-Length: 0\r\n\r\n"));
  BOOST_TEST(exchange(as_anna(to(server, proxy)), some_request()).has_value());
  for (const auto& head : proxy.finish().heads) BOOST_TEST(!head.contains("Basic"));
}

// With a body that only the end of the connection ends, or with none: it did not say that it would hang up.
BOOST_AUTO_TEST_CASE(a_proxy_that_hangs_up_after_its_question_is_called_again) {
  for (const auto* rest : {"\r\n", "\r\n<html>\nno\n\n</html>\n", "Content-Length: 0\r\n\r\n"})
    for (const bool digest : {true, false}) BOOST_TEST_CONTEXT(rest << digest) {
        const tls_server server(files, {answer_well});
        const auto question = "HTTP/1.0 407 X\r\n" + (digest ? digest_question("MD5") : basic_question) + rest;
        connect_proxy proxy(digest ? demand_digest("MD5", question) : [&](const std::string& head) {
          const auto said = demand_credentials(head);
          return said.contains(" 407 ") ? question : said;
        });
        const auto answer = exchange(as_anna(to(server, proxy)), some_request());
        BOOST_TEST(answer.has_value(), (answer ? "" : render(answer.error())));
        BOOST_TEST(proxy.finish().heads.size() == 2U);
      }
}

BOOST_AUTO_TEST_CASE(a_proxy_that_hangs_up_and_takes_no_credentials_is_called_twice_and_no_more) {
  const tls_server server(files, {});
  connect_proxy proxy(always(std::string("HTTP/1.0 407 X\r\n") + basic_question + "\r\n"));
  const auto why = failure_in(exchange(as_anna(to(server, proxy)), some_request()));
  BOOST_TEST(why.title == "The proxy http://127.0.0.1:" + proxy.port() + " asks for credentials (status 407).");
  BOOST_TEST(why.detail.contains("not accepted"));
  BOOST_TEST(proxy.finish().heads.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_proxy_that_takes_no_password_is_not_said_to_refuse_it) {
  const tls_server server(files, {});
  connect_proxy proxy(always("HTTP/1.1 407 X\r\nProxy-Authenticate: Unheard-of\r\nContent-Length: 0\r\n\r\n"));
  const auto why = failure_in(exchange(as_anna(to(server, proxy)), some_request()));
  BOOST_TEST(why.title.contains("asks for credentials (status 407)"));
  BOOST_TEST(why.detail.contains("takes no user and password"));
}

BOOST_AUTO_TEST_SUITE_END()
