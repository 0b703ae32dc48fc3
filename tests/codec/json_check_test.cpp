// Rules across the members of a record.
#include "codec/cbor.hpp"
#include "codec/json.hpp"
#include "domain/fields.hpp"

#include <boost/describe.hpp>
#include <boost/test/unit_test.hpp>

using namespace elsec;
using domain::field_error;

namespace elsec::codec_test {

struct stay {
  std::int32_t from = 0;
  std::int32_t until = 0;
};
BOOST_DESCRIBE_STRUCT(stay, (), (from, until))

void check(const stay& what, std::vector<field_error>& errors) {
  if (what.until < what.from) errors.push_back({"/until", "must not be before from"});
}

struct named_stay : stay {
  domain::text<1, 10> name;
};
BOOST_DESCRIBE_STRUCT(named_stay, (stay), (name))

struct plan {
  std::vector<stay> stays{};
  std::int32_t stays_max = 0;
};
BOOST_DESCRIBE_STRUCT(plan, (), (stays, stays_max))

void check(const plan& what, std::vector<field_error>& errors) {
  if (what.stays.size() > static_cast<std::size_t>(what.stays_max)) errors.push_back({"", "has too many stays"});
}

struct sealed_plan {
  plan inner;
};
BOOST_DESCRIBE_STRUCT(sealed_plan, (), (inner))

struct talkative {
  bool on = false;
};
BOOST_DESCRIBE_STRUCT(talkative, (), (on))

void check(const talkative&, std::vector<field_error>& errors) {
  for (int i = 0; i < 100; ++i) errors.push_back({"/on", "is one of many"});
}

}  // namespace elsec::codec_test

using namespace elsec::codec_test;

BOOST_AUTO_TEST_SUITE(json_check)

BOOST_AUTO_TEST_CASE(a_rule_of_a_nested_record_is_told_with_the_pointer_of_its_place) {
  const auto read =
      codec::from_json<sealed_plan>(R"({"inner":{"stays":[{"from":1,"until":2},{"from":3,"until":2}],"stays_max":5}})");
  BOOST_TEST_REQUIRE(!read.has_value());
  BOOST_TEST_REQUIRE(read.error().fields.size() == 1U);
  BOOST_TEST((read.error().fields[0] == field_error{"/inner/stays/1/until", "must not be before from"}));
}

BOOST_AUTO_TEST_CASE(a_rule_of_the_whole_record_points_at_the_record) {
  const auto read = codec::from_json<sealed_plan>(R"({"inner":{"stays":[{"from":1,"until":2}],"stays_max":0}})");
  BOOST_TEST_REQUIRE(!read.has_value());
  BOOST_TEST((read.error().fields == std::vector{field_error{"/inner", "has too many stays"}}));
}

BOOST_AUTO_TEST_CASE(rules_do_not_run_on_a_record_that_was_not_read_completely) {
  // `until` is 0 and before `from`, but only because it could not be read.
  const auto read = codec::from_json<stay>(R"({"from":5,"until":"x"})");
  BOOST_TEST_REQUIRE(!read.has_value());
  BOOST_TEST((read.error().fields == std::vector{field_error{"/until", "must be a whole number"}}));
  const auto missing = codec::from_json<stay>(R"({"from":5})");
  BOOST_TEST((missing.error().fields == std::vector{field_error{"/until", "is required"}}));
}

BOOST_AUTO_TEST_CASE(a_derived_record_without_rules_keeps_those_of_its_base) {
  const auto read = codec::from_json<named_stay>(R"({"from":5,"until":1,"name":"x"})");
  BOOST_TEST_REQUIRE(!read.has_value());
  BOOST_TEST(read.error().fields.front().pointer == "/until");
}

BOOST_AUTO_TEST_CASE(rules_cannot_report_more_than_twenty_errors) {
  const auto read = codec::from_json<talkative>(R"({"on":true})");
  BOOST_TEST_REQUIRE(!read.has_value());
  BOOST_TEST(read.error().fields.size() == 20U);
}

BOOST_AUTO_TEST_CASE(stored_records_are_not_checked_again) {
  BOOST_TEST(codec::from_cbor<stay>(codec::to_cbor(stay{.from = 5, .until = 1})).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
