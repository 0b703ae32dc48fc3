#include "codec/json.hpp"
#include "domain/access.hpp"
#include "tests/codec/records.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

using namespace elsec;
using namespace elsec::codec_test;

namespace {

template <class T>
void expect_schema(std::string_view wanted) {
  const auto schema = codec::json_schema<T>();
  BOOST_TEST((schema == boost::json::parse({wanted.data(), wanted.size()})), codec::to_json(schema));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json_schema)

BOOST_AUTO_TEST_CASE(texts_tell_their_lengths_and_patterns) {
  expect_schema<std::string>(R"({"type":"string"})");
  expect_schema<domain::text<1, 80>>(R"({"type":"string","minLength":1,"maxLength":80})");
  expect_schema<domain::multiline_text<0, 5>>(R"({"type":"string","maxLength":5})");
  expect_schema<domain::ik_number>(R"({"type":"string","minLength":9,"maxLength":9,"pattern":"^[0-9]{9}$"})");
  expect_schema<domain::document_id>(R"({"type":"string","pattern":"^doc_[0-7][0-9A-HJKMNP-TV-Z]{25}$"})");
}

BOOST_AUTO_TEST_CASE(numbers_tell_their_ranges) {
  expect_schema<bool>(R"({"type":"boolean"})");
  expect_schema<double>(R"({"type":"number"})");
  expect_schema<std::uint8_t>(R"({"type":"integer","minimum":0,"maximum":255})");
  expect_schema<std::int32_t>(R"({"type":"integer","minimum":-2147483648,"maximum":2147483647})");
  expect_schema<domain::bounded<-5, 120>>(R"({"type":"integer","minimum":-5,"maximum":120})");
}

BOOST_AUTO_TEST_CASE(ranges_of_64_bits_are_told_as_a_format) {
  expect_schema<std::int64_t>(R"({"type":"integer","format":"int64"})");
  expect_schema<domain::cents>(R"({"type":"integer","format":"int64"})");
  expect_schema<std::uint64_t>(R"({"type":"integer","format":"int64","minimum":0})");
}

BOOST_AUTO_TEST_CASE(enums_tell_their_names) {
  expect_schema<route>(R"({"type":"string","enum":["auto","electronic","post"]})");
  expect_schema<domain::scope_name>(R"({"type":"string","enum":["documents:read","documents:write","letters:send",
      "beds:read","beds:write","account:read","account:write"]})");
}

BOOST_AUTO_TEST_CASE(times_bytes_and_digests_tell_their_text_form) {
  expect_schema<domain::time_point>(R"({"type":"string","format":"date-time"})");
  expect_schema<domain::bytes>(R"({"type":"string","contentEncoding":"base64url","pattern":"^[A-Za-z0-9_-]*$"})");
  expect_schema<std::array<std::uint8_t, 32>>(R"({"type":"string","pattern":"^[0-9A-Fa-f]{64}$"})");
}

BOOST_AUTO_TEST_CASE(records_are_closed_and_tell_what_is_required) {
  expect_schema<contact>(R"({"type":"object","properties":{
      "name":{"type":"string","minLength":1,"maxLength":20},"level":{"type":"integer","minimum":-5,"maximum":5}},
      "required":["name"],"additionalProperties":false})");
}

BOOST_AUTO_TEST_CASE(null_stands_where_it_is_a_value_of_its_own) {
  expect_schema<patch>(R"({"type":"object","properties":{
      "note":{"anyOf":[{"type":"string"},{"type":"null"}]},"kept":{"type":"boolean"}},
      "additionalProperties":false})");
}

BOOST_AUTO_TEST_CASE(lists_maps_and_anything_nest) {
  expect_schema<std::vector<std::optional<bool>>>(R"({"type":"array","items":{"type":"boolean"}})");
  expect_schema<std::map<std::string, route>>(
      R"({"type":"object","additionalProperties":{"type":"string","enum":["auto","electronic","post"]}})");
  expect_schema<boost::json::value>("{}");
}

BOOST_AUTO_TEST_CASE(what_is_required_is_what_the_reader_requires) {
  const auto schema = codec::json_schema<rich>();
  const auto missing = codec::from_json<rich>("{}");
  BOOST_TEST_REQUIRE(!missing.has_value());
  const auto& required = schema.at("required").as_array();
  BOOST_TEST_REQUIRE(required.size() == missing.error().fields.size());
  for (std::size_t i = 0; i < required.size(); ++i)
    BOOST_TEST("/" + std::string(required[i].as_string()) == missing.error().fields[i].pointer);
}

BOOST_AUTO_TEST_CASE(properties_stand_in_the_order_of_what_is_printed) {
  const auto record = codec::to_json_value(rich{});
  const auto schema = codec::json_schema<rich>();
  auto property = schema.at("properties").as_object().begin();
  for (const auto& member : record.as_object()) {
    while (property->key() != member.key() && record.as_object().if_contains(property->key()) == nullptr) ++property;
    BOOST_TEST(property->key() == member.key());
    ++property;
  }
}

BOOST_AUTO_TEST_SUITE_END()
