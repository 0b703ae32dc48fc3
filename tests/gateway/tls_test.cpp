// TLS on the listeners (R12: encrypted in transit, always).

#include "gateway/server.hpp"
#include "tests/gateway/client.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <fstream>
#include <sys/socket.h>
#include <unistd.h>

using namespace elsec;
using namespace elsec::gateway;
using elsec::gateway::testing::certificate;
using elsec::gateway::testing::client;

namespace {

asio::awaitable<response> say_hello(exchange&) {
  response hello;
  hello.content_type = "text/plain";
  hello.body = "hello";
  co_return hello;
}

struct tls_node {
  explicit tls_node(bool tls_1_2 = false, limits bounds = {})
      : identity(tls_identity::load(own.files(tls_1_2)).value()) {
    listener_options options;
    options.bounds = bounds;
    listener = server::start(options, identity, &say_hello).value();
  }
  certificate own;
  std::shared_ptr<tls_identity> identity;
  std::unique_ptr<server> listener;
};

const std::string hello_request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(tls)

BOOST_AUTO_TEST_CASE(R12_tls_1_3_with_aead_is_served) {
  tls_node node;
  client browser(node.listener->port());
  BOOST_REQUIRE(browser.connected());
  BOOST_TEST(browser.cipher().starts_with("TLS_"));
  BOOST_TEST(browser.ask(hello_request).body == "hello");
}

BOOST_AUTO_TEST_CASE(R12_tls_1_2_is_refused_unless_the_operator_allows_it) {
  tls_node strict;
  BOOST_TEST(!client(strict.listener->port(), TLS1_2_VERSION).connected());
  tls_node lenient(true);
  client old(lenient.listener->port(), TLS1_2_VERSION);
  BOOST_REQUIRE(old.connected());
  BOOST_TEST(old.cipher().starts_with("ECDHE-"));
  BOOST_TEST(old.ask(hello_request).body == "hello");
}

BOOST_AUTO_TEST_CASE(a_client_that_speaks_only_http_2_is_refused) {
  tls_node node;
  BOOST_TEST(!client(node.listener->port(), TLS1_3_VERSION, "h2").connected());
  BOOST_TEST(client(node.listener->port(), TLS1_3_VERSION, "http/1.1").connected());
}

BOOST_AUTO_TEST_CASE(R12_plain_http_on_the_port_gets_no_content) {
  tls_node node;
  const int plain = elsec::gateway::testing::connect_plain(node.listener->port());
  BOOST_REQUIRE(::send(plain, hello_request.data(), hello_request.size(), MSG_NOSIGNAL) > 0);
  std::array<char, 64> answer{};
  BOOST_TEST(::recv(plain, answer.data(), answer.size(), 0) <= 0);
  ::close(plain);
}

BOOST_AUTO_TEST_CASE(a_client_that_never_finishes_the_handshake_is_cut_off) {
  limits bounds;
  bounds.handshake = std::chrono::seconds(1);
  tls_node node(false, bounds);
  const int silent = elsec::gateway::testing::connect_plain(node.listener->port());
  const std::string begin("\x16\x03\x01\x02", 4);
  BOOST_REQUIRE(::send(silent, begin.data(), begin.size(), MSG_NOSIGNAL) > 0);
  std::array<char, 64> answer{};
  BOOST_TEST(::recv(silent, answer.data(), answer.size(), 0) <= 0);
  ::close(silent);
}

BOOST_AUTO_TEST_CASE(a_renewed_certificate_is_used_without_a_restart_and_a_broken_one_is_not) {
  tls_node node;
  const auto before = client(node.listener->port()).serial();
  node.own.renew();
  BOOST_TEST(node.identity->reload());
  const auto after = client(node.listener->port()).serial();
  BOOST_TEST(before != after);
  std::ofstream(node.own.files().certificate) << "nonsense";
  BOOST_TEST(!node.identity->reload());
  BOOST_TEST(client(node.listener->port()).serial() == after);
}

BOOST_AUTO_TEST_CASE(unusable_files_are_named) {
  certificate own;
  auto files = own.files();
  files.private_key += ".missing";
  const auto loaded = tls_identity::load(files);
  BOOST_REQUIRE(!loaded);
  BOOST_TEST(loaded.error().detail.find(files.private_key) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_port_that_is_taken_is_not_shared) {
  tls_node node;
  listener_options options;
  options.port = node.listener->port();
  BOOST_TEST(!server::start(options, node.identity, &say_hello).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
