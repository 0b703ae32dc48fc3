// What other nodes state about our dispatches: believed only when it is signed by the recipient's node, and about this.

#include "decisions/limits.hpp"
#include "tests/capabilities/abroad.hpp"

using namespace elsec;
using namespace elsec::capabilities;
using namespace elsec::capabilities::testing;
namespace wire = domain::wire;
using domain::dispatch_state;

BOOST_FIXTURE_TEST_SUITE(statements, sent_abroad)

BOOST_AUTO_TEST_CASE(G1_a_good_one_takes_effect_and_is_embedded_in_our_receipt) {
  const auto said = delivered();
  check_believed(said, dispatch_state::delivered);
  const auto receipts = rows(tables::receipts, one.organisation_id.str());
  const auto ours = std::ranges::find(receipts, domain::receipt_kind::delivered, &domain::receipt::kind);
  BOOST_REQUIRE(ours != receipts.end());
  BOOST_TEST(ours->statement.value() == said.jws);
  check_believed(stating(wire::verdict::collected, receipt(domain::receipt_kind::collected)),
                 dispatch_state::collected);
}

BOOST_AUTO_TEST_CASE(G1_that_it_was_read_completely_stands_in_the_timeline_and_has_a_receipt_but_is_no_news) {
  check_believed(stating(wire::verdict::collected, receipt(domain::receipt_kind::collected)),
                 dispatch_state::collected);
  const auto told = rows(tables::feed, one.organisation_id.str()).size();
  const auto said = stating(wire::verdict::read_completely, receipt(domain::receipt_kind::read_completely));
  check_believed(said, dispatch_state::collected);
  check_believed(said, dispatch_state::collected);
  BOOST_TEST(now_of().timeline.back().detail.value_or("") == "read_completely");
  const auto receipts = rows(tables::receipts, one.organisation_id.str());
  BOOST_TEST(std::ranges::count(receipts, domain::receipt_kind::read_completely, &domain::receipt::kind) == 1);
  BOOST_TEST(std::ranges::count(receipts, domain::receipt_kind::collected, &domain::receipt::kind) == 1);
  BOOST_TEST(rows(tables::feed, one.organisation_id.str()).size() == told);
}

BOOST_AUTO_TEST_CASE(G1_the_receipts_of_a_dispatch_are_one_chain_from_the_documents_first) {
  check_believed(delivered(), dispatch_state::delivered);
  check_believed(stating(wire::verdict::collected, receipt(domain::receipt_kind::collected)),
                 dispatch_state::collected);
  const auto prefix = storage::key_of(one.organisation_id, document.id);
  std::vector<domain::receipt> chain;
  const auto walked = read().scan_keys(
      tables::receipts_of_document.name, prefix, {}, storage::direction::forward, [&](std::string_view key) {
        const auto id = std::string(key.substr(key.size() - domain::receipt_id::length));
        chain.push_back(row(tables::receipts, one.organisation_id.str() + id).value());
        return true;
      });
  BOOST_TEST(walked.has_value());
  BOOST_REQUIRE(chain.size() == 4U);  // uploaded, accepted, delivered, collected
  BOOST_CHECK(chain.front().kind == domain::receipt_kind::uploaded);
  BOOST_CHECK(chain.back().kind == domain::receipt_kind::collected);
  for (std::size_t i = 1; i < chain.size(); ++i)
    BOOST_TEST(chain[i].previous.value_or("") == crypto::to_hex(crypto::sha256(chain[i - 1].jws)));
}

BOOST_AUTO_TEST_CASE(a_repeat_changes_nothing_and_goes) {
  check_believed(delivered(), dispatch_state::delivered);
  const auto count = now_of().receipt_count;
  check_believed(delivered(), dispatch_state::delivered);
  BOOST_TEST(now_of().receipt_count == count);
}

BOOST_AUTO_TEST_CASE(one_that_says_what_only_newer_nodes_know_is_rejected_and_not_unreadable) {
  auto said = delivered();
  said.verdict = wire::verdict::other;
  check_rejected(said);
}

BOOST_AUTO_TEST_CASE(G1_one_that_comes_from_another_node_is_rejected) { check_rejected(delivered(), "node1"); }

BOOST_AUTO_TEST_CASE(G1_even_a_refusal_counts_only_from_the_recipients_node) {
  auto said = delivered();
  said.verdict = wire::verdict::refused;
  said.jws.clear();
  said.letter_possible = true;
  check_rejected(said, "node1");
}

BOOST_AUTO_TEST_CASE(G1_one_about_another_document_is_rejected) {
  auto said = delivered();
  said.document = upload(one).id;
  check_rejected(said);
}

BOOST_AUTO_TEST_CASE(G1_one_about_a_dispatch_that_is_none_is_rejected) {
  auto said = delivered();
  said.dispatch = crypto::new_id<domain::dispatch_id>(now);
  check_rejected(said);
  said = delivered();
  said.organisation = crypto::new_id<domain::organisation_id>(now);
  check_rejected(said);
}

BOOST_AUTO_TEST_CASE(G1_a_bad_signature_is_rejected) {
  auto said = delivered();
  said.jws[said.jws.size() - 10] = said.jws[said.jws.size() - 10] == 'A' ? 'B' : 'A';
  check_rejected(said);
}

BOOST_AUTO_TEST_CASE(of_a_rejected_one_only_the_beginning_is_kept) {
  auto said = delivered();
  said.jws = std::string(4 * rejected_body_bytes_max, 'x');
  check_rejected(said);
  BOOST_TEST(row(tables::rejected, inbound_row_key)->body.size() == rejected_body_bytes_max);
}

BOOST_AUTO_TEST_CASE(G1_a_signature_by_another_key_is_rejected) {
  auto said = delivered();
  const auto stranger = crypto::signing_key::from_seed(crypto::secret::random());
  for (const auto& key : {stranger, with.signing}) {
    said.jws = key.sign_jws(codec::to_json(receipt(domain::receipt_kind::delivered)));
    check_rejected(said);
  }
  said.jws = "no signature at all";
  check_rejected(said);
}

BOOST_AUTO_TEST_CASE(G1_a_signed_receipt_about_something_else_is_rejected) {
  using change = void (*)(domain::receipt_statement&);
  const std::vector<change> changes{
      [](auto& r) { r.node = "node1"; },
      [](auto& r) { r.dispatch_id.reset(); },
      [](auto& r) { r.dispatch_id = domain::dispatch_id::make(r.at, {1}); },
      [](auto& r) { r.sha256 = std::string(64, '0'); },
      [](auto& r) { r.kind = domain::receipt_kind::collected; },
  };
  for (const auto& make_it_so : changes) {
    auto about_else = receipt(domain::receipt_kind::delivered);
    make_it_so(about_else);
    check_rejected(stating(wire::verdict::delivered, about_else));
  }
}

BOOST_AUTO_TEST_CASE(R2_a_refused_dispatch_goes_on_as_a_letter) {
  auto said = delivered();
  said.verdict = wire::verdict::refused;
  said.jws.clear();
  said.reason = "takes part no longer";
  said.letter_possible = true;
  check_believed(said, dispatch_state::accepted);
  BOOST_CHECK(now_of().route == domain::route::post);
  BOOST_TEST(rows(tables::letters, one.organisation_id.str()).size() == 1U);
  BOOST_TEST(janitor_woken == 2U);
}

BOOST_AUTO_TEST_CASE(R2_without_a_letter_a_refusal_is_the_end) {
  auto said = delivered();
  said.verdict = wire::verdict::refused;
  said.jws.clear();
  said.reason = "unknown organisation";
  check_believed(said, dispatch_state::failed);
  BOOST_TEST(now_of().reason.value() == "unknown organisation");
  BOOST_TEST(rows(tables::letters, one.organisation_id.str()).size() == 0U);
}

BOOST_AUTO_TEST_CASE(a_body_that_cannot_be_read_is_told_so) {
  const storage::inbound_row row{.kind = wire::kind_statement, .id = "envelope", .body = {1, 2, 3}, .reason = {}};
  const auto command = with.registry.find_wire_kind(wire::kind_statement)->received({"node2", inbound_row_key, row});
  BOOST_CHECK(code_of(command) == error_code::invalid);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(envelopes_of_dispatches, sent_abroad)

BOOST_AUTO_TEST_CASE(what_travels_is_built_from_what_is_on_disk_now) {
  const auto sent = rows(tables::outbox);
  BOOST_REQUIRE(sent.size() == 1U);
  const auto* kind = with.registry.find_wire_kind(wire::kind_dispatch);
  const auto body = kind->build(read(), sent.front());
  BOOST_REQUIRE(body.has_value());
  const auto travels = codec::from_cbor<wire::dispatch>(*body);
  BOOST_REQUIRE(travels.has_value());
  BOOST_TEST(travels->id.str() == dispatch.str());
  BOOST_TEST(travels->recipient.str() == home.str());
  BOOST_TEST(travels->sender.name == "Klinik Musterstadt");
  BOOST_REQUIRE(travels->files.size() == 1U);
  BOOST_TEST(travels->files.front().sha256 == document.sha256);
}

BOOST_AUTO_TEST_CASE(R2_what_goes_on_as_a_letter_travels_no_more) {
  auto said = delivered();
  said.verdict = wire::verdict::refused;
  said.jws.clear();
  said.letter_possible = true;
  check_believed(said, dispatch_state::accepted);
  const auto* kind = with.registry.find_wire_kind(wire::kind_dispatch);
  const auto sent = rows(tables::outbox);
  BOOST_REQUIRE(sent.size() == 1U);
  BOOST_CHECK(code_of(kind->build(read(), sent.front())) == error_code::not_found);
}

BOOST_AUTO_TEST_CASE(one_that_has_reached_the_peer_is_in_transit_once) {
  const auto* kind = with.registry.find_wire_kind(wire::kind_dispatch);
  const auto arrived = kind->arrived(rows(tables::outbox).front());
  BOOST_REQUIRE(arrived.has_value());
  BOOST_TEST(perform(*arrived).has_value());
  BOOST_CHECK(now_of().state == dispatch_state::in_transit);
  const auto events = rows(tables::feed, one.organisation_id.str()).size();
  BOOST_TEST(perform(*arrived).has_value());
  BOOST_TEST(rows(tables::feed, one.organisation_id.str()).size() == events);
  check_believed(delivered(), dispatch_state::delivered);
  BOOST_TEST(perform(*arrived).has_value());  // late
  BOOST_CHECK(now_of().state == dispatch_state::delivered);
}

BOOST_AUTO_TEST_CASE(G1_one_whose_file_is_damaged_fails_with_a_sentence_and_travels_no_more) {
  const auto* kind = with.registry.find_wire_kind(wire::kind_dispatch);
  const auto sent = rows(tables::outbox).front();
  const auto told = kind->lost(sent, "damaged");
  BOOST_REQUIRE(told.has_value());
  BOOST_TEST(perform(*told).has_value());
  BOOST_CHECK(now_of().state == dispatch_state::failed);
  BOOST_TEST(now_of().reason.value_or("") == "damaged");
  BOOST_CHECK(code_of(kind->build(read(), sent)) == error_code::not_found);
}

BOOST_AUTO_TEST_CASE(G1_one_whose_documents_row_is_damaged_fails_as_well_with_a_receipt_about_the_same_bytes) {
  damage(tables::documents, storage::key_of(one.organisation_id, document.id));
  const auto sent = rows(tables::outbox).front();
  const auto* kind = with.registry.find_wire_kind(wire::kind_dispatch);
  BOOST_CHECK(code_of(kind->build(read(), sent)) == error_code::integrity);
  BOOST_TEST(perform(*kind->lost(sent, "damaged")).has_value());
  BOOST_CHECK(now_of().state == dispatch_state::failed);
  const auto receipts = rows(tables::receipts, one.organisation_id.str());
  const auto failed = std::ranges::find(receipts, domain::receipt_kind::failed, &domain::receipt::kind);
  BOOST_REQUIRE(failed != receipts.end());
  BOOST_TEST(failed->sha256 == document.sha256);
}

BOOST_AUTO_TEST_CASE(G1_what_the_peer_states_is_believed_though_the_documents_row_is_damaged_meanwhile) {
  damage(tables::documents, storage::key_of(one.organisation_id, document.id));
  check_believed(delivered(), dispatch_state::delivered);
}

BOOST_AUTO_TEST_CASE(G1_one_that_has_arrived_is_not_lost_any_more) {
  check_believed(delivered(), dispatch_state::delivered);
  const auto told = with.registry.find_wire_kind(wire::kind_dispatch)->lost(rows(tables::outbox).front(), "rejected");
  BOOST_TEST(perform(*told).has_value());
  BOOST_CHECK(now_of().state == dispatch_state::delivered);
}

BOOST_AUTO_TEST_SUITE_END()
