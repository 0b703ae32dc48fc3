// What fits a record: roundtrips, forms of the types, and an error with a pointer for every part that does not fit.
#include "codec/json.hpp"

#include "codec/cbor.hpp"
#include "tests/codec/records.hpp"

#include <boost/test/unit_test.hpp>

using namespace elsec;
using namespace elsec::codec_test;
using domain::error_code;
using domain::field_error;

namespace {

template <class T>
std::vector<field_error> errors_of(std::string_view text) {
  const auto read = codec::from_json<T>(text);
  BOOST_TEST_REQUIRE(!read.has_value());
  BOOST_TEST(domain::name_of(read.error().code) == "invalid");
  return read.error().fields;
}

// The one error of a text that has exactly one.
template <class T>
field_error error_of(std::string_view text) {
  const auto errors = errors_of<T>(text);
  BOOST_TEST_REQUIRE(errors.size() == 1U);
  return errors.front();
}

struct choices {
  std::optional<bool> flag{};
  std::vector<std::int32_t> list{};
  std::map<std::string, contact> people{};
  bool operator==(const choices&) const = default;
};
BOOST_DESCRIBE_STRUCT(choices, (), (flag, list, people))

}  // namespace

BOOST_AUTO_TEST_SUITE(json)

BOOST_AUTO_TEST_CASE(every_record_reads_back_from_its_json) {
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    const auto record = generator(seed).record();
    const auto text = codec::to_json(record);
    const auto back = codec::from_json<rich>(text);
    BOOST_TEST_REQUIRE(back.has_value(), "seed " << seed << ": " << text);
    BOOST_TEST_REQUIRE((*back == record), "seed " << seed << ": " << text);
    BOOST_TEST_REQUIRE(codec::to_json(*back) == text);
  }
}

BOOST_AUTO_TEST_CASE(a_value_reads_like_its_text) {
  const auto record = generator(7).record();
  BOOST_TEST((codec::from_json_value<rich>(codec::to_json_value(record)) == record));
}

BOOST_AUTO_TEST_CASE(members_keep_the_order_of_description_with_base_classes_first) {
  const auto value = codec::to_json_value(rich{});
  std::string names;
  for (const auto& member : value.as_object()) names += std::string(member.key()) + " ";
  BOOST_TEST(names ==
             "id created_at flag tiny octet number big huge ratio plain note email price hours way class people gaps "
             "digest key limits contacts extra ");
}

BOOST_AUTO_TEST_CASE(json_is_compact_and_numbers_are_short) {
  BOOST_TEST(codec::to_json(one<double>{12.5}) == R"({"value":12.5})");
  BOOST_TEST(codec::to_json(one<double>{3}) == R"({"value":3.0})");
  BOOST_TEST(codec::to_json(one<double>{0.1}) == R"({"value":0.1})");
  BOOST_TEST(codec::to_json(one<std::vector<std::string>>{{"a", "b"}}) == R"({"value":["a","b"]})");
  BOOST_TEST(codec::to_json(one<std::vector<std::string>>{}) == R"({"value":[]})");
  BOOST_TEST(codec::to_json(one<std::map<std::string, std::string>>{}) == R"({"value":{}})");
}

BOOST_AUTO_TEST_CASE(a_number_json_cannot_hold_prints_as_null) {
  BOOST_TEST(codec::to_json(one<double>{std::numeric_limits<double>::infinity()}) == R"({"value":null})");
}

BOOST_AUTO_TEST_CASE(empty_optionals_are_left_out) {
  BOOST_TEST(codec::to_json(choices{}) == R"({"list":[],"people":{}})");
  BOOST_TEST(codec::to_json(choices{.flag = false}) == R"({"flag":false,"list":[],"people":{}})");
}

BOOST_AUTO_TEST_CASE(optionals_may_be_absent_or_null_and_lists_and_maps_absent) {
  BOOST_TEST((codec::from_json<choices>("{}") == choices{}));
  BOOST_TEST((codec::from_json<choices>(R"({"flag":null})") == choices{}));
  BOOST_TEST((codec::from_json<choices>(R"({"flag":true})")->flag == true));
  BOOST_TEST((error_of<choices>(R"({"list":null})") == field_error{"/list", "must be an array"}));
  BOOST_TEST((error_of<choices>(R"({"people":null})") == field_error{"/people", "must be an object"}));
}

BOOST_AUTO_TEST_CASE(in_a_patch_null_removes_and_absence_leaves) {
  BOOST_TEST(!codec::from_json<patch>("{}")->note.has_value());
  const auto removed = codec::from_json<patch>(R"({"note":null})");
  BOOST_REQUIRE(removed->note.has_value());
  BOOST_TEST(!removed->note->has_value());
  BOOST_TEST(codec::from_json<patch>(R"({"note":"x"})")->note->value() == "x");
  for (const auto* text : {"{}", R"({"note":null})", R"({"note":"x","kept":true})"}) {
    BOOST_TEST(codec::to_json(*codec::from_json<patch>(text)) == text);
    BOOST_TEST(codec::to_json(*codec::from_cbor<patch>(codec::to_cbor(*codec::from_json<patch>(text)))) == text);
  }
}

BOOST_AUTO_TEST_CASE(in_a_patch_null_is_refused_where_nothing_can_be_removed) {
  BOOST_TEST((error_of<patch>(R"({"kept":null})") == field_error{"/kept", "cannot be removed"}));
}

BOOST_AUTO_TEST_CASE(what_says_the_same_as_absence_is_absent) {
  BOOST_TEST(!codec::from_json<toned>(R"({"voice":"plain"})")->voice.has_value());
  BOOST_TEST(codec::from_json<toned>(R"({"voice":"loud"})")->voice->str() == "loud");
}

BOOST_AUTO_TEST_CASE(every_other_member_must_be_present_even_enums_bounded_numbers_and_bytes) {
  std::string missing;
  for (const auto& error : errors_of<rich>(R"({"id":"doc_01ARZ3NDEKTSV4RRFFQ69G5FAV","flag":true})")) {
    BOOST_TEST(error.detail == "is required");
    missing += error.pointer + " ";
  }
  BOOST_TEST(missing ==
             "/created_at /tiny /octet /number /big /huge /ratio /plain /note /email /price /hours /way /class "
             "/digest /key /extra ");
}

BOOST_AUTO_TEST_CASE(an_unknown_member_is_an_error_at_its_place) {
  BOOST_TEST((error_of<contact>(R"({"name":"x","nme":1})") == field_error{"/nme", "is not known here"}));
  BOOST_TEST((error_of<choices>(R"({"people":{"a":{"name":"x","b":1}}})").pointer == "/people/a/b"));
  BOOST_TEST((error_of<one<contact>>(R"({"value":{"name":"x"},"value_":1})").pointer == "/value_"));
}

BOOST_AUTO_TEST_CASE(pointers_escape_slash_and_tilde) {
  BOOST_TEST(error_of<choices>(R"({"people":{"a/b~c":7}})").pointer == "/people/a~1b~0c");
  BOOST_TEST(error_of<choices>(R"({"~":1})").pointer == "/~0");
  BOOST_TEST(error_of<choices>(R"({"":1})").pointer == "/");
}

BOOST_AUTO_TEST_CASE(a_pointer_of_the_whole_value_is_empty_and_one_into_a_list_holds_the_index) {
  BOOST_TEST((error_of<choices>("[]") == field_error{"", "must be an object"}));
  BOOST_TEST((error_of<choices>(R"({"list":[1,2,"3"]})") == field_error{"/list/2", "must be a whole number"}));
}

BOOST_AUTO_TEST_CASE(whole_numbers_are_checked_against_their_type) {
  BOOST_TEST((codec::from_json<one<std::int8_t>>(R"({"value":-128})")->value == -128));
  BOOST_TEST((error_of<one<std::int8_t>>(R"({"value":-129})").detail == "must be between -128 and 127"));
  BOOST_TEST((error_of<one<std::int8_t>>(R"({"value":128})").pointer == "/value"));
  BOOST_TEST((error_of<one<std::uint32_t>>(R"({"value":-1})").detail == "must be between 0 and 4294967295"));
  BOOST_TEST((codec::from_json<one<std::uint64_t>>(R"({"value":18446744073709551615})")->value == UINT64_MAX));
  BOOST_TEST((codec::from_json<one<std::int64_t>>(R"({"value":-9223372036854775808})")->value == INT64_MIN));
  BOOST_TEST((error_of<one<std::int64_t>>(R"({"value":9223372036854775808})").pointer == "/value"));
  BOOST_TEST((error_of<one<domain::cents>>(R"({"value":9223372036854775808})").pointer == "/value"));
  using hours = one<domain::bounded<-120, -1>>;
  BOOST_TEST((codec::from_json<hours>(R"({"value":-1})")->value.value() == -1));
  BOOST_TEST((codec::from_json<hours>(R"({"value":-120})")->value.value() == -120));
  BOOST_TEST((error_of<hours>(R"({"value":0})").detail == "must be between -120 and -1"));
  BOOST_TEST((error_of<hours>(R"({"value":-121})").detail == "must be between -120 and -1"));
}

BOOST_AUTO_TEST_CASE(a_real_number_is_no_whole_number_even_if_integral) {
  for (const auto* text : {"3.0", "3e0", "-0.0", "18446744073709551616", "true", "\"3\"", "null"})
    BOOST_TEST(
        (error_of<one<std::int64_t>>(R"({"value":)" + std::string(text) + "}").detail == "must be a whole number"),
        text);
}

BOOST_AUTO_TEST_CASE(a_real_number_may_be_written_without_a_point) {
  BOOST_TEST((codec::from_json<one<double>>(R"({"value":3})")->value == 3.0));
  BOOST_TEST((codec::from_json<one<double>>(R"({"value":-7e2})")->value == -700.0));
  BOOST_TEST((error_of<one<double>>(R"({"value":"3"})").detail == "must be a number"));
  BOOST_TEST(!codec::from_json<one<double>>(R"({"value":1e999})"));
}

BOOST_AUTO_TEST_CASE(a_real_number_comes_back_with_the_same_digits) {
  for (const std::string number :
       {"0.3", "52.12", "13.409", "-0.0", "-2.5e-300", "1.7976931348623157e+308", "5e-324"}) {
    const auto text = R"({"value":)" + number + "}";
    const auto read = codec::from_json<one<double>>(text);
    BOOST_TEST_REQUIRE(read.has_value());
    BOOST_TEST(codec::to_json(*read) == text);
  }
  BOOST_TEST((codec::from_json<one<double>>(R"({"value":1e-999})")->value == 0.0));
}

BOOST_AUTO_TEST_CASE(a_bool_is_neither_a_number_nor_a_string) {
  for (const auto* text : {"0", "1", "\"true\"", "null"})
    BOOST_TEST((error_of<one<bool>>(R"({"value":)" + std::string(text) + "}").detail == "must be true or false"));
}

BOOST_AUTO_TEST_CASE(an_unknown_enumerator_is_told_the_known_ones) {
  BOOST_TEST((codec::from_json<one<route>>(R"({"value":"auto"})")->value == route::auto_));
  BOOST_TEST(codec::to_json(one<route>{route::auto_}) == R"({"value":"auto"})");
  for (const auto* text : {"\"Post\"", "\"auto_\"", "\"\"", "\"fax\""})
    BOOST_TEST((error_of<one<route>>(R"({"value":)" + std::string(text) + "}").detail ==
                "must be one of: auto, electronic, post"));
  BOOST_TEST((error_of<one<route>>(R"({"value":1})").detail == "must be a string"));
}

BOOST_AUTO_TEST_CASE(a_field_type_tells_its_own_rule_and_empty_text_is_no_exception) {
  BOOST_TEST((error_of<contact>(R"({"name":""})") == field_error{"/name", "must not be empty"}));
  BOOST_TEST((error_of<one<domain::email_address>>(R"({"value":"nobody"})").detail.find("name@example.org") !=
              std::string::npos));
  BOOST_TEST((error_of<one<domain::document_id>>(R"({"value":""})").pointer == "/value"));
  BOOST_TEST((error_of<one<domain::document_id>>(R"({"value":"usr_01ARZ3NDEKTSV4RRFFQ69G5FAV"})").pointer == "/value"));
}

BOOST_AUTO_TEST_CASE(times_bytes_and_digests_have_their_text_forms) {
  BOOST_TEST(codec::to_json(one<domain::bytes>{{0xFB, 0xFF}}) == R"({"value":"-_8"})");
  BOOST_TEST((error_of<one<domain::bytes>>(R"({"value":"-_8="})").detail == "must be base64url without padding"));
  using digest = one<std::array<std::uint8_t, 2>>;
  BOOST_TEST(codec::to_json(digest{{0xFB, 0x0F}}) == R"({"value":"fb0f"})");
  BOOST_TEST((error_of<digest>(R"({"value":"fb0"})").detail == "must have 4 hexadecimal digits"));
  using time = one<domain::time_point>;
  BOOST_TEST(codec::to_json(*codec::from_json<time>(R"({"value":"2026-01-15T09:30:00.12+01:00"})")) ==
             R"({"value":"2026-01-15T08:30:00.120Z"})");
  BOOST_TEST((error_of<time>(R"({"value":1768465800})").detail == "must be a string"));
}

BOOST_AUTO_TEST_CASE(a_peer_may_say_more_than_this_program_knows) {
  const auto read = codec::from_json_of_peer<one<colour>>(R"({"value":"ultraviolet","nodes":{"more":[1]}})");
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST((read->value == colour::other));
  BOOST_TEST(!codec::from_json_of_peer<one<route>>(R"({"value":"fax"})").has_value());
  BOOST_TEST(!codec::from_json_of_peer<one<colour>>(R"({"value":7})").has_value());
  BOOST_TEST(!codec::from_json_of_peer<one<colour>>(R"({"nodes":1})").has_value());
}

BOOST_AUTO_TEST_CASE(a_client_is_told_what_is_not_known) {
  BOOST_TEST((error_of<one<colour>>(R"({"value":"ultraviolet"})").pointer == "/value"));
}

BOOST_AUTO_TEST_CASE(any_json_passes_through_unchanged) {
  const std::string text = R"({"value":{"b":[1,2.5,null,{"x":"ü"}],"a":18446744073709551615}})";
  const auto read = codec::from_json<one<boost::json::value>>(text);
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST(codec::to_json(*read) == text);
}

BOOST_AUTO_TEST_SUITE_END()
