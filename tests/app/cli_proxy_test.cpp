// R12: the way to a node through a proxy.
#include "app/cli/https.hpp"
#include "app/cli/problem.hpp"
#include "app/cli/session.hpp"
#include "tests/app/cli_proxy_support.hpp"

#include <unistd.h>

using namespace elsec::cli;
using namespace elsec::cli::test;

namespace {

constexpr auto* token = session_token;
constexpr auto* password = "geheim";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cli_proxy, clinic)

BOOST_AUTO_TEST_CASE(R12_through_a_proxy_the_node_is_verified_and_the_proxy_learns_only_its_name) {
  std::string head;
  const tls_server server(files, {[&](peer& client) {
                            head = client.read_head();
                            client.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                          }});
  connect_proxy proxy;
  auto what = some_request();
  what.headers = {{"Idempotency-Key", "once-only"}};
  const auto answer = exchange(to(server, proxy), what);
  BOOST_REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : render(answer.error())));
  BOOST_TEST(answer->body == "ok");
  BOOST_TEST(answer->headers.size() == 1U);  // none of the proxy's
  BOOST_TEST(head.contains(std::string("\r\nAuthorization: Bearer ") + token + "\r\n"));
  const auto seen = proxy.finish();
  BOOST_REQUIRE_EQUAL(seen.heads.size(), 1U);
  BOOST_TEST(seen.heads[0].starts_with("CONNECT node.invalid:" + server.port() + " HTTP/1.1\r\n"));
  BOOST_TEST(!seen.passed_on.empty());
  for (const auto* secret : {token, "Authorization", "Idempotency-Key", "/api/v1"}) BOOST_TEST_CONTEXT(secret) {
      BOOST_TEST(!seen.heads[0].contains(secret));
      BOOST_TEST(!seen.passed_on.contains(secret));
    }
}

BOOST_AUTO_TEST_CASE(the_connection_says_which_way_and_no_variable_beside_it) {
  const folder elsewhere;
  const auto local = make_certificates(elsewhere, "IP:127.0.0.1");
  const tls_server direct(local, {answer_well});
  ::setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
  BOOST_TEST(exchange({{"127.0.0.1", direct.port()}, local.authority, token, {}}, some_request()).has_value());
  const tls_server server(files, {answer_well});
  connect_proxy proxy;
  ::setenv("NO_PROXY", "*", 1);
  BOOST_TEST(exchange(to(server, proxy), some_request()).has_value());
  ::unsetenv("HTTPS_PROXY");
  ::unsetenv("NO_PROXY");
}

BOOST_AUTO_TEST_CASE(a_proxy_that_does_not_connect_is_named_with_its_status) {
  const tls_server server(files, {});
  for (const auto& [status, may_pass] : {std::pair("403", false), std::pair("502", true)}) {
    connect_proxy proxy(always("HTTP/1.1 " + std::string(status) + " X\r\nContent-Length: 0\r\n\r\n"));
    const auto why = failure_in(exchange(to(server, proxy), some_request()));
    BOOST_CHECK(why.code == exit_code::unreachable);
    BOOST_TEST(why.title == "The proxy http://127.0.0.1:" + proxy.port() +
                                " did not connect to node.invalid:" + server.port() + ": status " + status + ".");
    BOOST_TEST(why.connection_lost == may_pass);
  }
}

BOOST_AUTO_TEST_CASE(a_proxy_that_is_down_is_named) {
  const tls_server server(files, {});
  std::string port;
  {
    const connect_proxy gone;
    port = gone.port();
  }
  const auto why = failure_in(exchange(
      {{"node.invalid", server.port()}, files.authority, token, proxy_url{"http", "127.0.0.1", port, "anna", password}},
      some_request()));
  BOOST_TEST(why.title == "The proxy http://127.0.0.1:" + port + " cannot be reached: Connection refused.");
  BOOST_TEST(why.detail.contains("NO_PROXY=node.invalid"));
  BOOST_TEST(why.connection_lost);
  BOOST_TEST(!render(why).contains(password));
}

BOOST_AUTO_TEST_CASE(a_proxy_whose_name_does_not_exist_is_named) {
  const auto name = unresolvable_name();
  const auto why = failure_in(
      exchange({{"node.invalid", "443"}, files.authority, token, proxy_url{"http", name, "3128", "anna", password}},
               some_request()));
  BOOST_TEST(why.title == "The name of the proxy, " + name + ", cannot be resolved.");
  BOOST_TEST(!render(why).contains(password));
}

BOOST_AUTO_TEST_CASE(a_proxy_that_hangs_up_or_talks_nonsense_is_named) {
  const tls_server server(files, {});
  for (const auto* said : {"", "SSH-2.0-OpenSSH\r\n\r\n"}) {
    connect_proxy proxy(always(said));
    const auto why = failure_in(exchange(to(server, proxy), some_request()));
    BOOST_CHECK(why.code == exit_code::unreachable);
    BOOST_TEST(why.title.starts_with("The proxy http://127.0.0.1:" + proxy.port()));
  }
}

BOOST_AUTO_TEST_CASE(a_silent_proxy_is_left_when_the_time_is_over) {
  const int listener = listen_on_loopback();
  auto what = some_request();
  const auto start = std::chrono::steady_clock::now();
  what.until = start + std::chrono::milliseconds(200);
  const auto why = failure_in(exchange(
      {{"node.invalid", "443"}, files.authority, token, proxy_url{"http", "127.0.0.1", port_of(listener), {}, {}}},
      what));
  ::close(listener);
  BOOST_CHECK(why.code == exit_code::wait_timed_out);
  BOOST_CHECK(std::chrono::steady_clock::now() - start < connect_timeout / 2);
}

BOOST_AUTO_TEST_CASE(R12_behind_a_proxy_an_unknown_authority_is_the_certificates_fault) {
  const folder elsewhere;
  const auto other = make_certificates(elsewhere, "DNS:node.invalid");
  bool spoke = false;
  const tls_server server(other, {[&](peer& client) { spoke = !client.read_head().empty(); }});
  const connect_proxy proxy;
  const auto why = failure_in(exchange(to(server, proxy), some_request()));
  BOOST_TEST(why.title ==
             "The certificate of https://node.invalid:" + server.port() + " is from an unknown authority.");
  BOOST_TEST(why.detail.contains("--ca FILE"));
  BOOST_TEST(why.detail.contains("opens TLS to look inside"));
  BOOST_TEST(!why.connection_lost);
  BOOST_TEST(!spoke);
}

BOOST_AUTO_TEST_CASE(a_node_that_hangs_up_behind_a_proxy_is_named) {
  const tls_server server(files, {[](peer& client) {
                            client.read_head();
                            client.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
                          }});
  const connect_proxy proxy;
  const auto why = failure_in(exchange(to(server, proxy), some_request()));
  BOOST_TEST(why.title ==
             "https://node.invalid:" + server.port() + " closed the connection in the middle of its answer.");
  BOOST_TEST(why.connection_lost);
}

BOOST_AUTO_TEST_CASE(R12_a_proxy_spoken_to_in_tls_is_verified_like_a_node) {
  const folder elsewhere;
  const tls_server server(files, {answer_well});
  const auto by_name = make_certificates(elsewhere, "DNS:proxy.invalid,IP:127.0.0.1");
  // One authority file for both.
  const auto both = dir.write("both.pem", content_of(files.authority) + content_of(by_name.authority)).string();
  connect_proxy proxy(connect_proxy::let_through, {.files = &by_name});
  const connection with{
      {"node.invalid", server.port()}, both, token, proxy_url{"https", "127.0.0.1", proxy.port(), {}, {}}};
  const auto answer = exchange(with, some_request());
  BOOST_REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : render(answer.error())));
  BOOST_TEST(answer->body == "ok");
  BOOST_TEST(!proxy.finish().passed_on.contains(token));
}

BOOST_AUTO_TEST_CASE(R12_a_proxys_own_certificate_is_named_when_it_is_wrong) {
  const tls_server server(files, {});
  const folder elsewhere;
  const auto other_name = make_certificates(elsewhere, "DNS:proxy.invalid");
  for (const auto& [authority, words] : {std::pair(other_name.authority, "is for another name"),
                                         std::pair(files.authority, "is from an unknown authority")}) {
    connect_proxy proxy(connect_proxy::let_through, {.files = &other_name});
    const auto why = failure_in(exchange(
        {{"node.invalid", server.port()}, authority, token, proxy_url{"https", "127.0.0.1", proxy.port(), {}, {}}},
        some_request()));
    BOOST_TEST(why.title == "The certificate of the proxy https://127.0.0.1:" + proxy.port() + " " + words + ".");
    BOOST_TEST(!why.connection_lost);
    BOOST_TEST(proxy.finish().heads.empty());
  }
}

BOOST_AUTO_TEST_CASE(R12_a_proxys_own_certificate_is_not_the_nodes_however_valid) {
  const tls_server server(files, {});
  const folder elsewhere;
  const auto own = make_certificates(elsewhere, "IP:127.0.0.1");
  const auto both = dir.write("both.pem", content_of(files.authority) + content_of(own.authority)).string();
  for (const auto* scheme : {"http", "https"}) {
    connect_proxy proxy(connect_proxy::let_through,
                        {.files = scheme == std::string("https") ? &own : nullptr, .opens_tunnels_with = &own});
    const auto why = failure_in(
        exchange({{"node.invalid", server.port()}, both, token, proxy_url{scheme, "127.0.0.1", proxy.port(), {}, {}}},
                 some_request()));
    BOOST_TEST(why.title == "The certificate of https://node.invalid:" + server.port() + " is for another name.");
    BOOST_TEST(why.detail.contains("opens TLS to look inside"));
    BOOST_TEST(!why.connection_lost);
    const auto seen = proxy.finish();
    BOOST_TEST(seen.heads.size() == 1U);  // it was let do its part
    BOOST_TEST(seen.passed_on.empty());
  }
}

// Both are held to the same version: credentials go to such a proxy.
BOOST_AUTO_TEST_CASE(R12_whoever_speaks_only_TLS_1_2_is_named_proxy_or_node) {
  const folder elsewhere;
  const auto own = make_certificates(elsewhere, "IP:127.0.0.1");
  const auto both = dir.write("both.pem", content_of(files.authority) + content_of(own.authority)).string();
  const tls_server server(files, {answer_well}, tls_kind::only_1_2);
  for (const bool is_proxy : {true, false}) {
    connect_proxy proxy(connect_proxy::let_through,
                        {.files = &own, .kind = is_proxy ? tls_kind::only_1_2 : tls_kind::usual});
    const proxy_url way{"https", "127.0.0.1", proxy.port(), "anna", password};
    const auto why = failure_in(exchange({{"node.invalid", server.port()}, both, token, way}, some_request()));
    BOOST_TEST(why.title == "There is no secure connection to " +
                                (is_proxy ? "the proxy " + way.str() : "https://node.invalid:" + server.port()) + ".");
    BOOST_TEST(why.detail.contains("TLS 1.3"));
    BOOST_TEST(!why.detail.contains("may also be from"));
    BOOST_TEST(!why.connection_lost);
    BOOST_TEST(proxy.finish().heads.empty() == is_proxy);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(cli_proxy_choice)

namespace {

std::string chosen(const std::string& option, std::map<std::string, std::string> env,
                   const node_url& node = {"node.example", "443"}) {
  const auto proxy = choose_proxy(option, environment_of(std::move(env)), node);
  if (!proxy) return render(proxy.error());
  return *proxy ? (*proxy)->str() : "none";
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_option_goes_before_the_environment_in_the_order_of_curl) {
  const std::map<std::string, std::string> all{{"https_proxy", "http://a:1"},
                                               {"HTTPS_PROXY", "http://b:2"},
                                               {"all_proxy", "http://c:3"},
                                               {"ALL_PROXY", "http://d:4"},
                                               {"http_proxy", "http://e:5"}};
  BOOST_TEST(chosen("https://o:9", all) == "https://o:9");
  auto left = all;
  for (const auto& [name, proxy] : {std::pair("https_proxy", "http://a:1"), std::pair("HTTPS_PROXY", "http://b:2"),
                                    std::pair("all_proxy", "http://c:3"), std::pair("ALL_PROXY", "http://d:4")}) {
    BOOST_TEST(chosen("", left) == proxy);
    left.erase(name);
  }
  BOOST_TEST(chosen("", left) == "none");
}

BOOST_AUTO_TEST_CASE(no_proxy_names_the_nodes_to_reach_without_it) {
  const auto way = [](const char* exempt, const node_url& node) {
    return chosen("", {{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", exempt}}, node);
  };
  struct row {
    const char* exempt;
    node_url node;
    const char* way;
  };
  for (const auto& [exempt, node, expected] :
       {row{"*", {"node.example"}, "none"}, row{"node.example", {"node.example", "8443"}, "none"},
        row{"a.example, node.example", {"node.example"}, "none"}, row{".example", {"node.example"}, "none"},
        row{"example", {"node.example"}, "none"}, row{"ode.example", {"node.example"}, "http://p:1"},
        row{"node.example", {"other.example"}, "http://p:1"}, row{"localhost", {"localhost"}, "none"},
        row{"node.example", {"localhost"}, "http://p:1"}, row{"10.0.0.0/8", {"10.1.2.3"}, "none"},
        row{"10.0.0.0/8", {"11.1.2.3"}, "http://p:1"}, row{"::1", {"::1"}, "none"},
        row{"node.example", {"::1"}, "http://p:1"}})
    BOOST_TEST_CONTEXT(exempt << " and " << node.host) { BOOST_TEST(way(exempt, node) == expected); }
  BOOST_TEST(chosen("http://o:9", {{"no_proxy", "node.example"}, {"NO_PROXY", "x"}}) == "none");
}

BOOST_AUTO_TEST_CASE(a_proxy_is_part_of_the_connection_but_of_no_session) {
  const folder dir;
  const auto file = (dir / "s.json").string();
  connection_options options;
  options.node = "https://node.example";
  options.session_file = file;
  options.proxy = "proxy.example:3128";
  const auto with = choose_connection(options, environment_of({}));
  BOOST_REQUIRE(with && with->proxy);
  BOOST_TEST(with->proxy->str() == "http://proxy.example:3128");

  scripted_node node{{{201, R"({"token":"secret","expires_at":"2026-03-01T08:30:00.000Z","csrf_token":"csrf"})"}}};
  const auto done = run_against(node,
                                {"login", "--email", "a@b.de", "--password-stdin", "--node", options.node, "--session",
                                 file, "--proxy", "http://anna:geheim@proxy.example:3128"},
                                {}, "pw\n");
  BOOST_REQUIRE_MESSAGE(done.code == exit_code::ok, done.err);
  for (const auto* word : {"proxy", "anna", "geheim", "3128"}) BOOST_TEST(!content_of(file).contains(word));
  const auto later = choose_connection({"", "", file}, environment_of({}));
  BOOST_REQUIRE(later);
  BOOST_TEST(later->token == "secret");
  BOOST_TEST(!later->proxy);
  const auto elsewhere = choose_connection({"", "", file}, environment_of({{"HTTPS_PROXY", "http://other.example:1"}}));
  BOOST_REQUIRE(elsewhere && elsewhere->proxy);
  BOOST_TEST(elsewhere->proxy->str() == "http://other.example:1");
}

BOOST_AUTO_TEST_CASE(the_command_line_takes_a_proxy_and_its_help_names_the_variables) {
  const auto what = parse_arguments({"--proxy", "http://proxy.example:3128", "whoami"});
  BOOST_REQUIRE(what);
  BOOST_TEST(what->where.proxy == "http://proxy.example:3128");
  const auto help = parse_arguments({"--help"});
  BOOST_REQUIRE(!help);
  for (const auto* name : {"--proxy", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"})
    BOOST_TEST(help.error().text.contains(name));
}

BOOST_AUTO_TEST_CASE(an_address_is_read_as_curl_reads_it) {
  const auto read = [](const char* text) {
    const auto proxy = parse_proxy_url(text);
    return proxy ? proxy->str() + " " + proxy->user + " " + proxy->password : render(proxy.error());
  };
  BOOST_TEST(read("proxy.example") == "http://proxy.example:1080  ");
  BOOST_TEST(read("HTTPS://proxy.example/") == "https://proxy.example:443  ");
  BOOST_TEST(read("http://anna:a%3Ab%40@[::1]:3128") == "http://[::1]:3128 anna a:b@");
}

BOOST_AUTO_TEST_CASE(R12_an_address_that_is_none_is_refused_without_repeating_it) {
  for (const auto* text :
       {"socks5://anna:geheim@proxy.example", "http://anna:geheim@", "http://anna:geheim@proxy:99999",
        "http://anna:geheim%0A@proxy.example", "http://anna:geheim@pro xy", "http://:geheim@proxy.example"}) {
    const auto wrong = parse_proxy_url(text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_REQUIRE(!wrong);
      BOOST_CHECK(wrong.error().code == exit_code::usage);
      BOOST_TEST(!render(wrong.error()).contains("geheim"));
      BOOST_TEST(!render(wrong.error()).contains("anna"));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
