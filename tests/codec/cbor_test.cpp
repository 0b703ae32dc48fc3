// Storing and reading back; older and newer programs; what a field type refuses.
#include "codec/cbor.hpp"

#include "codec/text.hpp"
#include "tests/codec/records.hpp"

#include <boost/test/unit_test.hpp>

using namespace elsec;
using namespace elsec::codec_test;

namespace {

template <class T>
bool is_integrity(const domain::bytes& data) {
  const auto read = codec::from_cbor<T>(data);
  return !read && read.error().code == domain::error_code::integrity;
}

// A record as an older program knew it, and as a newer one does.
struct older {
  std::int32_t count = 0;
  domain::text<1, 10> name;
};
BOOST_DESCRIBE_STRUCT(older, (), (count, name))

struct newer {
  domain::text<1, 10> name;
  std::vector<contact> people{};
  std::map<std::string, std::vector<std::string>> tags{};
  double ratio = 0.5;
  std::int32_t count = 0;
  route way = route::post;
};
BOOST_DESCRIBE_STRUCT(newer, (), (name, people, tags, ratio, count, way))

struct with_defaults {
  domain::text<1, 10> name = *domain::text<1, 10>::parse("preset");
  std::vector<std::int32_t> list{1, 2, 3};
};
BOOST_DESCRIBE_STRUCT(with_defaults, (), (name, list))

}  // namespace

BOOST_AUTO_TEST_SUITE(cbor)

BOOST_AUTO_TEST_CASE(every_record_reads_back_from_its_cbor) {
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    const auto record = generator(seed).record();
    const auto data = codec::to_cbor(record);
    const auto back = codec::from_cbor<rich>(data);
    BOOST_TEST_REQUIRE(back.has_value(), "seed " << seed);
    BOOST_TEST((*back == record), "seed " << seed);
    BOOST_TEST((codec::to_cbor(*back) == data), "seed " << seed);
  }
}

BOOST_AUTO_TEST_CASE(a_record_nobody_filled_in_reads_back) {
  BOOST_TEST((codec::from_cbor<rich>(codec::to_cbor(rich{})) == rich{}));
}

BOOST_AUTO_TEST_CASE(an_empty_value_stays_empty_whatever_the_members_default) {
  with_defaults emptied;
  emptied.name = {};
  emptied.list.clear();
  const auto back = codec::from_cbor<with_defaults>(codec::to_cbor(emptied));
  BOOST_TEST_REQUIRE(back.has_value());
  BOOST_TEST(back->name.empty());
  BOOST_TEST(back->list.empty());
}

BOOST_AUTO_TEST_CASE(the_encoding_is_the_shortest_of_rfc_8949) {
  // {"value": …} is a1 65 76616c7565 and then the value; numbers from RFC 8949, appendix A.
  const auto value_of = [](const auto& record) { return codec::to_hex(codec::to_cbor(record)).substr(14); };
  BOOST_TEST(codec::to_hex(codec::to_cbor(one<bool>{true})) == "a16576616c7565f5");
  BOOST_TEST(value_of(one<std::int64_t>{23}) == "17");
  BOOST_TEST(value_of(one<std::int64_t>{24}) == "1818");
  BOOST_TEST(value_of(one<std::int64_t>{1'000'000}) == "1a000f4240");
  BOOST_TEST(value_of(one<std::int64_t>{-1}) == "20");
  BOOST_TEST(value_of(one<std::int64_t>{-1'000}) == "3903e7");
  BOOST_TEST(value_of(one<std::int64_t>{INT64_MIN}) == "3b7fffffffffffffff");
  BOOST_TEST(value_of(one<std::uint64_t>{UINT64_MAX}) == "1bffffffffffffffff");
  BOOST_TEST(value_of(one<double>{1.1}) == "fb3ff199999999999a");
  BOOST_TEST(value_of(one<std::string>{"ü"}) == "62c3bc");
  BOOST_TEST(value_of(one<domain::bytes>{{1, 2, 3, 4}}) == "4401020304");
  BOOST_TEST(value_of(one<std::vector<std::int32_t>>{{1, 2, 3}}) == "83010203");
  BOOST_TEST(value_of(one<route>{route::auto_}) == "646175746f");
  BOOST_TEST(value_of(one<domain::time_point>{domain::time_point{std::chrono::milliseconds{500}}}) == "1901f4");
}

BOOST_AUTO_TEST_CASE(what_was_stored_and_says_the_same_as_absence_is_absent) {
  const auto stored = codec::to_cbor(toned{.voice = *tone::parse("plain")});
  BOOST_TEST(!codec::from_cbor<toned>(stored)->voice.has_value());
  BOOST_TEST(codec::from_cbor<toned>(codec::to_cbor(toned{.voice = *tone::parse("loud")}))->voice->str() == "loud");
}

BOOST_AUTO_TEST_CASE(an_older_program_skips_members_it_does_not_know) {
  newer record;
  record.name = *domain::text<1, 10>::parse("x");
  record.people = {generator(1).person(), generator(2).person()};
  record.tags = {{"a", {"b", "c"}}};
  record.count = 7;
  const auto read = codec::from_cbor<older>(codec::to_cbor(record));
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST(read->count == 7);
  BOOST_TEST(read->name.str() == "x");
}

BOOST_AUTO_TEST_CASE(a_newer_program_keeps_the_default_of_members_that_are_absent) {
  const auto read = codec::from_cbor<newer>(codec::to_cbor(older{.count = 7, .name = {}}));
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST(read->count == 7);
  BOOST_TEST(read->ratio == 0.5);
  BOOST_TEST((read->way == route::post));
  BOOST_TEST(codec::from_cbor<newer>(from_digits("a0")).has_value());
}

BOOST_AUTO_TEST_CASE(unknown_members_of_any_kind_are_skipped) {
  // {"u": value, "count": 5}: tags, simple values, half and single floats, big numbers, byte strings, nested maps
  for (const auto* value : {"c074323031332d30332d32315432303a30343a30305a", "f6", "f7", "f5", "f93c00", "fa47c35000",
                            "3bffffffffffffffff", "4401020304", "a201820304614180", "d82040"}) {
    const auto read = codec::from_cbor<older>(from_digits("a26175" + std::string(value) + "65636f756e7405"));
    BOOST_TEST_REQUIRE(read.has_value(), value);
    BOOST_TEST(read->count == 5);
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_enumerator_is_other_where_there_is_one) {
  const auto read = codec::from_cbor<one<colour>>(codec::to_cbor(one<std::string>{"ultraviolet"}));
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST((read->value == colour::other));
}

BOOST_AUTO_TEST_CASE(what_a_field_type_refuses_is_integrity) {
  BOOST_TEST(is_integrity<one<std::int8_t>>(codec::to_cbor(one<std::int32_t>{128})));
  BOOST_TEST(is_integrity<one<std::uint32_t>>(codec::to_cbor(one<std::int32_t>{-1})));
  BOOST_TEST((is_integrity<one<domain::bounded<1, 5>>>(codec::to_cbor(one<std::int32_t>{0}))));
  BOOST_TEST((is_integrity<one<domain::text<1, 3>>>(codec::to_cbor(one<std::string>{"four"}))));
  BOOST_TEST(is_integrity<one<domain::document_id>>(codec::to_cbor(one<std::string>{"usr_x"})));
  BOOST_TEST(is_integrity<one<route>>(codec::to_cbor(one<std::string>{"fax"})));
  BOOST_TEST(is_integrity<one<route>>(codec::to_cbor(one<std::string>{""})));
  BOOST_TEST(is_integrity<one<boost::json::value>>(codec::to_cbor(one<std::string>{"{"})));
  BOOST_TEST((is_integrity<one<std::array<std::uint8_t, 4>>>(codec::to_cbor(one<domain::bytes>{{1, 2, 3}}))));
  BOOST_TEST(is_integrity<one<domain::time_point>>(codec::to_cbor(one<std::uint64_t>{UINT64_MAX})));
  const auto below_64_bits = from_digits("a16576616c75653bffffffffffffffff");  // -2^64
  BOOST_TEST(is_integrity<one<domain::time_point>>(below_64_bits));
  BOOST_TEST(is_integrity<one<std::int64_t>>(below_64_bits));
}

BOOST_AUTO_TEST_CASE(another_type_is_integrity) {
  BOOST_TEST(is_integrity<one<std::string>>(codec::to_cbor(one<domain::bytes>{{65}})));
  BOOST_TEST(is_integrity<one<domain::bytes>>(codec::to_cbor(one<std::string>{"A"})));
  BOOST_TEST(is_integrity<one<bool>>(codec::to_cbor(one<std::int32_t>{1})));
  BOOST_TEST(is_integrity<one<std::int32_t>>(codec::to_cbor(one<bool>{true})));
  BOOST_TEST(is_integrity<one<std::int32_t>>(codec::to_cbor(one<double>{1})));
  BOOST_TEST(is_integrity<one<double>>(codec::to_cbor(one<std::int32_t>{1})));
  BOOST_TEST((is_integrity<one<std::vector<std::int32_t>>>(codec::to_cbor(one<std::int32_t>{1}))));
  BOOST_TEST(is_integrity<one<contact>>(codec::to_cbor(one<std::vector<std::string>>{{"name", "x"}})));
  BOOST_TEST(is_integrity<one<std::int32_t>>(codec::to_cbor(one<std::vector<std::optional<std::int32_t>>>{{{}}})));
  BOOST_TEST(is_integrity<one<std::int32_t>>(from_digits("a16576616c7565f6")));  // null
}

BOOST_AUTO_TEST_CASE(the_error_names_the_member_but_no_content) {
  std::map<std::string, std::vector<std::string>> damaged{{"Mustermann", {"ok", "far too long for this field"}}};
  using names = one<std::map<std::string, std::vector<domain::text<1, 5>>>>;
  const auto read = codec::from_cbor<names>(codec::to_cbor(one<decltype(damaged)>{damaged}));
  BOOST_TEST_REQUIRE(!read.has_value());
  BOOST_TEST(read.error().detail == "The record does not fit its description at /value/0/1.");
}

BOOST_AUTO_TEST_CASE(text_that_is_not_utf8_is_written_as_utf8_so_that_it_can_be_read) {
  BOOST_TEST((codec::from_cbor<one<std::string>>(codec::to_cbor(one<std::string>{"a\xFF"}))->value == "a\uFFFD"));
}

BOOST_AUTO_TEST_CASE(infinity_and_nan_are_kept) {
  const auto infinity = std::numeric_limits<double>::infinity();
  BOOST_TEST((codec::from_cbor<one<double>>(codec::to_cbor(one<double>{infinity}))->value == infinity));
  BOOST_TEST(std::isnan(codec::from_cbor<one<double>>(codec::to_cbor(one<double>{std::nan("")}))->value));
}

BOOST_AUTO_TEST_SUITE_END()
