// What a peer announces is believed no more than what a client sends.

#include "actors/received_copies.hpp"
#include "tests/decisions/support.hpp"

using namespace elsec;
using namespace elsec::actors;
namespace test = elsec::decisions::test;

namespace {

constexpr std::uint64_t size_max = 1'000;

wire::dispatch good() {
  wire::dispatch dispatch;
  dispatch.sender.organisation_id = test::organisation(1);
  dispatch.sender.name = "Klinik Gefälscht";
  dispatch.sender.verified = true;
  dispatch.subject = "Entlassungsbrief";
  dispatch.files.push_back({.filename = "brief.pdf", .media_type = "application/pdf", .size = 10});
  return dispatch;
}

bool taken(const wire::dispatch& dispatch) { return check_incoming(dispatch, size_max).has_value(); }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(incoming, test::temporary_store)

BOOST_AUTO_TEST_CASE(an_ordinary_dispatch_is_taken) { BOOST_TEST(taken(good())); }

BOOST_AUTO_TEST_CASE(R14_files_keep_the_limits_of_uploads) {
  auto dispatch = good();
  dispatch.files[0].size = size_max + 1;
  BOOST_TEST(!taken(dispatch));
  dispatch.files[0].size = 0;
  BOOST_TEST(!taken(dispatch));
  dispatch = good();
  dispatch.files.resize(2 + domain::attachments_max, dispatch.files[0]);
  BOOST_TEST(!taken(dispatch));
  dispatch.files.clear();
  BOOST_TEST(!taken(dispatch));
}

BOOST_AUTO_TEST_CASE(R14_names_and_types_that_would_break_an_answer_apart_are_refused) {
  auto dispatch = good();
  dispatch.files[0].media_type = "text/plain\r\nSet-Cookie: a=b";
  BOOST_TEST(!taken(dispatch));
  dispatch = good();
  dispatch.files[0].filename = "../../etc/passwd";
  BOOST_TEST(!taken(dispatch));
}

// `invalid` is told to the sender, whose dispatch ends with it; nothing waits for another attempt.
BOOST_AUTO_TEST_CASE(R14_names_that_windows_does_not_take_are_refused_for_good) {
  for (const auto* name : {"brief.pdf::$DATA", "con.pdf", "brief.pdf.", "a?.pdf"}) {
    auto dispatch = good();
    dispatch.files[0].filename = name;
    const auto refused = check_incoming(dispatch, size_max);
    BOOST_REQUIRE(!refused.has_value());
    BOOST_CHECK(refused.error().code == domain::error_code::invalid);
  }
}

BOOST_AUTO_TEST_CASE(R14_a_subject_that_shows_nothing_is_refused) {
  auto dispatch = good();
  dispatch.subject = "\u200B\u3164";
  BOOST_TEST(!taken(dispatch));
}

BOOST_AUTO_TEST_CASE(R14_texts_keep_their_limits) {
  auto dispatch = good();
  dispatch.subject = std::string(201, 'x');
  BOOST_TEST(!taken(dispatch));
  dispatch = good();
  dispatch.message = std::string(4'001, 'x');
  BOOST_TEST(!taken(dispatch));
}

BOOST_AUTO_TEST_CASE(R5_the_sender_is_shown_as_its_card_says) {
  auto row = test::card(1, "node2", 1);
  row.card.verified = false;
  BOOST_REQUIRE(take(row).has_value());
  auto dispatch = good();
  BOOST_REQUIRE(take_sender_from_card(read(), "node2", dispatch).has_value());
  BOOST_TEST(dispatch.sender.name == "Klinik Musterstadt");
  BOOST_TEST(!dispatch.sender.verified);
}

BOOST_AUTO_TEST_CASE(R14_a_node_cannot_send_in_the_name_of_another_nodes_organisation) {
  BOOST_REQUIRE(take(test::card(1, "node3", 1)).has_value());
  auto dispatch = good();
  const auto refused = take_sender_from_card(read(), "node2", dispatch);
  BOOST_REQUIRE(!refused.has_value());
  BOOST_CHECK(refused.error().code == domain::error_code::invalid);
}

BOOST_AUTO_TEST_CASE(a_sender_whose_card_is_still_on_its_way_is_waited_for) {
  auto dispatch = good();
  BOOST_CHECK(take_sender_from_card(read(), "node2", dispatch).error().code == domain::error_code::overloaded);
}

BOOST_AUTO_TEST_SUITE_END()
