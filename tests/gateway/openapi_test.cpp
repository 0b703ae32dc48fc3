// The description of the API as it is: every rule here holds for every route there is.

#include "gateway/openapi.hpp"

#include "gateway/gateway.hpp"
#include "gateway/server.hpp"
#include "gateway/tables.hpp"
#include "tests/gateway/client.hpp"
#include "tests/gateway/schema_check.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <map>
#include <regex>
#include <set>

using namespace elsec;
using namespace elsec::gateway;
using boost::json::object;
using boost::json::value;
using testing::misfit;
using testing::resolved;

namespace {

const std::vector<capabilities::route>& everything() {
  static const auto table = [] {
    std::vector<capabilities::route> both;
    for (const auto& entry : public_table(nullptr, {.version = "1.2.3"})) both.push_back(entry.what);
    for (const auto& entry : operator_table(nullptr)) both.push_back(entry.what);
    return both;
  }();
  return table;
}

// The operator's routes included: they follow the same rules.
const value& description() {
  static const auto made = openapi(everything(), "", {.version = "1.2.3"});
  return made;
}

// As a token of a JSON pointer.
std::string token(std::string_view key) {
  std::string made;
  for (const char c : key) made += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return made;
}

void each_object(const value& where, const std::string& at, const std::function<void(const std::string&)>& visit) {
  if (const auto* members = where.if_object()) {
    visit(at);
    for (const auto& member : *members) each_object(member.value(), at + "/" + token(member.key()), visit);
  }
  if (const auto* items = where.if_array())
    for (std::size_t i = 0; i < items->size(); ++i) each_object((*items)[i], at + "/" + std::to_string(i), visit);
}

struct media {
  std::string where;
  bool is_request;
  const value* schema;
  const value* example;
};

void add_media(std::vector<media>& all, const std::string& where, bool is_request, const value& content) {
  for (const auto& [type, about] : content.as_object()) {
    const auto* schema = about.as_object().if_contains("schema");
    if (schema == nullptr) continue;
    const auto* inline_example = about.as_object().if_contains("example");
    const auto& example = inline_example != nullptr
                              ? *inline_example
                              : resolved(description(), about.at("examples").as_object().begin()->value()).at("value");
    all.push_back({where, is_request, schema, &example});
  }
}

// Every body and every answer that has a schema; each has an example, or this throws.
std::vector<media> all_media() {
  std::vector<media> all;
  for (const auto& path : description().at("paths").as_object())
    for (const auto& method : path.value().as_object()) {
      const auto& about = method.value().as_object();
      const auto where = std::string(about.at("operationId").as_string());
      if (const auto* body = about.if_contains("requestBody"))
        add_media(all, where + " request", true, body->at("content"));
      for (const auto& [status, answer] : about.at("responses").as_object())
        if (const auto* content = resolved(description(), answer).as_object().if_contains("content"))
          add_media(all, where + " " + std::string(status), false, *content);
    }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(description_of_the_api)

BOOST_AUTO_TEST_CASE(operations_have_names_of_their_own_that_make_good_methods) {
  std::set<std::string_view> names;
  const std::regex snake_case("[a-z]+(_[a-z]+)*");
  for (const auto& entry : everything()) {
    BOOST_TEST(std::regex_match(std::string(entry.id), snake_case), entry.path);
    BOOST_TEST(names.insert(entry.id).second, entry.id);
  }
}

BOOST_AUTO_TEST_CASE(every_route_has_a_group_and_a_type_for_each_part_of_its_path) {
  for (const auto& entry : everything()) {
    BOOST_TEST(!entry.group.name.empty(), entry.path);
    std::string path(entry.path);
    for (const auto& part : entry.parts) {
      const auto at = path.find("{" + std::string(part.name) + "}");
      BOOST_TEST_REQUIRE(at != std::string::npos, path);
      path.erase(at, part.name.size() + 2);
    }
    BOOST_TEST((path.find('{') == std::string::npos), path);
  }
}

BOOST_AUTO_TEST_CASE(every_reference_leads_to_a_component_and_every_component_is_referred_to) {
  std::set<std::string> referred;
  each_object(description(), "", [&](const std::string& at) {
    const auto& members = description().at_pointer(at).as_object();
    if (const auto* reference = members.if_contains("$ref")) referred.emplace(reference->as_string());
  });
  std::set<std::string> there;
  for (const auto& [kind, components] : description().at("components").as_object())
    if (kind != "securitySchemes")
      for (const auto& component : components.as_object())
        there.insert("#/components/" + std::string(kind) + "/" + std::string(component.key()));
  BOOST_TEST(there.size() > 60U);
  BOOST_CHECK_EQUAL_COLLECTIONS(referred.begin(), referred.end(), there.begin(), there.end());
}

BOOST_AUTO_TEST_CASE(every_body_and_answer_has_an_example_that_fits_its_schema) {
  const auto all = all_media();
  BOOST_TEST(all.size() > 100U);
  for (const auto& each : all) {
    const auto broken = misfit(description(), *each.schema, *each.example);
    BOOST_TEST(broken == "", each.where << broken << " " << boost::json::serialize(*each.example));
  }
}

BOOST_AUTO_TEST_CASE(requests_refuse_members_they_do_not_know_at_every_level_and_answers_take_them) {
  unsigned tried = 0;
  for (const auto& each : all_media())
    each_object(*each.example, "", [&](const std::string& at) {
      auto grown = *each.example;
      grown.at_pointer(at).as_object()["not_known"] = 1;
      const auto broken = misfit(description(), *each.schema, grown);
      BOOST_TEST(broken.empty() != each.is_request, each.where << " " << at << " " << broken);
      ++tried;
    });
  BOOST_TEST(tried > 150U);
}

BOOST_AUTO_TEST_CASE(records_of_bodies_and_lists_are_called_by_their_names) {
  const auto& schemas = description().at("components").at("schemas").as_object();
  for (const auto* name : {"document", "document_list", "dispatch_request", "dispatches_accepted", "address", "sector",
                           "dispatch_state", "organisation_id", "scope", "problem"})
    BOOST_TEST(schemas.contains(name), name);
  const auto& dispatch = description().at("paths").at("/api/v1/documents/{id}/dispatches").at("post");
  BOOST_TEST(dispatch.at_pointer("/requestBody/content/application~1json/schema/$ref").as_string() ==
             "#/components/schemas/dispatch_request");
  BOOST_TEST(dispatch.at_pointer("/parameters/0/schema/$ref").as_string() == "#/components/schemas/document_id");
}

BOOST_AUTO_TEST_CASE(a_problem_tells_the_codes_of_its_status) {
  const auto& conflict = description().at("components").at("responses").at("conflict");
  for (const auto* code : {"wrong_state", "email_in_use", "key_reused", "already_done"})
    BOOST_TEST((std::string_view(conflict.at("description").as_string()).find(code) != std::string_view::npos), code);
}

BOOST_AUTO_TEST_CASE(the_public_description_leaves_out_what_is_the_operators) {
  const auto text = gateway::description({.version = "1.2.3"});
  const auto shown = boost::json::parse(text);
  BOOST_TEST(shown.at("info").at("version").as_string() == "1.2.3");
  BOOST_TEST(shown.at("info").at("license").at("identifier").as_string() == "Apache-2.0");
  BOOST_TEST(shown.at("paths").as_object().contains("/documents"));
  BOOST_TEST((text.find("capability_grant") == std::string::npos));
  BOOST_TEST((text.find("/health") == std::string::npos));
}

BOOST_AUTO_TEST_CASE(the_server_is_where_the_node_is_reached_if_it_knows) {
  const auto server_of = [](const node_profile& node) {
    const auto shown = boost::json::parse(gateway::description(node));
    return std::string(shown.at("servers").at(0).at("url").as_string());
  };
  BOOST_TEST(server_of({.version = "1", .public_url = "https://elsec.example.org"}) ==
             "https://elsec.example.org/api/v1");
  BOOST_TEST(server_of({.version = "1"}) == "/api/v1");
}

BOOST_AUTO_TEST_CASE(what_is_served_is_what_the_program_prints) {
  const testing::certificate own;
  const auto table = std::make_shared<const router>(public_table(nullptr, {.version = "1.2.3"}), 0, nullptr, nullptr);
  const auto listener = server::start({}, tls_identity::load(own.files()).value(), [table](exchange& http) {
                          return (*table)(http);
                        }).value();
  testing::client browser(listener->port());
  const auto answer = browser.ask("GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n");
  BOOST_TEST(answer.status == 200U);
  BOOST_TEST((answer.body == api_description({.version = "1.2.3"})));
}

BOOST_AUTO_TEST_SUITE_END()
