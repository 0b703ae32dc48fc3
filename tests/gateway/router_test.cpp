// The route table: what a request must be before a handler sees it, and the description made from it.

#include "gateway/router.hpp"

#include "gateway/backend.hpp"
#include "gateway/openapi.hpp"
#include "gateway/server.hpp"
#include "tests/gateway/client.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

using namespace elsec;
using namespace elsec::gateway;
using elsec::gateway::testing::certificate;
using elsec::gateway::testing::client;

namespace things {

struct thing {
  domain::text<1, 10> name;
  std::optional<domain::bounded<1, 5>> count{};
};
BOOST_DESCRIBE_STRUCT(thing, (), (name, count))

struct thing_query {
  std::optional<bool> small{};
  std::optional<domain::bounded<1, 500>> limit{};
  std::optional<domain::text<1, 20>> query{};
};
BOOST_DESCRIBE_STRUCT(thing_query, (), (small, limit, query))

}  // namespace things

template <>
things::thing elsec::capabilities::example_of() {
  return {domain::text<1, 10>::parse("bed").value(), {}};
}

namespace {

using things::thing;
using things::thing_query;

constexpr std::size_t body_max = 1'000;
const std::string operator_token = "operator-token";
const std::string csrf = "csrf-of-the-session";

asio::awaitable<reply> list_things(call& request) {
  const auto query = codec::from_json_value<thing_query>(request.query);
  if (!query) co_return std::unexpected(query.error());
  co_return json_response(codec::to_json(*query));
}

asio::awaitable<reply> make_thing(call& request) {
  const auto text = co_await request.http.body.read_all(body_max);
  if (!text) co_return std::unexpected(text.error());
  const auto body = codec::from_json<thing>(*text);
  if (!body) co_return std::unexpected(body.error());
  co_return json_response(codec::to_json(*body), 201);
}

asio::awaitable<reply> show_thing(call& request) {
  const auto id = request_of(request)->id<domain::document_id>();
  if (!id) co_return std::unexpected(id.error());
  co_return json_response("{}");
}

asio::awaitable<reply> say_current(call&) { co_return json_response("\"current\""); }

std::vector<route> table() {
  return {{{.method = "GET",
            .path = "/api/v1/things",
            .id = "list_things",
            .summary = "Things",
            .query = codec::type_of<thing_query>},
           &list_things},
          {{.method = "POST",
            .path = "/api/v1/things",
            .id = "create_thing",
            .summary = "Makes a thing",
            .need = access::scoped,
            .scope = domain::scope::documents_write,
            .body = body_kind::json,
            .request = capabilities::body_type_of<thing>,
            .success = 201,
            .answer = capabilities::body_type_of<thing>},
           &make_thing},
          {{.method = "GET",
            .path = "/api/v1/things/{id}",
            .id = "get_thing",
            .summary = "A thing",
            .need = access::anyone,
            .parts = {{"id", codec::type_of<domain::document_id>}},
            .answer = capabilities::body_type_of<thing>},
           &show_thing},
          {{.method = "DELETE",
            .path = "/api/v1/things/current",
            .id = "delete_current_thing",
            .summary = "The current thing",
            .need = access::person,
            .success = 204},
           &say_current},
          {{.method = "DELETE",
            .path = "/api/v1/{kind}/current/{id}",
            .id = "delete_current_of_a_kind",
            .summary = "A part before a literal",
            .need = access::person,
            .success = 204},
           &say_current},
          {{.method = "GET", .path = "/operated", .id = "operate", .summary = "Operator", .need = access::operator_},
           &say_current}};
}

std::vector<capabilities::route> described_things() {
  std::vector<capabilities::route> routes;
  for (const auto& entry : table())
    if (entry.what.id != "delete_current_of_a_kind") routes.push_back(entry.what);
  return routes;
}

// "writer" may write, "reader" may not; "person" is signed in.
domain::result<domain::principal> authenticate(std::string_view token) {
  domain::principal who;
  who.csrf_token = csrf;
  if (token == "writer") who.scopes.emplace_back(domain::scope::documents_write);
  if (token == "person") who.user_id = domain::user_id::make({}, {});
  if (token == "reader" || token == "writer" || token == "person") return who;
  return domain::fail(domain::error_code::unauthenticated);
}

struct fixture {
  fixture() {
    const auto routes = std::make_shared<const router>(table(), body_max, &authenticate,
                                                       [](std::string_view token) { return token == operator_token; });
    listener = server::start({}, tls_identity::load(own.files()).value(), [routes](exchange& http) {
                 return (*routes)(http);
               }).value();
    browser.emplace(listener->port());
  }

  testing::answer ask(std::string_view method, std::string_view target, std::string_view fields = "",
                      std::string_view body = "") {
    const auto length = body.empty() ? std::string{} : fmt::format("Content-Length: {}\r\n", body.size());
    return browser->ask(
        fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n{}{}\r\n{}", method, target, fields, length, body));
  }
  testing::answer make(std::string_view body, std::string_view type = "application/json") {
    return ask("POST", "/api/v1/things", fmt::format("Authorization: Bearer writer\r\nContent-Type: {}\r\n", type),
               body);
  }
  static std::string code(const testing::answer& answer) {
    return std::string(std::string_view(boost::json::parse(answer.body).at("code").as_string()));
  }
  static std::string pointer(const testing::answer& answer) {
    return std::string(std::string_view(boost::json::parse(answer.body).at("errors").at(0).at("pointer").as_string()));
  }

  certificate own;
  std::unique_ptr<server> listener;
  std::optional<client> browser;
};

const std::string bearer_reader = "Authorization: Bearer reader\r\n";
const std::string session_cookie_field = "Cookie: __Host-elsec=writer\r\nContent-Type: application/json\r\n";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(routing, fixture)

BOOST_AUTO_TEST_CASE(an_unknown_path_is_404_and_a_wrong_method_405_with_what_is_allowed) {
  for (const auto* path : {"/", "/api/v1/thing", "/api/v1/things/", "/api/v1/things/a/b", "/api/v1//things"})
    BOOST_TEST(ask("GET", path).status == 404U);
  const auto answer = ask("PUT", "/api/v1/things");
  BOOST_TEST(answer.status == 405U);
  BOOST_TEST(answer.field("Allow").value() == "GET, HEAD, POST");
  BOOST_TEST(ask("OPTIONS", "/api/v1/things").status == 405U);
  BOOST_TEST(ask("BREW", "/api/v1/things").status == 405U);
}

BOOST_AUTO_TEST_CASE(a_literal_path_wins_over_a_part) {
  BOOST_TEST(ask("DELETE", "/api/v1/things/current", "Authorization: Bearer person\r\n").status == 200U);
  BOOST_TEST(ask("DELETE", "/api/v1/things/other").status == 405U);
}

BOOST_AUTO_TEST_CASE(a_literal_that_leads_nowhere_gives_way_to_a_part) {
  BOOST_TEST(ask("DELETE", "/api/v1/things/current/1", "Authorization: Bearer person\r\n").status == 200U);
  BOOST_TEST(ask("DELETE", "/api/v1/others/current/1", "Authorization: Bearer person\r\n").status == 200U);
  BOOST_TEST(ask("DELETE", "/api/v1/others/current", "Authorization: Bearer person\r\n").status == 404U);
}

BOOST_AUTO_TEST_CASE(unknown_and_repeated_query_parameters_are_422_and_named) {
  const auto unknown = ask("GET", "/api/v1/things?near=10115");
  BOOST_TEST(unknown.status == 422U);
  BOOST_TEST(pointer(unknown) == "/near");
  BOOST_TEST(ask("GET", "/api/v1/things?limit=5&limit=5").status == 422U);
}

BOOST_AUTO_TEST_CASE(query_parameters_are_read_as_their_record_says) {
  BOOST_TEST(ask("GET", "/api/v1/things?small=true&limit=7&query=12").body ==
             R"({"small":true,"limit":7,"query":"12"})");
  for (const auto* wrong : {"limit=0", "limit=501", "limit=x", "limit=", "small=yes", "query="}) {
    const auto answer = ask("GET", fmt::format("/api/v1/things?{}", wrong));
    BOOST_TEST(answer.status == 422U);
    BOOST_TEST(pointer(answer) == "/" + std::string(wrong, std::string_view(wrong).find('=')));
  }
}

BOOST_AUTO_TEST_CASE(bodies_must_be_json_of_the_record) {
  BOOST_TEST(make(R"({"name":"bed"})").body == R"({"name":"bed"})");
  BOOST_TEST(make(R"({"name":"bed"})", "application/json; charset=utf-8").status == 201U);
  const auto unknown = make(R"({"name":"bed","colour":1})");
  BOOST_TEST(unknown.status == 422U);
  BOOST_TEST(pointer(unknown) == "/colour");
  BOOST_TEST(make(R"({"name":)").status == 400U);
  BOOST_TEST(code(make(R"({"name":)")) == "bad_request");
  for (const auto* type :
       {"text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/json; charset=utf-16"})
    BOOST_TEST(make(R"({"name":"bed"})", type).status == 415U);
}

BOOST_AUTO_TEST_CASE(a_body_beyond_its_limit_is_413) {
  BOOST_TEST(make(std::string(body_max + 1, ' ')).status == 413U);
}

BOOST_AUTO_TEST_CASE(a_missing_or_wrong_credential_is_401) {
  for (const auto* fields : {"", "Authorization: Bearer nobody\r\n", "Authorization: Basic cmVhZGVy\r\n",
                             "Authorization: Bearer\r\n", "Cookie: __Host-elsec=nobody\r\n"}) {
    const auto answer = ask("GET", "/api/v1/things/1", fields);
    BOOST_TEST(answer.status == 401U);
    BOOST_TEST(answer.field("WWW-Authenticate").value() == "Bearer");
  }
}

BOOST_AUTO_TEST_CASE(a_credential_without_the_scope_or_without_a_person_is_403) {
  BOOST_TEST(ask("POST", "/api/v1/things", bearer_reader + "Content-Type: application/json\r\n", "{}").status == 403U);
  BOOST_TEST(ask("DELETE", "/api/v1/things/current", bearer_reader).status == 403U);
}

BOOST_AUTO_TEST_CASE(something_that_is_no_identifier_is_404_like_what_does_not_exist) {
  BOOST_TEST(ask("GET", "/api/v1/things/1", bearer_reader).status == 404U);
  BOOST_TEST(ask("GET", "/api/v1/things/doc_01J9ZQ6Z7N2M4X8K3V5T1R0B9C", bearer_reader).status == 200U);
}

BOOST_AUTO_TEST_CASE(R14_with_a_cookie_writing_needs_the_csrf_token) {
  const std::string body = R"({"name":"bed"})";
  BOOST_TEST(ask("POST", "/api/v1/things", session_cookie_field, body).status == 403U);
  BOOST_TEST(ask("POST", "/api/v1/things", session_cookie_field + "X-Elsec-Csrf: wrong\r\n", body).status == 403U);
  BOOST_TEST(ask("POST", "/api/v1/things", session_cookie_field + "X-Elsec-Csrf: " + csrf + "\r\n", body).status ==
             201U);
  BOOST_TEST(ask("GET", "/api/v1/things/doc_01J9ZQ6Z7N2M4X8K3V5T1R0B9C", "Cookie: __Host-elsec=reader\r\n").status ==
             200U);
}

BOOST_AUTO_TEST_CASE(the_operators_routes_take_the_operators_token_alone) {
  BOOST_TEST(ask("GET", "/operated", "Authorization: Bearer writer\r\n").status == 401U);
  BOOST_TEST(ask("GET", "/operated", "Authorization: Bearer " + operator_token + "\r\n").status == 200U);
}

BOOST_AUTO_TEST_CASE(the_description_lists_every_route_with_parameters_bodies_and_problems) {
  const auto description = openapi(described_things(), capabilities::api_prefix, {.version = "1.2.3"});
  BOOST_TEST(description.at("openapi").as_string() == "3.1.0");
  const auto& paths = description.at("paths").as_object();
  BOOST_TEST(paths.size() == 3U);  // the operator's is left out
  const auto& post = paths.at("/things").at("post");
  BOOST_TEST(post.at("operationId").as_string() == "create_thing");
  BOOST_TEST(boost::json::serialize(post.at("requestBody")).find("#/components/schemas/thing") != std::string::npos);
  BOOST_TEST(description.at("components").at("schemas").at("thing").at("properties").at("name").at("maxLength") == 10);
  for (const auto* status : {"201", "400", "401", "403", "413", "415", "422", "429", "503"})
    BOOST_TEST(post.at("responses").as_object().contains(status));
  BOOST_TEST(paths.at("/things").at("get").at("parameters").as_array().size() == 3U);
  BOOST_TEST(paths.at("/things/{id}").at("get").at("parameters").at(0).at("in").as_string() == "path");
  BOOST_TEST(paths.at("/things").at("get").at("security").as_array().empty());
}

BOOST_AUTO_TEST_SUITE_END()
