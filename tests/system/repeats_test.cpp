// R13, G2: requests that come twice, and changes of what has changed.

#include "tests/system/files.hpp"
#include "tests/system/tenant.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

namespace elsec::system_test {
namespace {

void check_key_reused(const answer& refused) {
  BOOST_TEST(refused.status == 409U);
  BOOST_TEST(refused.problem() == "key_reused");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(repeats)

BOOST_AUTO_TEST_CASE(g2_a_repeated_upload_answers_the_first_document) {
  const header_list key{{"Idempotency-Key", "upload-1"}};
  const auto bytes = pdf("idempotent");
  const auto before = someone().count("/documents?limit=500");
  const auto once = someone().upload(bytes, "application/pdf", key);
  BOOST_REQUIRE(once.status == 201U);
  const auto again = someone().upload(bytes, "application/pdf", key);
  BOOST_TEST(again.status == 201U);
  BOOST_TEST(again.at("/id") == once.at("/id"));
  BOOST_TEST(again.header("Location").value_or("") == once.header("Location").value_or("none"));
  check_key_reused(someone().upload(pdf("another"), "application/pdf", key));
  check_key_reused(someone().upload(bytes, "application/pdf", key, "Anders.pdf"));
  check_key_reused(someone().upload(bytes, "application/octet-stream", key));
  BOOST_TEST(someone().count("/documents?limit=500") == before + 1);
}

BOOST_AUTO_TEST_CASE(g2_a_repeated_dispatch_answers_the_first_one) {
  const header_list key{{"Idempotency-Key", "dispatch-1"}};
  const auto path = fmt::format("/documents/{}/dispatches", someone().uploaded(pdf("once")));
  const auto body = fmt::format(R"({{"recipients":[{}],"subject":"Einmal"}})", to_person());
  const auto once = someone().send("POST", path, body, key);
  BOOST_REQUIRE(once.status == 202U);
  BOOST_TEST(someone().send("POST", path, body, key).body == once.body);
  const auto other = fmt::format(R"({{"recipients":[{}],"subject":"Zweimal"}})", to_person());
  check_key_reused(someone().send("POST", path, other, key));
  BOOST_TEST(someone().count(path) == 1U);
}

BOOST_AUTO_TEST_CASE(g2_a_repeated_registration_answers_the_first_one) {
  const header_list headers{{"Idempotency-Key", "registration-1"}, {"Content-Type", "application/json"}};
  const request what{"POST", "/api/v1/registrations", headers, registration(fresh_email())};
  const auto once = exchange(first().https, what);
  BOOST_REQUIRE(once.status == 201U);
  const auto again = exchange(first().https, what);
  BOOST_TEST(again.status == 201U);
  BOOST_TEST(again.body == once.body);
  check_key_reused(exchange(first().https, {what.method, what.target, headers, registration(fresh_email())}));
}

BOOST_AUTO_TEST_CASE(g2_a_repeat_whose_answer_held_a_secret_is_already_done) {
  const header_list key{{"Idempotency-Key", "secret-1"}};
  const std::string body = R"({"name":"machine","scopes":["documents:read"]})";
  const auto once = someone().send("POST", "/api-tokens", body, key);
  BOOST_REQUIRE(once.status == 201U);
  const auto again = someone().send("POST", "/api-tokens", body, key);
  BOOST_TEST(again.status == 409U);
  BOOST_TEST(again.at("/code") == "already_done");
  BOOST_TEST((again.body.find(once.at("/id")) != std::string::npos));
  BOOST_TEST((again.body.find(once.at("/token")) == std::string::npos));
  check_key_reused(someone().send("POST", "/api-tokens", R"({"name":"b","scopes":["documents:read"]})", key));
}

BOOST_AUTO_TEST_CASE(g2_a_repeated_log_in_is_already_done_and_gives_no_token) {
  const header_list key{{"Idempotency-Key", "session-1"}};
  const auto body = fmt::format(R"({{"email":"{}","password":"{}"}})", someone().email, test_password);
  const auto once = someone().send("POST", "/sessions", body, key);
  BOOST_REQUIRE(once.status == 201U);
  const auto again = someone().send("POST", "/sessions", body, key);
  BOOST_TEST(again.status == 409U);
  BOOST_TEST(again.at("/code") == "already_done");
  BOOST_TEST(!again.header("Set-Cookie").has_value());
}

BOOST_AUTO_TEST_CASE(g2_a_key_of_one_tenant_means_nothing_to_another) {
  const tenant other(first());
  const header_list key{{"Idempotency-Key", "shared-key"}};
  const auto bytes = pdf("same key");
  const auto mine = someone().upload(bytes, "application/pdf", key);
  const auto theirs = other.upload(bytes, "application/pdf", key);
  BOOST_TEST(theirs.status == 201U);
  BOOST_TEST(theirs.at("/id") != mine.at("/id"));
}

BOOST_AUTO_TEST_CASE(g2_a_key_that_is_no_key_is_422) {
  const auto refused = someone().upload("hello", "text/plain", {{"Idempotency-Key", std::string(256, 'k')}}, "a.txt");
  BOOST_TEST(refused.problem() == "invalid /Idempotency-Key");
}

BOOST_AUTO_TEST_CASE(g2_a_change_of_something_that_has_changed_is_412) {
  const auto tag = someone().get("/organisation").header("ETag").value_or("");
  BOOST_REQUIRE(!tag.empty());
  const header_list seen{{"If-Match", tag}};
  const auto changed = someone().send("PATCH", "/organisation", R"({"phone":"+49 351 1"})", seen);
  BOOST_TEST(changed.status == 200U);
  const auto stale = someone().send("PATCH", "/organisation", R"({"phone":"+49 351 2"})", seen);
  BOOST_TEST(stale.status == 412U);
  BOOST_TEST(stale.problem() == "stale");
  BOOST_TEST(someone().get("/organisation").at("/phone") == "+49 351 1");
  const header_list now{{"If-Match", changed.header("ETag").value_or("")}};
  BOOST_TEST(someone().send("PATCH", "/organisation", R"({"phone":"+49 351 3"})", now).status == 200U);
  BOOST_TEST(someone().send("PATCH", "/organisation", R"({"phone":"+49 351 4"})", {{"If-Match", "*"}}).status == 200U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::system_test
