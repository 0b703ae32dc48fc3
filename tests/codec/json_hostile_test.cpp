// Texts made to confuse or to exhaust a reader.
#include "codec/json.hpp"
#include "tests/codec/records.hpp"

#include <boost/test/unit_test.hpp>

using namespace elsec;
using namespace elsec::codec_test;

namespace {

struct open_record {
  boost::json::value any;
  std::optional<std::string> name{};
  std::vector<std::int32_t> list{};
  std::map<std::string, std::int32_t> limits{};
};
BOOST_DESCRIBE_STRUCT(open_record, (), (any, name, list, limits))

template <class T>
std::string_view json_code_of(std::string_view text) {
  const auto read = codec::from_json<T>(text);
  return read ? std::string_view("read") : domain::name_of(read.error().code);
}

std::string nested_arrays(std::size_t arrays) {
  return R"({"any":)" + std::string(arrays, '[') + std::string(arrays, ']') + "}";
}

std::string repeated_text(std::string_view part, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) (text += i == 0 ? "" : ",") += part;
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json_hostile)

BOOST_AUTO_TEST_CASE(what_is_no_strict_json_is_a_bad_request) {
  for (const std::string text : {"",
                                 " ",
                                 "{",
                                 "}",
                                 "{\"any\":1",
                                 "{\"any\":1}}",
                                 "{\"any\":1} x",
                                 "{'any':1}",
                                 "{any:1}",
                                 "{\"any\":1,}",
                                 "{\"any\":01}",
                                 "{\"any\":.5}",
                                 "{\"any\":NaN}",
                                 "{\"any\":1}//c",
                                 "/**/{\"any\":1}",
                                 "{\"any\":\"\n\"}",
                                 "{\"any\":\"\\x\"}",
                                 "\xEF\xBB\xBF{\"any\":1}",
                                 "nul",
                                 "{\"any\":+1}"})
    BOOST_TEST(json_code_of<open_record>(text) == "bad_request", text);
}

BOOST_AUTO_TEST_CASE(text_that_is_not_utf8_is_a_bad_request) {
  for (const std::string bad : {"\xFF", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF0\x9F\x98"})
    BOOST_TEST(json_code_of<open_record>(R"({"any":1,"name":")" + bad + "\"}") == "bad_request");
  BOOST_TEST(json_code_of<open_record>(R"({"any":1,"name":"\ud800"})") == "bad_request");
}

BOOST_AUTO_TEST_CASE(escapes_and_raw_utf8_read_alike) {
  BOOST_TEST((codec::from_json<open_record>(R"({"any":1,"name":"\ud83d\ude00 \u00fc"})")->name == "😀 ü"));
  BOOST_TEST((codec::from_json<open_record>(R"({"any":1,"name":"😀 ü"})")->name == "😀 ü"));
}

BOOST_AUTO_TEST_CASE(two_members_of_one_name_are_a_bad_request_at_any_depth) {
  for (const auto* text : {R"({"any":1,"any":1})", R"({"any":1,"any":2,"name":"x"})", R"({"any":{"a":1,"a":1}})",
                           R"({"any":[[{"x":{"a":1},"x":{"a":1}}]]})", R"({"any":1,"\u0061ny":1})",
                           R"({"any":1,"limits":{"a":1,"b":2,"a":3}})"})
    BOOST_TEST(json_code_of<open_record>(text) == "bad_request", text);
}

BOOST_AUTO_TEST_CASE(colons_and_quotes_in_strings_are_no_duplicates) {
  for (const auto* text : {R"({"any":"a:b"})", R"({"any":{"a:":":\":","\\":"\\"}})", R"({"any":["\"",":","\\\":"]})",
                           R"({"any":{"a":{"a":{"a":1}}}})"})
    BOOST_TEST(json_code_of<open_record>(text) == "read", text);
}

BOOST_AUTO_TEST_CASE(nesting_is_bounded) {
  BOOST_TEST(json_code_of<open_record>(nested_arrays(codec::json_depth_max - 1)) == "read");
  BOOST_TEST(json_code_of<open_record>(nested_arrays(codec::json_depth_max)) == "bad_request");
  BOOST_TEST(json_code_of<open_record>(nested_arrays(500'000)) == "bad_request");
  BOOST_TEST(json_code_of<open_record>(std::string(1'000'000, '[')) == "bad_request");
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  BOOST_TEST(json_code_of<open_record>(objects) == "bad_request");
}

BOOST_AUTO_TEST_CASE(at_most_twenty_errors_are_told) {
  const auto wrong_elements =
      codec::from_json<open_record>(R"({"any":1,"list":[)" + repeated_text("\"x\"", 1'000) + "]}");
  BOOST_TEST_REQUIRE(!wrong_elements.has_value());
  BOOST_TEST(wrong_elements.error().fields.size() == 20U);
  BOOST_TEST(wrong_elements.error().fields.back().pointer == "/list/19");

  std::string unknown = R"({"any":1)";
  for (int i = 0; i < 1'000; ++i) unknown += ",\"u" + std::to_string(i) + "\":0";
  const auto unknown_members = codec::from_json<open_record>(unknown + "}");
  BOOST_TEST_REQUIRE(!unknown_members.has_value());
  BOOST_TEST(unknown_members.error().fields.size() == 20U);
}

BOOST_AUTO_TEST_CASE(a_pointer_never_repeats_a_long_name) {
  const std::string name(100'000, 'n');
  const auto unknown = codec::from_json<open_record>(R"({"any":1,")" + name + R"(":1})");
  BOOST_TEST_REQUIRE(!unknown.has_value());
  BOOST_TEST(unknown.error().fields.front().pointer == "");
  const auto key = codec::from_json<open_record>(R"({"any":1,"limits":{")" + name + R"(":"x"}})");
  BOOST_TEST_REQUIRE(!key.has_value());
  BOOST_TEST(key.error().fields.front().pointer == "/limits");
}

BOOST_AUTO_TEST_CASE(small_texts_cannot_become_large_lists_of_large_records) {
  const auto few = codec::from_json<std::vector<wide>>("[" + repeated_text("{}", 1'000) + "]");
  BOOST_TEST(few.has_value());
  const auto many = codec::from_json<std::vector<wide>>("[" + repeated_text("{}", 300'000) + "]");
  BOOST_TEST_REQUIRE(!many.has_value());
  BOOST_TEST((many.error().fields == std::vector{domain::field_error{"", "has too many elements"}}));
}

BOOST_AUTO_TEST_CASE(strings_print_escaped_and_as_utf8) {
  open_record record;
  record.name = std::string("\"\\/\x01\n\x7F\0", 7) + "ü\xFF";
  BOOST_TEST(codec::to_json(record) ==
             "{\"any\":null,\"name\":\"\\\"\\\\/\\u0001\\n\x7F\\u0000ü\uFFFD\",\"list\":[],\"limits\":{}}");
}

BOOST_AUTO_TEST_CASE(every_truncation_and_mutation_of_a_text_reads_or_is_refused) {
  const auto text = codec::to_json(generator(11).record());
  for (std::size_t size = 0; size < text.size(); ++size)
    BOOST_TEST(json_code_of<rich>(std::string_view(text).substr(0, size)) == "bad_request");
  std::mt19937 random(12);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string mutated = text;
    mutated[i] = static_cast<char>(random());
    const auto code = json_code_of<rich>(mutated);
    BOOST_TEST((code == "read" || code == "invalid" || code == "bad_request"), mutated);
  }
}

BOOST_AUTO_TEST_SUITE_END()
