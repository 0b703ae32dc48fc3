// Errors as clients see them.

#include "gateway/problem.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <utility>

using namespace elsec;
using namespace elsec::gateway;
using domain::error_code;

BOOST_AUTO_TEST_SUITE(problem)

BOOST_AUTO_TEST_CASE(every_code_has_an_error_status_with_a_phrase) {
  for (auto code = 0; code <= std::to_underlying(error_code::internal); ++code) {
    const auto status = status_of(static_cast<error_code>(code));
    BOOST_TEST((status >= 400 && status < 600));
    BOOST_TEST(phrase_of(status) != "Unknown");
  }
}

BOOST_AUTO_TEST_CASE(a_problem_document_holds_what_rfc_9457_asks_for_and_the_stable_code) {
  const auto answer = problem_of({error_code::invalid, "Two fields.", {{"/a/0", "must not be empty"}}});
  BOOST_TEST(answer.status == 422U);
  BOOST_TEST(answer.content_type == "application/problem+json");
  const auto document = boost::json::parse(answer.body).as_object();
  BOOST_TEST(document.at("code").as_string() == "invalid");
  BOOST_TEST(document.at("status").as_int64() == 422);
  BOOST_TEST(document.at("detail").as_string() == "Two fields.");
  BOOST_TEST(!document.at("type").as_string().empty());
  BOOST_TEST(!document.at("title").as_string().empty());
  BOOST_TEST(document.at("errors").at(0).at("pointer").as_string() == "/a/0");
  BOOST_TEST(document.at("errors").at(0).at("detail").as_string() == "must not be empty");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_inside_the_node_is_not_told_to_its_clients) {
  for (const auto code : {error_code::integrity, error_code::io, error_code::internal}) {
    const auto document = boost::json::parse(problem_of({code, "table documents, key org_1", {}}).body).as_object();
    BOOST_TEST(!document.contains("detail"));
    BOOST_TEST(!document.at("title").as_string().empty());
  }
}

BOOST_AUTO_TEST_CASE(busy_answers_say_when_to_come_back_and_401_how_to_sign_in) {
  const auto has = [](error_code code, std::string_view name) {
    const auto headers = problem_of({code, {}, {}}).headers;
    return std::ranges::any_of(headers, [&](const auto& header) { return header.first == name; });
  };
  BOOST_TEST(has(error_code::overloaded, "Retry-After"));
  BOOST_TEST(has(error_code::too_many_requests, "Retry-After"));
  BOOST_TEST(has(error_code::timed_out, "Retry-After"));
  BOOST_TEST(has(error_code::unauthenticated, "WWW-Authenticate"));
  BOOST_TEST(!has(error_code::forbidden, "Retry-After"));
}

BOOST_AUTO_TEST_SUITE_END()
