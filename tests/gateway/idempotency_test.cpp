// A key is a request's own for as long as its answer is kept, and no longer.

#include "tests/gateway/small_node.hpp"

using namespace elsec::gateway::testing;

namespace {

struct keyed_requests : small_node {
  [[nodiscard]] answer make_token(const std::string& name) const {
    const auto body = R"({"name":")" + name + R"(","scopes":["documents:read"]})";
    return client(listener->port())
        .ask(request_for("POST", "/api-tokens",
                         "Idempotency-Key: the-same\r\nContent-Type: application/json\r\nContent-Length: " +
                             std::to_string(body.size()) + "\r\n") +
             body);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(idempotency_keys, keyed_requests)

BOOST_AUTO_TEST_CASE(a_key_whose_answer_is_out_of_date_is_a_new_one_whether_the_janitor_has_come_by_or_not) {
  BOOST_TEST(make_token("first").status == 201U);
  BOOST_TEST(make_token("first").body.contains("already_done"));
  BOOST_TEST(make_token("second").body.contains("key_reused"));
  now = now.load() + with->policy.idempotency;
  BOOST_TEST(make_token("second").status == 201U);
  BOOST_TEST(make_token("second").body.contains("already_done"));
  BOOST_TEST(make_token("first").body.contains("key_reused"));
}

BOOST_AUTO_TEST_SUITE_END()
