// Dispatching a document, and what waits for its files.

#include "tests/capabilities/dispatching.hpp"

#include "codec/cbor.hpp"
#include "decisions/dispatch_changes.hpp"
#include "decisions/rows.hpp"
#include "domain/wire.hpp"

using namespace elsec;
using namespace elsec::capabilities;
using namespace elsec::capabilities::testing;
using domain::dispatch_state;
using domain::screening;

namespace {

const std::vector<domain::screening_finding> macros{{"macros", "holds macros"}};

// A document and what goes with it.
struct attaching : dispatching {
  domain::document_row document = upload(one);
  domain::document_row attachment = upload(one);

  void send_with_attachment() {
    auto body = wish({to_person()});
    body["attachments"] = boost::json::array{attachment.id.str()};
    BOOST_TEST(dispatch(document, body).has_value());
  }
  void take_over() {
    for (const auto& each : due(sent_along)) BOOST_TEST(perform(each).has_value());
  }
  [[nodiscard]] boost::json::value shown(const domain::document_row& which) const {
    return seen("get_document", about(one, which.id));
  }
  void check_shown(const domain::document_row& which, const std::string& state) const {
    BOOST_TEST(text_at(shown(which), "/state") == state);
  }
  [[nodiscard]] boost::json::array listed(boost::json::object query) const {
    return seen("list_documents", {.who = one, .query = std::move(query)}).at("items").as_array();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(dispatch_document, dispatching)

BOOST_AUTO_TEST_CASE(R2_who_takes_part_gets_it_electronically_and_everyone_else_by_letter) {
  const auto document = upload(one);
  const auto answer = dispatch(document, wish({to_organisation(other), to_person()}));
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST(answer->status == 202);
  const auto told = parsed(answer->body);
  BOOST_TEST(text_at(told, "/dispatches/0/route") == "electronic");
  BOOST_TEST(text_at(told, "/dispatches/1/route") == "post");
  const auto sent = rows(tables::outbox);
  BOOST_REQUIRE(sent.size() == 1U);
  const auto names = codec::from_cbor<domain::wire::dispatch_reference>(sent.front().body);
  BOOST_TEST(names->dispatch.str() == text_at(told, "/dispatches/0/id"));
  const auto letters = rows(tables::letters, one.organisation_id.str());
  BOOST_REQUIRE(letters.size() == 1U);
  BOOST_TEST(letters.front().dispatch_id.str() == text_at(told, "/dispatches/1/id"));
  BOOST_CHECK(letters.front().leaves_at == now + with.policy.letter_grace);
  BOOST_TEST(rows(tables::open_letters).size() == 1U);
  BOOST_TEST(due(letter_to_compose).size() == 1U);
  BOOST_TEST(janitor_woken == 1U);
  BOOST_TEST(receipts(domain::receipt_kind::accepted) == 2U);
}

BOOST_AUTO_TEST_CASE(R11_a_dispatched_document_leaves_the_drafts_and_its_retention_begins_anew) {
  const auto document = upload(one);
  now += std::chrono::hours(24);
  BOOST_TEST(dispatch(document, wish({to_person()})).has_value());
  const auto after = now_of(document);
  BOOST_CHECK(after.state == domain::document_state::dispatched);
  BOOST_CHECK(after.closes_at == now + with.policy.retention.after_dispatch);
  request drafts{.who = one};
  drafts.query["box"] = "drafts";
  BOOST_TEST(seen("list_documents", drafts).at("items").as_array().size() == 0U);
}

BOOST_AUTO_TEST_CASE(one_recipient_who_cannot_be_reached_keeps_all_from_being_sent_to) {
  const auto document = upload(one);
  const boost::json::object nobody{{"organisation_id", crypto::new_id<domain::organisation_id>(now).str()}};
  const auto refused = dispatch(document, wish({to_organisation(other), to_person(), nobody}));
  BOOST_CHECK(code_of(refused) == error_code::recipient_unknown);
  BOOST_TEST(pointer_of(refused) == "/recipients/2/organisation_id");
  check_nothing_happened(document);
}

BOOST_AUTO_TEST_CASE(R2_insisting_on_electronic_delivery_refuses_all_if_one_does_not_take_part) {
  const auto document = upload(one);
  auto body = wish({to_organisation(other), to_person()});
  body["route"] = "electronic_only";
  BOOST_CHECK(code_of(dispatch(document, body)) == error_code::recipient_not_electronic);
  check_nothing_happened(document);
}

BOOST_AUTO_TEST_CASE(a_letter_needs_the_scope_for_letters) {
  const auto document = upload(one);
  one.scopes = {domain::scope_name(domain::scope::documents_write)};
  const auto refused = dispatch(document, wish({to_organisation(other), to_person()}));
  BOOST_CHECK(code_of(refused) == error_code::forbidden);
  BOOST_TEST(pointer_of(refused) == "/recipients/1");
  check_nothing_happened(document);
  BOOST_TEST(dispatch(document, wish({to_organisation(other)})).has_value());
}

BOOST_AUTO_TEST_CASE(R10_a_quarantined_file_is_not_sent_nor_sent_along) {
  const auto document = upload(one);
  const auto bad = upload(one, screening::quarantined);
  BOOST_CHECK(code_of(dispatch(bad, wish({to_person()}))) == error_code::wrong_state);
  auto body = wish({to_person()});
  body["attachments"] = boost::json::array{bad.id.str()};
  const auto refused = dispatch(document, body);
  BOOST_CHECK(code_of(refused) == error_code::wrong_state);
  BOOST_TEST(pointer_of(refused) == "/attachments/0");
  check_nothing_happened(document);
}

BOOST_AUTO_TEST_CASE(R13_another_organisations_files_are_not_there_to_be_sent) {
  const auto document = upload(one);
  const auto foreign = upload(other);
  BOOST_CHECK(code_of(dispatch(foreign, wish({to_person()}))) == error_code::not_found);
  auto body = wish({to_person()});
  for (const auto& id : {foreign.id, document.id}) {  // nor is a document its own attachment
    body["attachments"] = boost::json::array{id.str()};
    const auto refused = dispatch(document, body);
    BOOST_CHECK(code_of(refused) == error_code::invalid);
    BOOST_TEST(pointer_of(refused) == "/attachments/0");
  }
  check_nothing_happened(document);
}

BOOST_AUTO_TEST_CASE(a_reply_is_to_a_dispatch_one_sent_or_received) {
  const auto document = upload(one);
  auto body = wish({to_person()});
  body["in_reply_to"] = crypto::new_id<domain::dispatch_id>(now).str();
  const auto refused = dispatch(document, body);
  BOOST_CHECK(code_of(refused) == error_code::invalid);
  BOOST_TEST(pointer_of(refused) == "/in_reply_to");
  BOOST_TEST(dispatch(document, wish({to_person()})).has_value());
  body["in_reply_to"] = dispatches().front().id.str();
  BOOST_TEST(dispatch(document, body).has_value());
}

BOOST_AUTO_TEST_CASE(G1_each_dispatch_begins_its_chain_at_the_upload) {
  const auto document = upload(one);
  BOOST_TEST(dispatch(document, wish({to_organisation(other), to_person()})).has_value());
  for (const auto& receipt : rows(tables::receipts, one.organisation_id.str())) {
    if (receipt.kind != domain::receipt_kind::accepted) continue;
    BOOST_TEST(receipt.previous.value() == document.last_receipt_hash);
    BOOST_TEST(receipt.sha256 == document.sha256);
    BOOST_TEST(
        verify_statement(with, "node1", receipt.jws, *receipt.dispatch_id, document.sha256, receipt.kind).has_value());
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(client_refs, dispatching)

BOOST_AUTO_TEST_CASE(a_repeat_gets_the_first_answer_and_sends_nothing) {
  const auto document = upload(one);
  auto body = wish({to_person()});
  body["client_ref"] = "kis-1";
  const auto first = dispatch(document, body);
  BOOST_REQUIRE(first.has_value());
  now += std::chrono::hours(1'000);  // for as long as its dispatches exist
  const auto again = dispatch(document, body);
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST(again->status == first->status);
  BOOST_TEST(again->body == first->body);
  BOOST_TEST(dispatches().size() == 1U);
  BOOST_TEST(rows(tables::letters, one.organisation_id.str()).size() == 1U);
}

BOOST_AUTO_TEST_CASE(another_request_under_it_is_refused) {
  const auto document = upload(one);
  auto body = wish({to_person()});
  body["client_ref"] = "kis-1";
  BOOST_TEST(dispatch(document, body).has_value());
  auto changed = body;
  changed["subject"] = "Something else";
  BOOST_CHECK(code_of(dispatch(document, changed)) == error_code::key_reused);
  BOOST_CHECK(code_of(dispatch(upload(one), body)) == error_code::key_reused);  // another document
  BOOST_TEST(pointer_of(dispatch(document, changed)) == "/client_ref");
  BOOST_TEST(dispatches().size() == 1U);
}

// Another document's actor decides at the same moment: neither sees the other, and one of them is refused.
BOOST_AUTO_TEST_CASE(two_documents_that_take_it_at_the_same_moment_do_not_both_get_it) {
  auto body = wish({to_person()});
  body["client_ref"] = "kis-1";
  const auto& route = route_of("dispatch_document");
  const auto text = boost::json::serialize(body);
  const auto first = *route.make(with, about(one, upload(one).id, text));
  const auto second = *route.make(with, about(one, upload(one).id, text));
  auto one_ruling = first->decide({with, read(), now});
  auto other_ruling = second->decide({with, read(), now});
  BOOST_REQUIRE(one_ruling.has_value() && other_ruling.has_value());
  BOOST_TEST(settle(std::move(*one_ruling)).has_value());
  BOOST_CHECK(code_of(settle(std::move(*other_ruling))) == error_code::key_reused);
  BOOST_TEST(dispatches().size() == 1U);
}

BOOST_AUTO_TEST_CASE(R13_another_organisations_client_ref_is_its_own) {
  auto body = wish({to_person()});
  body["client_ref"] = "kis-1";
  BOOST_TEST(dispatch(upload(one), body).has_value());
  BOOST_TEST(ask("dispatch_document", about(other, upload(other).id, boost::json::serialize(body))).has_value());
}

BOOST_AUTO_TEST_CASE(dispatches_are_found_by_it) {
  auto body = wish({to_person(), to_organisation(other)});
  body["client_ref"] = "kis-1";
  BOOST_TEST(dispatch(upload(one), body).has_value());
  BOOST_TEST(dispatch(upload(one), wish({to_person()})).has_value());
  request asked{.who = one};
  asked.query["client_ref"] = "kis-1";
  BOOST_TEST(seen("list_dispatches", asked).at("items").as_array().size() == 2U);
  asked.query["state"] = "failed";
  BOOST_TEST(seen("list_dispatches", asked).at("items").as_array().size() == 0U);
  asked.query["client_ref"] = "kis-2";
  BOOST_TEST(seen("list_dispatches", asked).at("items").as_array().size() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(waiting_for_screening, dispatching)

BOOST_AUTO_TEST_CASE(R10_nothing_goes_before_its_file_is_clean) {
  const auto document = upload(one, screening::pending);
  BOOST_TEST(dispatch(document, wish({to_organisation(other), to_person()})).has_value());
  BOOST_TEST(deadlines(dispatch_waits) == 2U);
  follow();  // it looks again after its commit: still pending
  BOOST_TEST(deadlines(dispatch_waits) == 2U);
  BOOST_TEST(rows(tables::outbox).size() == 0U);
  BOOST_TEST(rows(tables::letters, one.organisation_id.str()).size() == 0U);
  screened(document);
  follow();
  BOOST_TEST(deadlines(dispatch_waits) == 0U);
  BOOST_TEST(rows(tables::outbox).size() == 1U);
  BOOST_TEST(rows(tables::letters, one.organisation_id.str()).size() == 1U);
  for (const auto& each : dispatches()) BOOST_TEST(!each.waits_for_screening);
}

BOOST_AUTO_TEST_CASE(R10_a_quarantined_file_fails_what_waited_for_it) {
  const auto document = upload(one, screening::pending);
  BOOST_TEST(dispatch(document, wish({to_organisation(other), to_person()})).has_value());
  screened(document, macros);
  follow();
  BOOST_TEST(deadlines(dispatch_waits) == 0U);
  BOOST_TEST(rows(tables::outbox).size() == 0U);
  BOOST_TEST(rows(tables::letters, one.organisation_id.str()).size() == 0U);
  for (const auto& each : dispatches()) {
    BOOST_CHECK(each.state == dispatch_state::failed);
    BOOST_TEST(each.reason.has_value());
  }
  BOOST_TEST(receipts(domain::receipt_kind::failed) == 2U);
}

// The news of a screening may be lost with the process: then the deadline brings it on.
BOOST_AUTO_TEST_CASE(the_deadline_does_what_the_lost_news_would_have_done) {
  const auto document = upload(one, screening::pending);
  BOOST_TEST(dispatch(document, wish({to_person()})).has_value());
  following.clear();
  BOOST_REQUIRE(due(dispatch_waits).size() == 1U);
  BOOST_TEST(perform(due(dispatch_waits).front()).has_value());
  BOOST_TEST(deadlines(dispatch_waits) == 1U);  // too early: it stays
  screened(document);
  following.clear();
  const auto command = due(dispatch_waits).front();
  BOOST_TEST(command->whom().object == document.id.str());
  BOOST_TEST(perform(command).has_value());
  BOOST_TEST(deadlines(dispatch_waits) == 0U);
  BOOST_TEST(rows(tables::letters, one.organisation_id.str()).size() == 1U);
  const auto events = rows(tables::feed, one.organisation_id.str()).size();
  BOOST_TEST(perform(command).has_value());  // again: nothing
  BOOST_TEST(rows(tables::feed, one.organisation_id.str()).size() == events);
  BOOST_TEST(rows(tables::letters, one.organisation_id.str()).size() == 1U);
}

// As with all that is due at once: a time that the clock said once would lie ahead when the clock is put right.
BOOST_AUTO_TEST_CASE(a_clock_set_back_keeps_no_dispatch_waiting) {
  const auto document = upload(one, screening::pending);
  BOOST_TEST(dispatch(document, wish({to_person()})).has_value());
  now -= std::chrono::hours(24);
  BOOST_TEST(due(dispatch_waits).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_dispatch_that_cannot_be_read_keeps_none_from_going_that_waits_for_the_same_file) {
  const auto attachment = upload(one, screening::pending);
  auto body = wish({to_person()});
  body["attachments"] = boost::json::array{attachment.id.str()};
  const auto first = upload(one);
  BOOST_REQUIRE(dispatch(first, body).has_value());
  damage(tables::dispatches, storage::key_of(one.organisation_id, dispatches().front().id));
  now += std::chrono::milliseconds(1);
  const auto second = upload(one);
  BOOST_REQUIRE(dispatch(second, body).has_value());
  follow();  // what looks again after a commit has looked
  screened(attachment);
  follow();
  BOOST_TEST(dispatches_waiting_for(read(), one.organisation_id, second.id).value().size() == 0U);
}

// However often a document was dispatched before.
BOOST_AUTO_TEST_CASE(what_waits_for_a_file_is_found_without_what_does_not) {
  const auto document = upload(one);
  const auto attachment = upload(one, screening::pending);
  for (int i = 0; i < 3; ++i) BOOST_REQUIRE(dispatch(document, wish({to_organisation(other)})).has_value());
  auto body = wish({to_person()});
  body["attachments"] = boost::json::array{attachment.id.str()};
  BOOST_REQUIRE(dispatch(document, body).has_value());
  const auto waiting_for = [&](const domain::document_id& file) {
    return dispatches_waiting_for(read(), one.organisation_id, file).value().size();
  };
  BOOST_TEST(waiting_for(document.id) == 1U);
  BOOST_TEST(waiting_for(attachment.id) == 1U);
  screened(attachment);
  follow();
  BOOST_TEST(waiting_for(document.id) == 0U);
  BOOST_TEST(waiting_for(attachment.id) == 0U);
}

BOOST_AUTO_TEST_CASE(a_dispatch_waits_for_the_last_of_its_files) {
  const auto document = upload(one, screening::pending);
  const auto attachment = upload(one, screening::pending);
  auto body = wish({to_person()});
  body["attachments"] = boost::json::array{attachment.id.str()};
  BOOST_TEST(dispatch(document, body).has_value());
  follow();
  screened(document);
  follow();
  BOOST_TEST(rows(tables::letters, one.organisation_id.str()).size() == 0U);
  screened(attachment);
  follow();
  BOOST_TEST(rows(tables::letters, one.organisation_id.str()).size() == 1U);
  BOOST_TEST(deadlines(dispatch_waits) == 0U);
}

BOOST_AUTO_TEST_CASE(R10_a_quarantined_attachment_fails_it_though_the_document_still_waits) {
  const auto document = upload(one, screening::pending);
  const auto attachment = upload(one, screening::pending);
  auto body = wish({to_person()});
  body["attachments"] = boost::json::array{attachment.id.str()};
  BOOST_TEST(dispatch(document, body).has_value());
  following.clear();
  screened(attachment, macros);
  follow();
  BOOST_CHECK(dispatches().front().state == dispatch_state::failed);
  BOOST_TEST(deadlines(dispatch_waits) == 0U);
  screened(document);
  follow();
  BOOST_CHECK(dispatches().front().state == dispatch_state::failed);
  BOOST_TEST(rows(tables::letters, one.organisation_id.str()).size() == 0U);
}

// Screened between the decision and its commit, as an attachment may be: the look afterwards finds it.
BOOST_AUTO_TEST_CASE(a_file_that_is_through_before_the_commit_is_noticed_after_it) {
  const auto document = upload(one);
  const auto attachment = upload(one, screening::pending);
  auto body = wish({to_person()});
  body["attachments"] = boost::json::array{attachment.id.str()};
  const auto command = *route_of("dispatch_document").make(with, about(one, document.id, boost::json::serialize(body)));
  auto decided = command->decide({with, read(), now});
  BOOST_REQUIRE(decided.has_value());
  screened(attachment);
  follow();
  BOOST_TEST(settle(std::move(*decided)).has_value());
  BOOST_TEST(deadlines(dispatch_waits) == 1U);
  follow();
  BOOST_TEST(deadlines(dispatch_waits) == 0U);
  BOOST_TEST(rows(tables::letters, one.organisation_id.str()).size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(sent_along_with_a_document, attaching)

// The process may die right after the commit: nothing that follows of it is done.
BOOST_AUTO_TEST_CASE(R11_an_attachment_is_dispatched_with_the_commit_of_its_dispatch) {
  now += std::chrono::hours(24);
  send_with_attachment();
  following.clear();
  check_shown(attachment, "dispatched");
  BOOST_TEST(text_at(shown(attachment), "/closes_at") == text_at(shown(document), "/closes_at"));
  BOOST_TEST(text_at(shown(attachment), "/closes_because") == "retention");
  BOOST_TEST(listed({{"box", "drafts"}}).empty());
  BOOST_TEST(listed({{"state", "draft"}}).empty());
  BOOST_TEST(listed({{"box", "outbox"}}).size() == 2U);
  BOOST_TEST(listed({{"state", "dispatched"}}).size() == 2U);
}

BOOST_AUTO_TEST_CASE(R11_an_attachment_stays_dispatched_though_what_says_so_is_damaged) {
  send_with_attachment();
  following.clear();
  std::string key;
  BOOST_TEST(read()
                 .scan_keys(tables::sent_along.name, {}, {}, storage::direction::forward,
                            [&](std::string_view found) {
                              key = found;
                              return true;
                            })
                 .has_value());
  damage(tables::sent_along, key);
  check_shown(attachment, "dispatched");
  take_over();
  check_shown(attachment, "dispatched");
  BOOST_TEST(text_at(shown(attachment), "/closes_at") == text_at(shown(document), "/closes_at"));
  BOOST_TEST(read().rows_of(tables::sent_along.name).value() == 0U);
  BOOST_TEST(read().rows_of(tables::damaged.name).value() == 1U);
}

BOOST_AUTO_TEST_CASE(an_attachment_that_is_screened_at_that_moment_stays_dispatched) {
  attachment = upload(one, screening::pending);
  send_with_attachment();
  following.clear();
  screened(attachment);
  check_shown(attachment, "dispatched");
}

BOOST_AUTO_TEST_CASE(R10_an_attachment_that_is_quarantined_after_it_was_sent_stays_quarantined) {
  attachment = upload(one, screening::pending);
  send_with_attachment();
  screened(attachment, macros);
  take_over();
  check_shown(attachment, "quarantined");
  BOOST_TEST(listed({{"box", "outbox"}}).size() == 2U);
}

BOOST_AUTO_TEST_CASE(R11_a_received_copy_that_is_sent_along_stays_as_long_as_its_dispatch_and_in_both_boxes) {
  attachment = receive(one);
  now += std::chrono::hours(24);
  send_with_attachment();
  following.clear();
  check_shown(attachment, "received");
  BOOST_TEST(text_at(shown(attachment), "/closes_at") == text_at(shown(document), "/closes_at"));
  BOOST_TEST(listed({{"box", "outbox"}}).size() == 2U);
  BOOST_TEST(listed({{"box", "inbox"}}).size() == 1U);
}

BOOST_AUTO_TEST_CASE(its_deadline_has_the_attachments_own_row_say_so) {
  send_with_attachment();
  following.clear();
  BOOST_REQUIRE(due(sent_along).size() == 1U);
  BOOST_TEST(due(sent_along).front()->whom().object == attachment.id.str());
  take_over();
  BOOST_TEST(deadlines(sent_along) == 0U);
  BOOST_TEST(rows(tables::sent_along, one.organisation_id.str()).empty());
  BOOST_CHECK(now_of(attachment).state == domain::document_state::dispatched);
  BOOST_CHECK(now_of(attachment).closes_at == now_of(document).closes_at);
  check_shown(attachment, "dispatched");
}

// Of the first it is being taken over while the second commits.
BOOST_AUTO_TEST_CASE(R11_of_two_dispatches_the_later_one_counts_though_they_met) {
  send_with_attachment();
  auto taking_over = due(sent_along).front()->decide({with, read(), now});
  BOOST_REQUIRE(taking_over.has_value());
  now += std::chrono::hours(24);
  document = upload(one);
  send_with_attachment();
  BOOST_TEST(settle(std::move(*taking_over)).has_value());
  BOOST_TEST(text_at(shown(attachment), "/closes_at") == text_at(shown(document), "/closes_at"));
  take_over();
  BOOST_TEST(deadlines(sent_along) == 0U);
  BOOST_CHECK(now_of(attachment).closes_at == now_of(document).closes_at);
}

BOOST_AUTO_TEST_SUITE_END()
