// Problem documents, repeated attempts and the node's address.
#include "app/cli/limits.hpp"
#include "app/cli/node_url.hpp"
#include "app/cli/problem.hpp"
#include "app/cli/retry.hpp"

#include <boost/test/unit_test.hpp>

using namespace elsec::cli;

namespace {

response answer_of(unsigned status, std::string body = {}, header_list headers = {}) {
  response answer;
  answer.status = status;
  answer.body = std::move(body);
  answer.headers = std::move(headers);
  return answer;
}

failure status_failure(unsigned status, std::optional<std::chrono::seconds> retry_after = {}) {
  failure what;
  what.status = status;
  what.retry_after = retry_after;
  return what;
}

failure lost() {
  failure what;
  what.connection_lost = true;
  return what;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cli_problem)

BOOST_AUTO_TEST_CASE(a_problem_shows_title_detail_and_every_offending_part) {
  const auto what = failure_of(answer_of(422, R"({"title":"The content breaks a rule.","detail":"See the parts.",
      "code":"invalid","errors":[{"pointer":"/subject","detail":"must not be blank"},
      {"pointer":"/recipients/0/ik","detail":"must have 9 digits"}]})"));
  BOOST_TEST(render(what) ==
             "elsec: The content breaks a rule.\n  See the parts.\n  /subject: must not be blank\n"
             "  /recipients/0/ik: must have 9 digits\n");
}

BOOST_AUTO_TEST_CASE(what_is_said_of_a_part_is_not_said_twice) {
  const auto what = failure_of(answer_of(422, R"({"title":"The content breaks a rule.","detail":"must not be blank",
      "code":"invalid","errors":[{"pointer":"/subject","detail":"must not be blank"}]})"));
  BOOST_TEST(render(what) == "elsec: The content breaks a rule.\n  /subject: must not be blank\n");
}

BOOST_AUTO_TEST_CASE(a_problem_cannot_steer_the_terminal) {
  const auto what = failure_of(answer_of(409,
                                         "{\"title\":\"a\\u001b]0;x\\u0007\",\"detail\":\"b\\nelsec: c\\u009b\","
                                         "\"errors\":[{\"pointer\":\"/\\n\",\"detail\":\"\\u202e\"}]}"));
  BOOST_TEST(render(what) == "elsec: a\\x1b]0;x\\x07\n  b\n  elsec: c\\u{9b}\n  /\\n: \\u{202e}\n");
}

BOOST_AUTO_TEST_CASE(the_status_decides_the_exit_code) {
  const auto code = [](unsigned status) { return failure_of(answer_of(status)).code; };
  BOOST_CHECK(code(401) == exit_code::not_logged_in);
  for (const unsigned status : {400U, 403U, 404U, 409U, 413U, 422U, 429U})
    BOOST_CHECK(code(status) == exit_code::refused);
  for (const unsigned status : {500U, 503U, 507U, 302U, 304U}) BOOST_CHECK(code(status) == exit_code::node_failed);
}

BOOST_AUTO_TEST_CASE(an_answer_without_problem_document_names_the_status) {
  for (const auto* body : {"", "<html>", "[1]", "{\"title\":5,\"errors\":{}}", "{\"errors\":[1,null]}"})
    BOOST_TEST(failure_of(answer_of(503, body)).title == "The node answered with status 503.");
}

BOOST_AUTO_TEST_CASE(a_problem_with_endless_parts_is_cut) {
  std::string body = "{\"errors\":[{}";
  for (int i = 0; i < 1000; ++i) body += ",{}";
  BOOST_TEST(failure_of(answer_of(422, body + "]}")).fields.size() == problem_fields_max);
}

BOOST_AUTO_TEST_CASE(retry_after_is_a_number_of_seconds) {
  BOOST_CHECK(failure_of(answer_of(503, "", {{"retry-after", "7"}})).retry_after == std::chrono::seconds(7));
  for (const auto* text : {"", "-1", "1.5", "7 ", "99999999999", "Wed, 21 Oct 2026 07:28:00 GMT"})
    BOOST_CHECK(!parse_retry_after(text));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(cli_retry)

BOOST_AUTO_TEST_CASE(a_lost_connection_is_repeated_with_growing_pauses_and_then_given_up) {
  BOOST_CHECK(retry_pause(1, repeat::always, lost()) == first_pause);
  BOOST_CHECK(retry_pause(2, repeat::always, lost()) == 2 * first_pause);
  BOOST_CHECK(retry_pause(3, repeat::always, lost()) == 4 * first_pause);
  BOOST_CHECK(!retry_pause(attempts_max, repeat::always, lost()));
}

BOOST_AUTO_TEST_CASE(what_may_have_taken_effect_is_not_repeated) {
  BOOST_CHECK(!retry_pause(1, repeat::when_refused, lost()));
  BOOST_CHECK(!retry_pause(1, repeat::never, lost()));
  BOOST_CHECK(!retry_pause(1, repeat::never, status_failure(503)));
  BOOST_CHECK(retry_pause(1, repeat::when_refused, status_failure(503)));
}

BOOST_AUTO_TEST_CASE(a_busy_node_is_asked_again_when_it_says) {
  BOOST_CHECK(retry_pause(1, repeat::always, status_failure(503, std::chrono::seconds(3))) == std::chrono::seconds(3));
  BOOST_CHECK(retry_pause(1, repeat::always, status_failure(429, std::chrono::seconds(2))) == std::chrono::seconds(2));
  BOOST_CHECK(retry_pause(1, repeat::always, status_failure(503)) == first_pause);
  BOOST_CHECK(!retry_pause(1, repeat::always, status_failure(503, longest_pause + std::chrono::seconds(1))));
  BOOST_CHECK(!retry_pause(1, repeat::always, status_failure(429)));
}

BOOST_AUTO_TEST_CASE(other_answers_are_final) {
  for (const unsigned status : {0U, 400U, 401U, 404U, 409U, 422U, 500U, 502U, 507U})
    BOOST_CHECK(!retry_pause(1, repeat::always, status_failure(status, std::chrono::seconds(1))));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(cli_node_url)

BOOST_AUTO_TEST_CASE(equal_nodes_have_equal_addresses) {
  for (const auto* text : {"https://Node.Example", "https://node.example/", "https://node.example:443", "node.example",
                           "HTTPS://node.example"}) {
    const auto url = parse_node_url(text);
    BOOST_REQUIRE(url);
    BOOST_TEST(url->str() == "https://node.example");
  }
  BOOST_TEST(parse_node_url("https://[::1]:8443")->str() == "https://[::1]:8443");
  BOOST_TEST(parse_node_url("localhost:8443")->port == "8443");
}

BOOST_AUTO_TEST_CASE(R12_plain_http_is_refused) {
  for (const auto* text : {"http://node.example", "HTTP://node.example", "ftp://node.example"}) {
    const auto url = parse_node_url(text);
    BOOST_REQUIRE(!url);
    BOOST_CHECK(url.error().code == exit_code::usage);
  }
}

BOOST_AUTO_TEST_CASE(anything_but_host_and_port_is_refused) {
  for (const auto* text :
       {"", "https://", "https://a/b", "https://a?x=1", "https://a#x", "https://user@a", "https://user:pw@a",
        "https://a:0", "https://a:99999", "https://a b", "https://a\r\nX: y", "https://%0d%0a"})
    BOOST_CHECK_MESSAGE(!parse_node_url(text).has_value(), text);
}

BOOST_AUTO_TEST_SUITE_END()
