// R13: another tenant's object does not exist, on every route there is: generated from the API's own description.

#include "tests/system/files.hpp"
#include "tests/system/tenant.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <functional>
#include <set>

namespace elsec::system_test {
namespace {

struct operation {
  std::string method;
  std::string path;
  bool is_public = false;
  bool has_body = false;
};

std::vector<operation> operations() {
  std::vector<operation> found;
  const auto description = exchange(first().https, {"GET", "/api/v1/openapi.json", {}, {}}).json();
  for (const auto& path : description.at("paths").as_object())
    for (const auto& method : path.value().as_object()) {
      const auto& about = method.value().as_object();
      operation one{std::string(method.key()), std::string(path.key()), false, about.contains("requestBody")};
      for (auto& letter : one.method) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
      const auto* security = about.if_contains("security");
      one.is_public = security == nullptr || security->as_array().empty();
      found.push_back(std::move(one));
    }
  BOOST_REQUIRE(found.size() > 20);
  return found;
}

// Of a tenant that has one of everything.
std::vector<std::string> objects_of(const tenant& owner, const tenant& receiver) {
  const auto document = owner.uploaded(pdf("foreign"));
  const auto electronic = owner.dispatched(document, to(receiver));
  const auto letter = owner.letter_of(owner.dispatched(document, to_person()));
  const auto copy = receiver.copy_of(electronic);
  owner.wait_for_state(electronic, "delivered");
  const auto receipts = owner.get(fmt::format("/documents/{}/receipts", document));
  const auto token = owner.send("POST", "/api-tokens", R"({"name":"foreign","scopes":["documents:read"]})").at("/id");
  const auto session = owner.get("/sessions").at("/items/0/id");
  return {document,     electronic, letter, copy, receipts.at("/items/0/id"), token, session, owner.organisation_id,
          owner.user_id};
}

std::string body_for(const operation& what) {
  if (!what.has_body) return {};
  if (what.path.ends_with("/dispatches")) return fmt::format(R"({{"recipients":[{}],"subject":"a"}})", to_person());
  return R"({"read":true})";
}

std::string with_id(std::string path, std::string_view id) {
  while (path.find('{') != std::string::npos) path.replace(path.find('{'), path.find('}') - path.find('{') + 1, id);
  return path;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tenancy)

BOOST_AUTO_TEST_CASE(r13_another_tenants_ids_are_404_on_every_route_with_an_id_and_nothing_happens_to_them) {
  const tenant owner(first());
  const tenant receiver(first());
  receiver.grant_receive();
  receiver.wait_until_known_to(owner, true);
  const auto ids = objects_of(owner, receiver);
  const auto before = owner.get("/documents/" + ids.at(0)).body;
  const tenant stranger_here(first());
  const tenant stranger_there(second());
  unsigned asked = 0;
  for (const auto* stranger : {&stranger_here, &stranger_there})
    for (const auto& what : operations()) {
      if (what.path.find('{') == std::string::npos) continue;
      for (const auto& id : ids) {
        const auto given = stranger->send(what.method, with_id(what.path, id), body_for(what));
        BOOST_TEST(given.status == 404U, fmt::format("{} {} {}: {}", what.method, what.path, id, given.body));
        BOOST_TEST((given.body.find("foreign") == std::string::npos));
        ++asked;
      }
    }
  BOOST_TEST(asked >= 2U * 9U * ids.size());
  BOOST_TEST(owner.get("/documents/" + ids.at(0)).body == before);
  BOOST_TEST(owner.get("/users/me").status == 200U);
  BOOST_TEST(owner.count("/api-tokens") == 1U);
  BOOST_TEST(owner.count("/dispatches") == 2U);
}

BOOST_AUTO_TEST_CASE(r13_every_route_that_is_not_public_is_401_without_credentials) {
  const std::set<std::string> open{"POST /registrations", "POST /sessions", "GET /nodes", "GET /openapi.json"};
  std::set<std::string> without_credential;
  for (const auto& what : operations()) {
    const auto name = what.method + " " + what.path;
    if (what.is_public) without_credential.insert(name);
    if (what.is_public) continue;
    const auto path = "/api/v1" + with_id(what.path, "doc_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    const auto body = body_for(what);
    header_list type;
    if (!body.empty()) type.emplace_back("Content-Type", "application/json");
    const auto refused = exchange(first().https, {what.method, path, type, body});
    BOOST_TEST(refused.status == 401U, name);
    BOOST_TEST(refused.problem() == "unauthenticated", name);
  }
  BOOST_TEST((without_credential == open));
}

BOOST_AUTO_TEST_CASE(r13_every_route_refuses_methods_it_does_not_have) {
  for (const auto& what : operations()) {
    const auto path = "/api/v1" + with_id(what.path, "doc_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    const auto refused = exchange(first().https, {"PROPFIND", path, {}, {}});
    BOOST_TEST(refused.status == 405U, path);
    BOOST_TEST((refused.header("Allow").value_or("").find(what.method) != std::string::npos), path);
  }
}

BOOST_AUTO_TEST_CASE(r13_lists_show_a_tenants_own_objects_only) {
  const tenant owner(first());
  const tenant stranger(first());
  const auto document = owner.uploaded(pdf("mine"));
  const auto id = owner.dispatched(document, to_person());
  const auto letter = owner.letter_of(id);
  for (const auto* list : {"/documents", "/documents?box=outbox", "/dispatches", "/letters", "/api-tokens"}) {
    const auto given = stranger.get(list);
    BOOST_TEST(given.status == 200U, list);
    BOOST_TEST(given.at("/items") == "[]", list);
  }
  const auto feed = stranger.send("GET", "/events?after=0", {}, {{"Accept", "application/json"}});
  BOOST_TEST((feed.body.find(id) == std::string::npos));
  BOOST_TEST((feed.body.find(document) == std::string::npos));
  BOOST_TEST((feed.body.find(letter) == std::string::npos));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::system_test
