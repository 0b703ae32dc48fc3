// R13, G2: bad input gets a clear error and loses nothing.

#include "tests/system/files.hpp"
#include "tests/system/tenant.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <string>
#include <vector>

namespace elsec::system_test {
namespace {

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const auto at = text.find(what);
  BOOST_REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

answer try_to_register(std::string_view body) {
  const request what{"POST", "/api/v1/registrations", {{"Content-Type", "application/json"}}, std::string(body)};
  return exchange(first().https, what);
}

// A registration with a part spoilt is refused at that part.
void check_refused_at(std::string_view pointer, std::string_view what, std::string_view by) {
  const auto refused = try_to_register(replaced(registration(fresh_email()), what, by));
  BOOST_TEST(refused.status == 422U);
  BOOST_TEST(refused.problem() == fmt::format("invalid {}", pointer));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(input)

BOOST_AUTO_TEST_CASE(g2_json_that_is_broken_is_400) {
  for (const auto* body : {"{", "{\"organisation\":", "[1,]", "{\"a\":1}}", "\xFF", "{\"a\":1,\"a\":2}"}) {
    const auto refused = try_to_register(body);
    BOOST_TEST(refused.status == 400U, body);
    BOOST_TEST(refused.problem().starts_with("bad_request"), refused.body);
  }
}

BOOST_AUTO_TEST_CASE(g2_an_unknown_field_is_422_with_its_pointer) {
  check_refused_at("/organisation/colour", R"("sector")", R"("colour":"red","sector")");
  const auto changed = someone().send("PATCH", "/organisation", R"({"plan":"premium"})");
  BOOST_TEST(changed.status == 422U);
  BOOST_TEST(changed.problem() == "invalid /plan");
}

BOOST_AUTO_TEST_CASE(g2_an_unknown_query_parameter_is_422_with_its_name) {
  for (const auto* path :
       {"/documents?colour=red", "/dispatches?colour=red", "/letters?colour=red", "/nodes?colour=red",
        "/directory?colour=red", "/users/me?colour=red", "/sessions?colour=red", "/events?colour=red"}) {
    const auto refused = someone().get(path);
    BOOST_TEST(refused.status == 422U, path);
    BOOST_TEST(refused.problem() == "invalid /colour", path);
  }
}

BOOST_AUTO_TEST_CASE(g2_a_query_parameter_with_a_bad_value_is_422) {
  for (const auto* path : {"/documents?box=attic", "/documents?limit=0", "/documents?limit=501", "/documents?limit=x",
                           "/documents?unread=perhaps", "/dispatches?state=lost"})
    BOOST_TEST(someone().get(path).status == 422U, path);
}

BOOST_AUTO_TEST_CASE(g2_a_cursor_that_no_list_gave_is_422) {
  for (const auto* list : {"/documents", "/dispatches", "/letters", "/sessions", "/api-tokens", "/directory"})
    BOOST_TEST(someone().get(std::string(list) + "?cursor=nonsense").status == 422U, list);
}

BOOST_AUTO_TEST_CASE(g2_pages_of_a_list_together_hold_every_item_once_newest_first) {
  const tenant archive(first());
  std::vector<std::string> uploaded;
  for (const auto* text : {"1", "2", "3", "4", "5"}) uploaded.insert(uploaded.begin(), archive.uploaded(pdf(text)));
  std::vector<std::string> listed;
  std::string cursor;
  while (cursor != "null") {
    const auto page = archive.get("/documents?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    BOOST_REQUIRE(page.status == 200U);
    const auto items = page.json();
    for (const auto& each : items.at("items").as_array()) listed.emplace_back(each.at("id").as_string());
    cursor = page.at("/next_cursor");
    BOOST_REQUIRE(listed.size() <= uploaded.size());
  }
  BOOST_TEST(listed == uploaded, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(g2_json_beyond_the_limit_is_413) {
  const auto refused = try_to_register("{\"a\":\"" + std::string(std::size_t{1} << 20U, 'x') + "\"}");
  BOOST_TEST(refused.status == 413U);
  BOOST_TEST(refused.problem() == "too_large");
}

BOOST_AUTO_TEST_CASE(g2_json_routes_take_only_json) {
  for (const auto* type : {"text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"}) {
    const request what{"POST", "/api/v1/registrations", {{"Content-Type", type}}, registration(fresh_email())};
    BOOST_TEST(exchange(first().https, what).status == 415U, type);
  }
  const request without{"POST", "/api/v1/registrations", {}, registration(fresh_email())};
  BOOST_TEST(exchange(first().https, without).status == 415U);
}

BOOST_AUTO_TEST_CASE(g2_an_ik_with_a_wrong_check_digit_is_422) {
  const auto refused = try_to_register(registration(fresh_email(), "260326823"));
  BOOST_TEST(refused.status == 422U);
  BOOST_TEST(refused.problem() == "invalid /organisation/ik");
}

BOOST_AUTO_TEST_CASE(g2_a_bad_postal_code_is_422) {
  for (const auto* code : {"1067", "00000", "99999", "abcde", "010677", ""})
    check_refused_at("/organisation/address/postal_code", "01067", code);
}

BOOST_AUTO_TEST_CASE(g2_a_registration_must_be_for_a_business_and_with_a_good_password) {
  check_refused_at("/acts_for_business", R"("acts_for_business":true)", R"("acts_for_business":false)");
  check_refused_at("/user/password", test_password, "kurz");
  check_refused_at("/organisation/sector", "hospital", "circus");
  check_refused_at("/organisation/employees", R"("employees":20)", R"("employees":"20")");
}

BOOST_AUTO_TEST_CASE(g2_an_email_is_registered_once) {
  const auto email = fresh_email();
  BOOST_TEST(try_to_register(registration(email)).status == 201U);
  const auto again = try_to_register(registration(email));
  BOOST_TEST(again.status == 409U);
  BOOST_TEST(again.problem() == "email_in_use");
  auto upper = registration(email);
  const auto at = upper.find("\"email\":\"person") + 9;
  upper.replace(at, 6, "PERSON");
  BOOST_TEST(try_to_register(upper).status == 409U);
}

BOOST_AUTO_TEST_CASE(g2_a_recipient_that_does_not_exist_is_422) {
  const auto document = someone().uploaded(pdf("nobody"));
  for (const auto* recipient : {R"({"organisation_id":"org_01ARZ3NDEKTSV4RRFFQ69G5FAV"})", R"({"ik":"260326899"})"}) {
    const auto refused = someone().dispatch(document, recipient);
    BOOST_TEST(refused.status == 422U, recipient);
  }
  const auto unknown = someone().dispatch(document, R"({"ik":"260326866"})");
  BOOST_TEST(unknown.at("/code") == "recipient_unknown");
  const auto nameless = someone().dispatch(document, R"({"name":"Klinik ohne Adresse"})");
  BOOST_TEST(nameless.status == 422U);
  BOOST_TEST(someone().count(fmt::format("/documents/{}/dispatches", document)) == 0U);
}

BOOST_AUTO_TEST_CASE(g2_a_dispatch_needs_recipients_and_a_subject_within_bounds) {
  const auto document = someone().uploaded(pdf("bounds"));
  const auto path = fmt::format("/documents/{}/dispatches", document);
  BOOST_TEST(someone().send("POST", path, R"({"recipients":[],"subject":"a"})").problem() == "invalid /recipients");
  std::string many = to_person();
  for (unsigned i = 0; i < 100; ++i) many += "," + to_person();
  BOOST_TEST(someone().dispatch(document, many).problem() == "invalid /recipients");
  const auto no_subject = someone().send("POST", path, fmt::format(R"({{"recipients":[{}]}})", to_person()));
  BOOST_TEST(no_subject.problem() == "invalid /subject");
  BOOST_TEST(someone().dispatch(document, to_person(), R"("deliver_by":"2030-01-01T00:00:00Z")").status == 422U);
  BOOST_TEST(someone().dispatch(document, to_person(), R"("client_ref":"")").status == 422U);
  BOOST_TEST(someone().count(path) == 0U);
}

BOOST_AUTO_TEST_CASE(g2_an_attachment_that_is_not_ones_own_is_refused) {
  const tenant other(first());
  const auto foreign = other.uploaded(pdf("foreign"));
  const auto document = someone().uploaded(pdf("attach"));
  const auto refused = someone().dispatch(document, to_person(), fmt::format(R"("attachments":["{}"])", foreign));
  BOOST_TEST((refused.status == 422U || refused.status == 404U), refused.body);
  BOOST_TEST(someone().count(fmt::format("/documents/{}/dispatches", document)) == 0U);
}

BOOST_AUTO_TEST_CASE(g2_an_unknown_path_is_404_and_a_known_one_with_another_method_405_with_allow) {
  BOOST_TEST(someone().get("/nothing").status == 404U);
  BOOST_TEST(exchange(first().https, {"GET", "/", {}, {}}).status == 404U);
  const auto refused = someone().send("DELETE", "/documents");
  BOOST_TEST(refused.status == 405U);
  BOOST_TEST(refused.problem() == "method_not_allowed");
  const auto allowed = refused.header("Allow").value_or("");
  BOOST_TEST((allowed.find("GET") != std::string::npos), allowed);
  BOOST_TEST((allowed.find("POST") != std::string::npos), allowed);
  BOOST_TEST((allowed.find("DELETE") == std::string::npos), allowed);
  BOOST_TEST(someone().send("PUT", "/users/me", "{}").status == 405U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::system_test
