// R13, G3: who may do what: credentials, scopes, sessions, the portal's cookie.

#include "tests/system/files.hpp"
#include "tests/system/tenant.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <array>

namespace elsec::system_test {
namespace {

constexpr std::string_view wrong_password = "Ganz-Falsch-2026-Elsec";

// What one credential, and nothing else, is answered.
answer ask(std::string_view method, std::string_view path, const header_list& credential, std::string_view json = {}) {
  request what{std::string(method), "/api/v1" + std::string(path), credential, std::string(json)};
  if (!json.empty()) what.headers.emplace_back("Content-Type", "application/json");
  return exchange(first().https, what);
}

header_list bearer(std::string_view token) { return {{"Authorization", fmt::format("Bearer {}", token)}}; }

answer log_in(std::string_view email, std::string_view password) {
  return ask("POST", "/sessions", {}, fmt::format(R"({{"email":"{}","password":"{}"}})", email, password));
}

std::string token_with(std::string_view scope) {
  const auto made =
      someone().send("POST", "/api-tokens", fmt::format(R"({{"name":"machine","scopes":["{}"]}})", scope));
  BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
  return made.at("/token");
}

// A second may end between two answers.
header_list without_date(header_list headers) {
  std::erase_if(headers, [](const auto& one) { return one.first == "Date"; });
  return headers;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(access)

BOOST_AUTO_TEST_CASE(r13_a_wrong_password_and_an_unknown_email_are_answered_alike) {
  const auto wrong = log_in(someone().email, wrong_password);
  const auto unknown = log_in("nobody@klinik.example.org", wrong_password);
  BOOST_TEST(wrong.status == 401U);
  BOOST_TEST(wrong.problem() == "bad_credentials");
  BOOST_TEST(unknown.status == wrong.status);
  BOOST_TEST(unknown.body == wrong.body);
  BOOST_TEST((without_date(unknown.headers) == without_date(wrong.headers)));
}

BOOST_AUTO_TEST_CASE(r13_invented_tokens_are_401) {
  for (const auto* value :
       {"Bearer ", "Bearer x", "Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "Basic YTpi", "Bearer a b"}) {
    const auto refused = ask("GET", "/users/me", {{"Authorization", value}});
    BOOST_TEST(refused.status == 401U, value);
    BOOST_TEST(refused.header("WWW-Authenticate").has_value(), value);
  }
}

BOOST_AUTO_TEST_CASE(r13_signing_out_ends_the_token_at_once) {
  const auto token = log_in(someone().email, test_password).at("/token");
  BOOST_TEST(ask("GET", "/users/me", bearer(token)).status == 200U);
  BOOST_TEST(ask("DELETE", "/sessions/current", bearer(token)).status == 204U);
  BOOST_TEST(ask("GET", "/users/me", bearer(token)).status == 401U);
  BOOST_TEST(someone().get("/users/me").status == 200U);
}

BOOST_AUTO_TEST_CASE(r13_a_session_can_be_ended_from_another_and_its_stream_ends_with_it) {
  const auto token = log_in(someone().email, test_password).at("/token");
  connection stream(first().https);
  stream.send(bytes_of({"GET", "/api/v1/events", bearer(token), {}}));
  BOOST_REQUIRE(stream.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
  std::string id;
  const auto sessions = ask("GET", "/sessions", bearer(token)).json();
  for (const auto& each : sessions.at("items").as_array())
    if (each.at("current").as_bool()) id = std::string(each.at("id").as_string());
  BOOST_TEST(someone().send("DELETE", "/sessions/" + id).status == 204U);
  BOOST_TEST(ask("GET", "/users/me", bearer(token)).status == 401U);
  BOOST_TEST((stream.read_until("0\r\n\r\n").ends_with("0\r\n\r\n")));
}

BOOST_AUTO_TEST_CASE(r13_the_cookie_alone_reads_but_writes_only_with_the_csrf_token) {
  const auto started = log_in(someone().email, test_password);
  const auto set = started.header("Set-Cookie").value_or("");
  for (const auto* attribute : {"__Host-elsec=", "; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/"})
    BOOST_TEST((set.find(attribute) != std::string::npos), attribute);
  header_list cookie{{"Cookie", set.substr(0, set.find(';'))}};
  BOOST_TEST(ask("GET", "/users/me", cookie).status == 200U);
  const std::string change = R"({"phone":"+49 351 111"})";
  BOOST_TEST(ask("PATCH", "/organisation", cookie, change).status == 403U);
  auto wrong = cookie;
  wrong.emplace_back("X-Elsec-Csrf", someone().csrf_token);
  BOOST_TEST(ask("PATCH", "/organisation", wrong, change).status == 403U);
  auto right = cookie;
  right.emplace_back("X-Elsec-Csrf", started.at("/csrf_token"));
  BOOST_TEST(ask("PATCH", "/organisation", right, change).status == 200U);
  BOOST_TEST(ask("GET", "/users/me", cookie).at("/csrf_token") == started.at("/csrf_token"));
}

BOOST_AUTO_TEST_CASE(r13_an_api_token_does_what_its_scope_says_and_nothing_else) {
  const auto document = someone().uploaded(pdf("scopes"));
  const auto dispatch = fmt::format(R"({{"recipients":[{}],"subject":"a"}})", to_person());
  const auto path = fmt::format("/documents/{}/dispatches", document);
  const auto reader = bearer(token_with("documents:read"));
  BOOST_TEST(ask("GET", "/documents", reader).status == 200U);
  BOOST_TEST(ask("GET", fmt::format("/documents/{}/content", document), reader).status == 200U);
  BOOST_TEST(ask("POST", path, reader, dispatch).status == 403U);
  BOOST_TEST(ask("GET", "/organisation", reader).status == 403U);
  BOOST_TEST(ask("POST", "/api-tokens", reader, R"({"name":"a","scopes":["account:write"]})").status == 403U);
  BOOST_TEST(ask("GET", "/users/me", reader).status == 403U);
  BOOST_TEST(ask("GET", "/sessions", reader).status == 403U);
  const auto writer = bearer(token_with("documents:write"));
  BOOST_TEST(ask("GET", "/documents", writer).status == 403U);
  const auto account = bearer(token_with("account:read"));
  BOOST_TEST(ask("GET", "/organisation", account).status == 200U);
  BOOST_TEST(ask("PATCH", "/organisation", account, R"({"phone":"+49 351 112"})").status == 403U);
  BOOST_TEST(ask("GET", "/documents", account).status == 403U);
  BOOST_TEST(someone().count(path) == 0U);
}

BOOST_AUTO_TEST_CASE(r13_sending_letters_needs_a_scope_of_its_own) {
  const auto document = someone().uploaded(pdf("letter scope"));
  const auto path = fmt::format("/documents/{}/dispatches", document);
  const auto dispatch = fmt::format(R"({{"recipients":[{}],"subject":"a"}})", to_person());
  BOOST_TEST(ask("POST", path, bearer(token_with("documents:write")), dispatch).status == 403U);
  BOOST_TEST(someone().count(path) == 0U);
}

BOOST_AUTO_TEST_CASE(r13_a_revoked_api_token_is_401_and_tokens_are_shown_once) {
  const auto made = someone().send("POST", "/api-tokens", R"({"name":"short","scopes":["documents:read"]})");
  const auto token = made.at("/token");
  BOOST_TEST(ask("GET", "/documents", bearer(token)).status == 200U);
  BOOST_TEST((someone().get("/api-tokens?limit=500").body.find(token) == std::string::npos));
  BOOST_TEST(someone().send("DELETE", "/api-tokens/" + made.at("/id")).status == 204U);
  BOOST_TEST(ask("GET", "/documents", bearer(token)).status == 401U);
}

BOOST_AUTO_TEST_CASE(r13_unknown_scopes_and_no_scopes_are_422) {
  BOOST_TEST(someone().send("POST", "/api-tokens", R"({"name":"a","scopes":["everything"]})").status == 422U);
  BOOST_TEST(someone().send("POST", "/api-tokens", R"({"name":"a","scopes":[]})").status == 422U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::system_test
