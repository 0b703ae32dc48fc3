// Values of header fields and queries.

#include "gateway/fields.hpp"

#include "gateway/event_text.hpp"

#include <boost/test/unit_test.hpp>

using namespace elsec;
using namespace elsec::gateway;
using namespace std::chrono_literals;

namespace {

// SHA-256 of nothing.
const std::string empty_base64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

std::string range_text(std::string_view field, std::uint64_t size) {
  const auto range = parse_range(field, size);
  if (!range) return std::string(domain::name_of(range.error().code));
  return *range ? std::to_string((*range)->first) + "-" + std::to_string((*range)->last) : "whole";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fields)

BOOST_AUTO_TEST_CASE(file_names_are_percent_encoded_utf8) {
  BOOST_TEST(percent_decoded("Entlassbrief%20M%C3%BCller.pdf").value() == "Entlassbrief M\xC3\xBCller.pdf");
  for (const auto* broken : {"%", "%4", "a%zz", "%%41"}) BOOST_TEST(!percent_decoded(broken).has_value());
  BOOST_TEST(percent_encoded("M\xC3\xBCller 1.pdf") == "M%C3%BCller%201.pdf");
}

BOOST_AUTO_TEST_CASE(a_disposition_names_the_file_for_old_and_new_clients_and_cannot_be_broken_out_of) {
  BOOST_TEST(content_disposition("M\xC3\xBCller.pdf") ==
             "attachment; filename=\"M_ller.pdf\"; filename*=UTF-8''M%C3%BCller.pdf");
  BOOST_TEST(content_disposition("a\"b\\c\r\n%.pdf") ==
             "attachment; filename=\"a_b_c___.pdf\"; filename*=UTF-8''a%22b%5Cc%0D%0A%25.pdf");
}

BOOST_AUTO_TEST_CASE(one_range_is_cut_to_the_content) {
  BOOST_TEST(range_text("bytes=0-9", 100) == "0-9");
  BOOST_TEST(range_text("bytes=90-", 100) == "90-99");
  BOOST_TEST(range_text("BYTES= 90-500", 100) == "90-99");
  BOOST_TEST(range_text("bytes=-5", 100) == "95-99");
  BOOST_TEST(range_text("bytes=-500", 100) == "0-99");
}

BOOST_AUTO_TEST_CASE(a_range_beyond_the_content_cannot_be_satisfied) {
  BOOST_TEST(range_text("bytes=100-", 100) == "range_not_satisfiable");
  BOOST_TEST(range_text("bytes=-0", 100) == "range_not_satisfiable");
  BOOST_TEST(range_text("bytes=0-0", 0) == "range_not_satisfiable");
}

BOOST_AUTO_TEST_CASE(several_or_malformed_ranges_mean_the_whole_content) {
  for (const auto* field : {"bytes=0-1,5-6", "bytes=5-2", "bytes=-", "bytes=a-b", "bytes=1", "lines=1-2", "bytes",
                            "bytes=0x1-5", "bytes=18446744073709551616-", ""})
    BOOST_TEST(range_text(field, 100) == "whole");
}

BOOST_AUTO_TEST_CASE(digests_come_in_both_spellings) {
  const auto old = parse_digest("md5=xyz, SHA-256=" + empty_base64, std::nullopt);
  const auto recent = parse_digest(std::nullopt, "sha-512=:AA==:, sha-256=:" + empty_base64 + ":");
  BOOST_REQUIRE((old && *old && recent && *recent));
  BOOST_TEST(((*old)->front() == 0xe3 && (*old)->back() == 0x55));
  BOOST_TEST((**old == **recent));
  BOOST_TEST(!parse_digest(std::nullopt, std::nullopt).value().has_value());
  BOOST_TEST(!parse_digest("md5=xyz", std::nullopt).value().has_value());
}

BOOST_AUTO_TEST_CASE(malformed_or_different_digests_are_refused) {
  const auto other = "A" + empty_base64.substr(1);
  for (const auto& digest :
       {std::string("sha-256=abc"), "sha-256=" + empty_base64.substr(1), "sha-256=" + empty_base64 + "=",
        "sha-256=:" + empty_base64 + ":", std::string("sha-256=") + std::string(44, '*')})
    BOOST_TEST(!parse_digest(digest, std::nullopt).has_value());
  BOOST_TEST(!parse_digest(std::nullopt, "sha-256=" + empty_base64).has_value());
  BOOST_TEST(!parse_digest("sha-256=" + empty_base64, "sha-256=:" + other + ":").has_value());
}

BOOST_AUTO_TEST_CASE(entity_tags_are_quoted_and_weak_ones_never_match_strongly) {
  const auto tags = parse_entity_tags("\"a\", W/\"b\" ,\"c,d\"").value();
  BOOST_TEST((tags.has_strong("a") && tags.has_strong("c,d") && !tags.has_strong("b") && tags.has("b")));
  BOOST_TEST(parse_entity_tags("*").value().any);
  for (const auto* broken : {"", "a", "\"a", "\"a\" \"b\"", "W/a", ","})
    BOOST_TEST(!parse_entity_tags(broken).has_value());
}

BOOST_AUTO_TEST_CASE(a_query_is_decoded_and_a_name_stands_once) {
  const auto values = parse_query("query=M%C3%BCller+Klinik&ik=&can_receive=true").value();
  BOOST_TEST(values.at("query") == "M\xC3\xBCller Klinik");
  BOOST_TEST(values.at("ik").empty());
  BOOST_TEST(!parse_query("a=1&a=2").has_value());
  BOOST_TEST(!parse_query("a=%4").has_value());
}

BOOST_AUTO_TEST_CASE(json_is_utf8_or_says_no_charset) {
  for (const auto* type :
       {"application/json", "Application/JSON;charset=UTF-8", "application/json; charset=\"utf-8\"",
        "application/json ; Charset=\"UTF\\-8\" ; x=1", "application/json;", "application/json; x=\";charset=utf-16\"",
        "application/json; x=\"\\\";charset=utf-16\"", "application/json; charset=utf-8; charset=\"utf-8\""})
    BOOST_TEST(is_utf8_json(type), type);
  for (const auto* type :
       {"application/json; charset=utf-16", "application/json;charset=\"UTF-16\"", "application/json; charset=latin1",
        "application/json; charset=utf8", "application/json; charset=", "application/json; charset",
        "application/json; charset=\"utf-8", "application/json; charset=utf-8; CHARSET=utf-16",
        "application/json; x=\";\"; charset=utf-32", "application/json; charset = utf-16", "text/plain; charset=utf-8",
        "application/jsonx", ""})
    BOOST_TEST(!is_utf8_json(type), type);
}

BOOST_AUTO_TEST_CASE(accept_is_weighed_by_its_closest_entry) {
  BOOST_TEST(quality_of(std::nullopt, "text/event-stream") == 1);
  BOOST_TEST(quality_of("application/json", "text/event-stream") == 0);
  BOOST_TEST(quality_of("*/*;q=0.1, text/event-stream", "text/event-stream") == 1);
  BOOST_TEST(quality_of("*/*;q=0.5, application/json;q=0.2", "application/json") == 0.2,
             boost::test_tools::tolerance(1e-9));
  BOOST_TEST(quality_of("application/json;q=0, */*", "application/json") == 0);
}

// Found by a property of the fuzz target text: infinity beat every honest wish, and what is no number compares with
// nothing.
BOOST_AUTO_TEST_CASE(a_quality_is_a_number_from_0_to_1) {
  for (const auto* quality : {"7", "1e9", "inf", "-1", "nan", "-nan", "", "x"})
    BOOST_TEST(quality_of("application/json;q=" + std::string(quality), "application/json") == 0, quality);
  BOOST_TEST(quality_of("application/json;q=1.000", "application/json") == 1);
}

BOOST_AUTO_TEST_CASE(a_cookie_is_found_by_its_whole_name) {
  BOOST_TEST(cookie("a=1; __Host-elsec=tok=en; b=2", "__Host-elsec").value() == "tok=en");
  BOOST_TEST(!cookie("x__Host-elsec=1", "__Host-elsec").has_value());
  BOOST_TEST(!cookie(std::nullopt, "__Host-elsec").has_value());
}

BOOST_AUTO_TEST_CASE(secrets_are_compared_whole) {
  BOOST_TEST(equal_in_constant_time("secret", "secret"));
  BOOST_TEST(!equal_in_constant_time("secret", "secreT"));
  BOOST_TEST(!equal_in_constant_time("secret", "secre"));
}

BOOST_AUTO_TEST_CASE(events_are_text_with_position_type_and_data) {
  BOOST_TEST(event_text("17", "document.received", "{}") == "id: 17\nevent: document.received\ndata: {}\n\n");
  BOOST_TEST(position_text(0) == "id: 0\n\n");
  BOOST_TEST(gap_text(3, 9) == "id: 9\nevent: gap\ndata: {\"from\":3,\"to\":9}\n\n");
  BOOST_TEST(lag_text(3, 9) == "event: gap\ndata: {\"from\":3,\"to\":9}\n\n");
  BOOST_TEST(parse_position("17").value() == 17U);
  for (const auto* broken : {"", "-1", "1 ", "abc", "99999999999999999999"})
    BOOST_TEST(!parse_position(broken).has_value());
}

// The examples of RFC 9110, 5.6.7, and of a day and hour with one digit.
BOOST_AUTO_TEST_CASE(times_are_written_as_http_wants_them) {
  BOOST_TEST(http_date(std::chrono::sys_seconds(784'111'777s)) == "Sun, 06 Nov 1994 08:49:37 GMT");
  BOOST_TEST(http_date(std::chrono::sys_seconds(1'709'164'800s)) == "Thu, 29 Feb 2024 00:00:00 GMT");
  BOOST_TEST(http_date({}) == "Thu, 01 Jan 1970 00:00:00 GMT");
}

BOOST_AUTO_TEST_SUITE_END()
