// Routing and the life of a dispatch.

#include "domain/dispatch.hpp"

#include "tests/domain/support.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace elsec::domain;
using elsec::domain_test::at;

namespace {

organisation_id some_organisation(std::uint8_t number) { return organisation_id::make(at(1), {number}); }

address musterstadt() {
  return {.street = *text<1, 80>::parse("Am Tor 1"),
          .postal_code = *text<1, 20>::parse("12345"),
          .city = *text<1, 80>::parse("Musterstadt")};
}

card card_named(std::uint8_t number, bool can_receive) {
  return {.id = some_organisation(number),
          .name = "Klinik " + std::to_string(number),
          .address = musterstadt(),
          .node = "node2",
          .verified = can_receive,
          .can_receive = can_receive};
}

recipient_wish to_organisation(std::uint8_t number) { return {.organisation_id = some_organisation(number)}; }

recipient_wish to_ik() { return {.ik = *ik_number::parse("260326822")}; }

recipient_wish to_person() { return {.name = *text<1, 200>::parse("Erika Beispiel"), .address = musterstadt()}; }

dispatch_row accepted_dispatch(route way) {
  dispatch_row row;
  row.route = way;
  row.state = dispatch_state::accepted;
  row.recipient.address = musterstadt();
  row.timeline.push_back({at(1), dispatch_state::accepted, {}});
  return row;
}

std::vector<field_error> errors_of(const auto& what) {
  std::vector<field_error> errors;
  check(what, errors);
  return errors;
}

error_code refusal_of(const result<routed>& decided) {
  BOOST_REQUIRE(!decided.has_value());
  return decided.error().code;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(routing)

BOOST_AUTO_TEST_CASE(R2_an_organisation_named_twice_is_refused_at_the_second) {
  const auto first = decide_route(to_organisation(1), {card_named(1, true)}, route_wish::auto_, 0);
  const auto other = decide_route(to_organisation(2), {card_named(2, true)}, route_wish::auto_, 1);
  const auto again = decide_route(to_ik(), {card_named(1, true)}, route_wish::auto_, 2);
  BOOST_TEST(check_distinct({*first, *other}).has_value());
  const auto refused = check_distinct({*first, *other, *again});
  BOOST_REQUIRE(!refused.has_value());
  BOOST_CHECK(refused.error().code == error_code::invalid);
  BOOST_TEST(refused.error().fields.front().pointer == "/recipients/2");
  BOOST_TEST(refused.error().detail.contains("/recipients/0"));
}

BOOST_AUTO_TEST_CASE(R7_the_same_window_is_the_same_recipient_however_it_was_typed) {
  auto typed = to_person();
  typed.name = *text<1, 200>::parse("ERIKA  beispiel");
  typed.address->street = *text<1, 80>::parse("am Tor  1");
  const auto refused = check_distinct(
      {*decide_route(to_person(), {}, route_wish::auto_, 0), *decide_route(typed, {}, route_wish::auto_, 1)});
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().fields.front().pointer == "/recipients/1");
}

BOOST_AUTO_TEST_CASE(R7_a_street_is_the_same_however_its_kind_is_written_and_its_numbers_are_apart) {
  const auto at = [](const char* street) {
    auto wish = to_person();
    wish.address->street = *text<1, 80>::parse(street);
    return *decide_route(wish, {}, route_wish::auto_, 0);
  };
  for (const auto* same : {"Lindenstr. 7", "Linden-Straße 7", "LINDEN STRASSE 7", "Lindenstrasse  7", "Linden Str.7"})
    BOOST_TEST(!check_distinct({at("Lindenstraße 7"), at(same)}).has_value(), same);
  for (const auto* other : {"Lindenstraße 71", "Lindenstraße 7 a", "Lindenweg 7", "Lindenstraße"})
    BOOST_TEST(check_distinct({at("Lindenstraße 7"), at(other)}).has_value(), other);
  BOOST_TEST(check_distinct({at("Lindenstr. 1/12"), at("Lindenstr. 11/2")}).has_value());
}

BOOST_AUTO_TEST_CASE(R7_two_wards_of_one_clinic_get_a_letter_each) {
  auto ward = to_organisation(1);
  ward.address = musterstadt();
  ward.address->extra = {*text<1, 80>::parse("Station 3b")};
  const auto decided = [&](const recipient_wish& wish) {
    return *decide_route(wish, {card_named(1, false)}, route_wish::auto_, 0);
  };
  BOOST_TEST(check_distinct({decided(to_organisation(1)), decided(ward)}).has_value());
}

BOOST_AUTO_TEST_CASE(R7_no_letter_goes_where_nobody_can_live) {
  auto nameless = to_person();
  nameless.name = *text<1, 200>::parse("-");
  const auto no_name = decide_route(nameless, {}, route_wish::auto_, 2);
  BOOST_CHECK(refusal_of(no_name) == error_code::invalid);
  BOOST_TEST(no_name.error().fields.front().pointer == "/recipients/2/name");
  auto nowhere = to_organisation(1);
  nowhere.address = musterstadt();
  nowhere.address->street = *text<1, 80>::parse("unbekannt");
  const auto fallback = decide_route(nowhere, {card_named(1, true)}, route_wish::auto_, 1);
  BOOST_CHECK(refusal_of(fallback) == error_code::invalid);
  BOOST_TEST(fallback.error().fields.front().pointer == "/recipients/1/address/street");
  auto registered = card_named(1, false);
  registered.address.street = *text<1, 80>::parse("NFA");
  BOOST_TEST(decide_route(to_organisation(1), {registered}, route_wish::auto_, 0).error().fields.front().pointer ==
             "/recipients/0");
}

BOOST_AUTO_TEST_CASE(R7_letters_to_an_organisation_go_to_its_postal_address) {
  auto known = card_named(1, false);
  known.postal_address = address{.po_box = *text<1, 20>::parse("10 11"),
                                 .postal_code = *text<1, 20>::parse("12301"),
                                 .city = *text<1, 80>::parse("Musterstadt")};
  const auto decided = decide_route(to_organisation(1), {known}, route_wish::auto_, 0);
  BOOST_REQUIRE(decided.has_value());
  BOOST_CHECK(decided->recipient.address == known.postal_address);
}

BOOST_AUTO_TEST_CASE(R2_who_takes_part_receives_electronically) {
  const auto decided = decide_route(to_organisation(1), {card_named(1, true)}, route_wish::auto_, 0);
  BOOST_REQUIRE(decided.has_value());
  BOOST_CHECK(decided->route == route::electronic);
  BOOST_TEST(decided->node == "node2");
  BOOST_CHECK(decided->recipient.organisation_id == some_organisation(1));
}

BOOST_AUTO_TEST_CASE(R2_who_does_not_take_part_is_reached_at_the_registered_address) {
  const auto decided = decide_route(to_organisation(1), {card_named(1, false)}, route_wish::auto_, 0);
  BOOST_REQUIRE(decided.has_value());
  BOOST_CHECK(decided->route == route::post);
  BOOST_CHECK(decided->recipient.address == musterstadt());
}

BOOST_AUTO_TEST_CASE(R2_a_given_address_goes_before_the_registered_one) {
  auto wish = to_organisation(1);
  wish.address = musterstadt();
  wish.address->street = *text<1, 80>::parse("Nebenweg 2");
  const auto decided = decide_route(wish, {card_named(1, false)}, route_wish::auto_, 0);
  BOOST_REQUIRE(decided.has_value());
  BOOST_TEST(decided->recipient.address->street->str() == "Nebenweg 2");
}

BOOST_AUTO_TEST_CASE(R2_post_is_honoured_for_one_who_takes_part) {
  const auto decided = decide_route(to_organisation(1), {card_named(1, true)}, route_wish::post_only, 0);
  BOOST_REQUIRE(decided.has_value());
  BOOST_CHECK(decided->route == route::post);
}

BOOST_AUTO_TEST_CASE(R2_insisting_on_electronic_delivery_to_one_who_does_not_take_part_is_refused) {
  const auto to_card = decide_route(to_organisation(1), {card_named(1, false)}, route_wish::electronic_only, 3);
  BOOST_CHECK(refusal_of(to_card) == error_code::recipient_not_electronic);
  BOOST_TEST(to_card.error().fields.front().pointer == "/recipients/3");
  BOOST_CHECK(refusal_of(decide_route(to_person(), {}, route_wish::electronic_only, 0)) ==
              error_code::recipient_not_electronic);
}

BOOST_AUTO_TEST_CASE(a_name_and_an_address_become_a_letter) {
  const auto decided = decide_route(to_person(), {}, route_wish::auto_, 0);
  BOOST_REQUIRE(decided.has_value());
  BOOST_CHECK(decided->route == route::post);
  BOOST_TEST(decided->recipient.name == "Erika Beispiel");
  BOOST_CHECK(!decided->recipient.organisation_id.has_value());
}

BOOST_AUTO_TEST_CASE(an_unknown_organisation_or_number_is_refused_at_its_place) {
  const auto by_id = decide_route(to_organisation(9), {}, route_wish::auto_, 1);
  BOOST_CHECK(refusal_of(by_id) == error_code::recipient_unknown);
  BOOST_TEST(by_id.error().fields.front().pointer == "/recipients/1/organisation_id");
  BOOST_CHECK(refusal_of(decide_route(to_ik(), {}, route_wish::auto_, 0)) == error_code::recipient_unknown);
}

BOOST_AUTO_TEST_CASE(several_organisations_with_one_number_are_listed) {
  const auto decided = decide_route(to_ik(), {card_named(1, true), card_named(2, true)}, route_wish::auto_, 0);
  BOOST_CHECK(refusal_of(decided) == error_code::recipient_ambiguous);
  BOOST_TEST(decided.error().fields.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_recipient_must_be_somebody) {
  BOOST_TEST(errors_of(recipient_wish{}).size() == 1U);
  BOOST_TEST(errors_of(recipient_wish{.address = musterstadt()}).front().pointer == "/name");
  auto both = to_ik();
  both.organisation_id = some_organisation(1);
  BOOST_TEST(errors_of(both).front().pointer == "/ik");
  BOOST_TEST(errors_of(to_person()).empty());
}

BOOST_AUTO_TEST_CASE(a_dispatch_has_1_to_100_recipients_and_no_attachment_twice) {
  dispatch_request request;
  BOOST_TEST(errors_of(request).front().pointer == "/recipients");
  request.recipients.assign(recipients_max, to_person());
  BOOST_TEST(errors_of(request).empty());
  request.recipients.push_back(to_person());
  BOOST_TEST(errors_of(request).size() == 1U);
  request.recipients.resize(1);
  request.attachments.assign(2, document_id::make(at(1), {}));
  BOOST_TEST(errors_of(request).front().pointer == "/attachments");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(life_of_a_dispatch)

BOOST_AUTO_TEST_CASE(G1_that_a_collected_one_was_read_completely_is_noted_once_and_changes_no_state) {
  auto row = accepted_dispatch(route::electronic);
  BOOST_CHECK(!advance(row, read_whole{}, at(2)).has_value());
  row = *advance(row, fetched{}, at(3));
  row = *advance(row, read_whole{}, at(4));
  BOOST_CHECK(row.state == dispatch_state::collected);
  BOOST_REQUIRE(row.timeline.size() == 3U);
  BOOST_CHECK(row.timeline.back().at == at(4));
  BOOST_TEST(row.timeline.back().detail.value_or("") == "read_completely");
  BOOST_CHECK(!advance(row, read_whole{}, at(5)).has_value());
}

BOOST_AUTO_TEST_CASE(an_electronic_one_is_delivered_and_then_collected) {
  auto row = accepted_dispatch(route::electronic);
  row = *advance(row, queued_for_peer{}, at(2));
  row = *advance(row, arrived{}, at(3));
  row = *advance(row, fetched{}, at(4));
  BOOST_CHECK(row.state == dispatch_state::collected);
  BOOST_TEST(row.timeline.size() == 4U);
  BOOST_CHECK(row.timeline.back().at == at(4));
}

BOOST_AUTO_TEST_CASE(news_that_overtook_other_news_is_kept_and_the_late_one_changes_nothing) {
  auto row = *advance(accepted_dispatch(route::electronic), arrived{}, at(2));
  BOOST_CHECK(!advance(row, queued_for_peer{}, at(3)).has_value());
  BOOST_CHECK(!advance(row, arrived{}, at(3)).has_value());
}

BOOST_AUTO_TEST_CASE(a_letter_is_posted_and_then_sent) {
  auto row = *advance(accepted_dispatch(route::post), handed_to_carrier{}, at(2));
  BOOST_CHECK(row.state == dispatch_state::posted);
  row = *advance(row, printed_and_sent{}, at(3));
  BOOST_CHECK(row.state == dispatch_state::sent);
}

BOOST_AUTO_TEST_CASE(R2_a_recipient_who_stopped_taking_part_gets_a_letter) {
  auto row = *advance(accepted_dispatch(route::electronic), queued_for_peer{}, at(2));
  row = *advance(row, refused_by_peer{"does not take part", true}, at(3));
  BOOST_CHECK(row.route == route::post);
  BOOST_CHECK(row.state == dispatch_state::accepted);
}

BOOST_AUTO_TEST_CASE(R2_late_news_of_the_electronic_route_does_not_disturb_the_letter) {
  auto row = *advance(accepted_dispatch(route::electronic), refused_by_peer{"does not take part", true}, at(2));
  BOOST_CHECK(!advance(row, queued_for_peer{}, at(3)).has_value());
  BOOST_CHECK(!advance(row, arrived{}, at(3)).has_value());
  BOOST_CHECK(!advance(row, fetched{}, at(3)).has_value());
  row = *advance(row, handed_to_carrier{}, at(4));
  BOOST_CHECK(row.state == dispatch_state::posted);
}

BOOST_AUTO_TEST_CASE(R2_but_not_when_electronic_delivery_was_insisted_on) {
  auto row = accepted_dispatch(route::electronic);
  row.wish = route_wish::electronic_only;
  row = *advance(row, refused_by_peer{"does not take part", true}, at(2));
  BOOST_CHECK(row.state == dispatch_state::failed);
  BOOST_TEST(*row.reason == "does not take part");
}

BOOST_AUTO_TEST_CASE(R2_what_was_read_is_never_sent_as_a_letter_too) {
  const auto row = *advance(accepted_dispatch(route::electronic), fetched{}, at(2));
  BOOST_CHECK(!advance(row, refused_by_peer{"does not take part", true}, at(3)).has_value());
}

BOOST_AUTO_TEST_CASE(R2_what_the_recipients_node_has_lost_again_goes_as_a_letter) {
  auto row = *advance(accepted_dispatch(route::electronic), arrived{}, at(2));
  row = *advance(row, refused_by_peer{"does not take part", true}, at(3));
  BOOST_CHECK(row.route == route::post);
  BOOST_CHECK(row.state == dispatch_state::accepted);
}

BOOST_AUTO_TEST_CASE(a_final_state_stays_whatever_comes_in_whatever_order) {
  std::mt19937 random(7);
  const std::array<dispatch_happening, 7> all{queued_for_peer{},          arrived{},           fetched{},
                                              refused_by_peer{"r", true}, handed_to_carrier{}, printed_and_sent{},
                                              gone_wrong{"broken"}};
  for (int run = 0; run < 2'000; ++run) {
    auto row = accepted_dispatch(run % 2 == 0 ? route::electronic : route::post);
    std::optional<dispatch_state> ended;
    for (int step = 0; step < 12; ++step) {
      if (auto after = advance(row, all[random() % all.size()], at(step))) row = *after;
      if (ended) BOOST_REQUIRE(row.state == *ended);
      if (is_final(row.state)) ended = row.state;
    }
    BOOST_REQUIRE(row.timeline.back().state == row.state);
  }
}

BOOST_AUTO_TEST_SUITE_END()
