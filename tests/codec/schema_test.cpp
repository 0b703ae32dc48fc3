// Schemas by name: what a description of many records is made of.

#include "codec/schema.hpp"

#include "tests/codec/records.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <stdexcept>

using namespace elsec;
using namespace elsec::codec_test;
using codec::direction;
using codec::type_of;

namespace schemas {

struct place {
  domain::text<1, 80> city;
};
BOOST_DESCRIBE_STRUCT(place, (), (city))

struct visit {
  place where;
  std::vector<place> stops;
  route way{};
};
BOOST_DESCRIBE_STRUCT(visit, (), (where, stops, way))

struct new_trip {
  std::optional<visit> first{};
  std::map<std::string, place> others{};
};
BOOST_DESCRIBE_STRUCT(new_trip, (), (first, others))

struct trip : place {
  domain::document_id ticket;
};
BOOST_DESCRIBE_STRUCT(trip, (place), (ticket))

template <class T>
struct pair_of {
  T left;
  T right;
  BOOST_DESCRIBE_CLASS(pair_of, (), (left, right), (), ())
};

enum class class_ : std::uint8_t { one };
BOOST_DESCRIBE_ENUM(class_, one)

namespace elsewhere {
struct place {
  bool here = false;
};
BOOST_DESCRIBE_STRUCT(place, (), (here))
}  // namespace elsewhere

}  // namespace schemas

namespace {

using namespace schemas;

void expect(const boost::json::value& schema, std::string_view wanted) {
  BOOST_TEST((schema == boost::json::parse({wanted.data(), wanted.size()})), codec::to_json(schema));
}

codec::schema_set set_of(std::vector<codec::type_ref> answers) { return codec::schema_set(answers); }

}  // namespace

BOOST_AUTO_TEST_SUITE(schema)

BOOST_AUTO_TEST_CASE(a_type_is_called_what_it_is_called_in_the_code) {
  BOOST_TEST(codec::name_of(type_of<place>) == "place");
  BOOST_TEST(codec::name_of(type_of<elsewhere::place>) == "place");
  BOOST_TEST(codec::name_of(type_of<route>) == "route");
  BOOST_TEST(codec::name_of(type_of<class_>) == "class");
  BOOST_TEST(codec::name_of(type_of<domain::document_id>) == "document_id");
  BOOST_TEST(codec::name_of(type_of<domain::ik_number>) == "ik_number");
}

BOOST_AUTO_TEST_CASE(what_has_no_name_of_its_own_is_written_in_its_place) {
  auto set = set_of({});
  BOOST_TEST(codec::name_of(type_of<pair_of<bool>>) == "");
  expect(set.of(type_of<domain::text<1, 80>>, direction::request), R"({"type":"string","minLength":1,"maxLength":80})");
  expect(set.of(type_of<pair_of<route>>, direction::answer), R"({"type":"object","properties":{
      "left":{"$ref":"#/components/schemas/route"},"right":{"$ref":"#/components/schemas/route"}},
      "required":["left","right"]})");
}

BOOST_AUTO_TEST_CASE(a_named_type_is_a_reference_and_written_once) {
  auto set = set_of({type_of<visit>});
  expect(set.of(type_of<std::vector<visit>>, direction::answer),
         R"({"type":"array","items":{"$ref":"#/components/schemas/visit"}})");
  const auto all = set.schemas();
  BOOST_TEST(all.size() == 3U);
  expect(all.at("visit"), R"({"type":"object","properties":{"where":{"$ref":"#/components/schemas/place"},
      "stops":{"type":"array","items":{"$ref":"#/components/schemas/place"}},
      "way":{"$ref":"#/components/schemas/route"}},"required":["where","stops","way"]})");
  expect(all.at("route"), R"({"type":"string","enum":["auto","electronic","post"]})");
}

BOOST_AUTO_TEST_CASE(a_derived_record_is_flat_as_on_the_wire) {
  auto set = set_of({type_of<trip>});
  (void)set.of(type_of<trip>, direction::answer);
  BOOST_TEST(!set.schemas().contains("place"));
  expect(set.schemas().at("trip"), R"({"type":"object","properties":{
      "city":{"type":"string","minLength":1,"maxLength":80},"ticket":{"$ref":"#/components/schemas/document_id"}},
      "required":["city","ticket"]})");
}

BOOST_AUTO_TEST_CASE(what_only_requests_hold_is_closed_and_what_only_answers_hold_is_open) {
  auto set = set_of({type_of<contact>});
  expect(set.of(type_of<place>, direction::request), R"({"$ref":"#/components/schemas/place"})");
  expect(set.of(type_of<contact>, direction::answer), R"({"$ref":"#/components/schemas/contact"})");
  BOOST_TEST(set.schemas().at("place").at("additionalProperties").as_bool() == false);
  BOOST_TEST(!set.schemas().at("contact").as_object().contains("additionalProperties"));
}

BOOST_AUTO_TEST_CASE(a_request_requires_what_is_read_and_an_answer_what_is_written) {
  auto requests = set_of({});
  auto answers = set_of({type_of<rich>});
  (void)requests.of(type_of<rich>, direction::request);
  (void)answers.of(type_of<rich>, direction::answer);
  const auto requires_member = [](const codec::schema_set& set, std::string_view name) {
    const auto required = set.schemas().at("rich").at("required").as_array();
    return std::ranges::find(required, boost::json::value(name)) != required.end();
  };
  for (const auto* list : {"people", "gaps", "limits", "contacts"}) {
    BOOST_TEST(!requires_member(requests, list));
    BOOST_TEST(requires_member(answers, list));
  }
  for (const auto* optional : {"subject", "person"}) BOOST_TEST(!requires_member(answers, optional));
  BOOST_TEST(requires_member(requests, "note"));
}

BOOST_AUTO_TEST_CASE(what_both_hold_is_open_and_a_request_closes_it_with_what_is_inside) {
  auto set = set_of({type_of<visit>});
  expect(set.of(type_of<place>, direction::request),
         R"({"$ref":"#/components/schemas/place","unevaluatedProperties":false})");
  (void)set.of(type_of<new_trip>, direction::request);
  const auto all = set.schemas();
  expect(all.at("new_trip"), R"({"type":"object","properties":{
      "first":{"$ref":"#/components/schemas/visit","properties":{
        "where":{"$ref":"#/components/schemas/place","unevaluatedProperties":false},
        "stops":{"type":"array","items":{"$ref":"#/components/schemas/place","unevaluatedProperties":false}}},
        "unevaluatedProperties":false},
      "others":{"type":"object","additionalProperties":
        {"$ref":"#/components/schemas/place","unevaluatedProperties":false}}},
      "additionalProperties":false})");
  BOOST_TEST(!all.at("visit").as_object().contains("additionalProperties"));
  BOOST_TEST(!all.at("place").as_object().contains("additionalProperties"));
}

BOOST_AUTO_TEST_CASE(two_types_of_one_name_are_noticed) {
  auto set = set_of({});
  (void)set.of(type_of<place>, direction::request);
  BOOST_CHECK_THROW((void)set.of(type_of<elsewhere::place>, direction::request), std::logic_error);
  BOOST_CHECK_THROW((void)set.add("place", {{"type", "string"}}), std::logic_error);
  (void)set.add("place_list", {{"type", "array"}});
  BOOST_CHECK_NO_THROW((void)set.add("place_list", {{"type", "array"}}));
  BOOST_CHECK_THROW((void)set.add("place_list", {{"type", "object"}}), std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()
