// The list of capabilities as a whole.

#include "capabilities/all.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace elsec;

namespace {

std::vector<capabilities::route> all_routes() {
  std::vector<capabilities::route> routes;
  for (const auto& each : capabilities::all()) routes.insert(routes.end(), each.routes.begin(), each.routes.end());
  return routes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(routes)

BOOST_AUTO_TEST_CASE(every_route_commands_or_shows_or_is_streamed) {
  BOOST_REQUIRE(!all_routes().empty());
  for (const auto& each : all_routes()) {
    const bool commands = each.make != nullptr;
    const bool shows = each.show != nullptr;
    // A stream may have a command before it, or a form that shows; never both.
    BOOST_TEST(!(commands && shows), std::string(each.id));
    BOOST_TEST((each.streams || commands || shows), std::string(each.id));
  }
}

BOOST_AUTO_TEST_CASE(no_two_routes_share_their_id_or_their_place) {
  std::set<std::string> ids;
  std::set<std::string> places;
  for (const auto& each : all_routes()) {
    BOOST_TEST(ids.insert(std::string(each.id)).second, std::string(each.id));
    BOOST_TEST(places.insert(std::string(each.method) + " " + std::string(each.path)).second, std::string(each.path));
  }
}

BOOST_AUTO_TEST_CASE(a_route_needs_a_scope_exactly_where_it_says_so) {
  for (const auto& each : all_routes())
    BOOST_TEST(each.scope.has_value() == (each.need == capabilities::access::scoped), std::string(each.id));
}

BOOST_AUTO_TEST_CASE(reads_change_nothing) {
  for (const auto& each : all_routes()) {
    if (each.show != nullptr) BOOST_TEST(each.method == "GET", std::string(each.id));
    if (each.method == "GET" && !each.streams) BOOST_TEST((each.make == nullptr), std::string(each.id));
  }
}

BOOST_AUTO_TEST_CASE(a_route_with_a_body_knows_its_form) {
  for (const auto& each : all_routes()) {
    const bool has_form = static_cast<bool>(each.request);
    BOOST_TEST(has_form == (each.body == capabilities::body_kind::json), std::string(each.id));
    if (each.repeatable && !each.streams) BOOST_TEST((each.request.canonical != nullptr), std::string(each.id));
  }
}

BOOST_AUTO_TEST_CASE(the_parts_of_a_path_are_described) {
  for (const auto& each : all_routes())
    BOOST_TEST(static_cast<std::ptrdiff_t>(each.parts.size()) == std::ranges::count(each.path, '{'),
               std::string(each.id));
}

BOOST_AUTO_TEST_CASE(kinds_of_deadlines_and_envelopes_are_told_apart_by_name) {
  const auto registered = capabilities::everything_registered();
  std::set<std::string_view> names;
  for (const auto& kind : registered.deadline_kinds) {
    BOOST_TEST(names.insert(kind.name).second, std::string(kind.name));
    BOOST_TEST((kind.make != nullptr), std::string(kind.name));
    BOOST_TEST(kind.at_once > 0U, std::string(kind.name));
    BOOST_TEST((registered.find_deadline_kind(kind.name) == &kind), std::string(kind.name));
  }
  names.clear();
  for (const auto& kind : registered.wire_kinds) BOOST_TEST(names.insert(kind.name).second, std::string(kind.name));
  BOOST_TEST((registered.find_deadline_kind("unheard_of") == nullptr));
  BOOST_TEST((registered.find_wire_kind("unheard_of") == nullptr));
}

BOOST_AUTO_TEST_CASE(what_travels_between_nodes_is_described) {
  const auto registered = capabilities::everything_registered();
  for (const auto& kind : registered.wire_kinds) {
    BOOST_TEST(!codec::member_names(kind.body).empty(), std::string(kind.name));
    BOOST_TEST((kind.received != nullptr) + kind.by_transfer + kind.of_links == 1, std::string(kind.name));
  }
  for (const auto& kind : registered.request_kinds)
    BOOST_TEST(!codec::member_names(kind.question).empty(), std::string(kind.name));
  BOOST_TEST(registered.understood().size() == registered.wire_kinds.size() + registered.request_kinds.size());
}

// Enumerations that travel have a place for what newer nodes say: without it one new word would lose a whole envelope.
BOOST_AUTO_TEST_CASE(no_enumeration_that_travels_is_closed) {
  const auto registered = capabilities::everything_registered();
  std::vector<codec::type_ref> travelling{codec::type_of<domain::card_statement>};
  for (const auto& kind : registered.wire_kinds) travelling.push_back(kind.body);
  for (const auto& kind : registered.request_kinds) travelling.push_back(kind.question);
  for (const auto* each : travelling) {
    const auto schema = boost::json::serialize(codec::json_schema(each));
    for (std::size_t at = schema.find("\"enum\":["); at != std::string::npos; at = schema.find("\"enum\":[", at + 1)) {
      const auto names = schema.substr(at, schema.find(']', at) - at);
      BOOST_TEST(names.contains("\"other\""), std::string(codec::name_of(each)) + ": " + names);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_the_helpers_report_has_its_command) {
  const auto registered = capabilities::everything_registered();
  BOOST_TEST((registered.letter_happened != nullptr));
  BOOST_TEST((registered.screening_ended != nullptr));
  BOOST_TEST((registered.find_deadline_kind(decisions::answer_expires) != nullptr));
}

BOOST_AUTO_TEST_SUITE_END()
