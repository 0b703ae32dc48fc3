// What the operator's listener gives, and to whom; orderly shutdown.

#include "tests/system/files.hpp"
#include "tests/system/tenant.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <csignal>
#include <fstream>
#include <string>

namespace elsec::system_test {
namespace {

constexpr std::string_view grant = R"({"receive":true,"reason":"system test"})";
constexpr std::string_view confirmation = R"({"reason":"system test"})";
constexpr std::chrono::seconds shutdown_max{5};

std::string capabilities_of(std::string_view organisation) {
  return fmt::format("/operator/v1/organisations/{}/capabilities", organisation);
}

// A zombie whose parent takes its time counts as ended (proc(5): the state follows the name in brackets).
bool is_running(int pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  if (!std::getline(file, line)) return false;
  return line.at(line.rfind(')') + 2) != 'Z';
}

}  // namespace

BOOST_AUTO_TEST_SUITE(operator_listener)

BOOST_AUTO_TEST_CASE(g3_the_operators_routes_need_the_operators_token) {
  const tenant someone(first());
  const auto path = capabilities_of(someone.organisation_id);
  const header_list json{{"Content-Type", "application/json"}};
  BOOST_TEST(exchange(first().operator_https, {"PUT", path, json, std::string(grant)}).status == 401U);
  auto with_session = json;
  with_session.emplace_back("Authorization", "Bearer " + someone.token);
  BOOST_TEST(exchange(first().operator_https, {"PUT", path, with_session, std::string(grant)}).status == 401U);
  auto other_node = json;
  other_node.emplace_back("Authorization", "Bearer " + second().operator_token);
  BOOST_TEST(exchange(first().operator_https, {"PUT", path, other_node, std::string(grant)}).status == 401U);
  BOOST_TEST(exchange(first().operator_https, {"GET", "/metrics", {}, {}}).status == 401U);
  BOOST_TEST(someone.get("/organisation").at("/capabilities/receive") == "false");
}

BOOST_AUTO_TEST_CASE(g3_health_and_readiness_need_no_token) {
  BOOST_TEST(exchange(first().operator_https, {"GET", "/health", {}, {}}).status == 200U);
  const auto ready = exchange(first().operator_https, {"GET", "/ready", {}, {}});
  BOOST_TEST(ready.status == 200U);
  BOOST_TEST(ready.at("/links/0/state") == "up");
}

BOOST_AUTO_TEST_CASE(g3_the_operators_routes_are_not_on_the_public_listener) {
  const header_list token{{"Authorization", "Bearer " + first().operator_token}};
  for (const auto* path : {"/metrics", "/ready", "/health", "/operator/v1/organisations"})
    BOOST_TEST(exchange(first().https, {"GET", path, token, {}}).status == 404U, path);
  BOOST_TEST(exchange(first().https, {"GET", "/api/v1/documents", token, {}}).status == 401U);
}

BOOST_AUTO_TEST_CASE(g3_a_grant_takes_effect_and_sets_delivery_to_electronic) {
  const tenant someone(first());
  BOOST_TEST(someone.get("/organisation").at("/delivery") == "post");
  const auto granted = first().ask_operator("PUT", capabilities_of(someone.organisation_id), grant);
  BOOST_TEST(granted.status == 200U);
  const auto own = someone.get("/organisation");
  BOOST_TEST(own.at("/capabilities/receive") == "true");
  BOOST_TEST(own.at("/delivery") == "electronic");
}

BOOST_AUTO_TEST_CASE(g3_a_grant_is_refused_for_an_unknown_organisation_and_without_a_reason) {
  const tenant someone(first());
  BOOST_TEST(first().ask_operator("PUT", capabilities_of("org_01ARZ3NDEKTSV4RRFFQ69G5FAV"), grant).status == 404U);
  BOOST_TEST(second().ask_operator("PUT", capabilities_of(someone.organisation_id), grant).status == 404U);
  const auto refused = first().ask_operator("PUT", capabilities_of(someone.organisation_id), R"({"receive":true})");
  BOOST_TEST(refused.problem() == "invalid /reason");
  BOOST_TEST(someone.get("/organisation").at("/capabilities/receive") == "false");
}

BOOST_AUTO_TEST_CASE(r19_the_clocks_state_and_its_confirmation_are_the_operators_alone) {
  const tenant someone(first());
  const header_list json{{"Content-Type", "application/json"}};
  auto with_session = json;
  with_session.emplace_back("Authorization", "Bearer " + someone.token);
  for (const auto& headers : {json, with_session}) {
    BOOST_TEST(exchange(first().operator_https, {"GET", "/operator/v1/clock", headers, {}}).status == 401U);
    const request resume{"POST", "/operator/v1/clock/resume", headers, std::string(confirmation)};
    BOOST_TEST(exchange(first().operator_https, resume).status == 401U);
  }
  const auto state = first().ask_operator("GET", "/operator/v1/clock");
  BOOST_TEST(state.status == 200U);
  BOOST_TEST(state.body == R"({"paused":false})");
  const auto resumed = first().ask_operator("POST", "/operator/v1/clock/resume", confirmation);
  BOOST_TEST(resumed.status == 204U);
  BOOST_TEST(resumed.body.empty());
}

BOOST_AUTO_TEST_CASE(r19_what_is_damaged_is_the_operators_alone) {
  const tenant someone(first());
  const auto recount = "/operator/v1/organisations/" + someone.organisation_id + "/recount";
  const header_list json{{"Content-Type", "application/json"}};
  auto with_session = json;
  with_session.emplace_back("Authorization", "Bearer " + someone.token);
  for (const auto& headers : {json, with_session}) {
    BOOST_TEST(exchange(first().operator_https, {"GET", "/operator/v1/damaged-rows", headers, {}}).status == 401U);
    BOOST_TEST(exchange(first().operator_https, {"POST", recount, headers, std::string(confirmation)}).status == 401U);
  }
  BOOST_TEST(first().ask_operator("GET", "/operator/v1/damaged-rows").body == R"({"items":[],"next_cursor":null})");
  BOOST_TEST(first().ask_operator("POST", recount, confirmation).status == 204U);
  BOOST_TEST(first().ask_operator("DELETE", "/operator/v1/damaged-rows/dmg_01ARZ3NDEKTSV4RRFFQ69G5FAV").status == 404U);
}

BOOST_AUTO_TEST_CASE(r19_a_confirmation_of_the_clock_needs_its_reason) {
  const auto resume = [](std::string_view body) {
    return first().ask_operator("POST", "/operator/v1/clock/resume", body).problem();
  };
  BOOST_TEST(resume("{}") == "invalid /reason");
  BOOST_TEST(resume(R"({"reason":" "})") == "invalid /reason");
  BOOST_TEST(resume(R"({"reason":"a\nclock: forged"})") == "invalid /reason");
  BOOST_TEST(resume(R"({"reason":")" + std::string(501, 'x') + R"("})") == "invalid /reason");
}

BOOST_AUTO_TEST_CASE(r19_sigterm_ends_a_busy_node_in_order_within_five_seconds) {
  const tenant someone(first());
  connection stream(first().https);
  stream.send(bytes_of({"GET", "/api/v1/events", {{"Authorization", "Bearer " + someone.token}}, {}}));
  BOOST_REQUIRE(stream.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
  const auto document = someone.uploaded(noise(1'000'000), "application/octet-stream");
  const int pid = first().pid();
  BOOST_REQUIRE(pid > 1);
  const auto begin = std::chrono::steady_clock::now();
  BOOST_REQUIRE(::kill(pid, SIGTERM) == 0);
  eventually("the node to end", [&] { return !is_running(pid); });
  BOOST_TEST((std::chrono::steady_clock::now() - begin < shutdown_max));
  nodes().start(1);
  BOOST_TEST(someone.content(document).body.size() == 1'000'000U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::system_test
