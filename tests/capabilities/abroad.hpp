#pragma once
// A dispatch on its way to another node, and what that node states about it.

#include "capabilities/examples.hpp"
#include "codec/cbor.hpp"
#include "domain/wire.hpp"
#include "tests/capabilities/clinics.hpp"

namespace elsec::capabilities::testing {

inline constexpr auto inbound_row_key = "row of the statement";

// A document of `one` on its way to an organisation of node2.
struct sent_abroad : clinics {
  domain::principal one = signed_up("Klinik Musterstadt", "one@klinik.example.org");
  domain::document_row document = upload(one);
  domain::organisation_id home = crypto::new_id<domain::organisation_id>(now);
  domain::dispatch_id dispatch;

  sent_abroad() {
    add_card();
    const auto body = R"({"recipients":[{"organisation_id":")" + home.str() + R"("}],"subject":"Brief"})";
    const auto told = asked("dispatch_document", about(one, document.id, body));
    dispatch = id_at<domain::dispatch_id>(told, "/dispatches/0/id");
    BOOST_TEST(text_at(told, "/dispatches/0/route") == "electronic");
  }

  void add_card() {
    domain::card_row row;
    row.version = 1;
    row.card.id = home;
    row.card.name = "Pflegeheim Lindenhof";
    row.card.address = example::home_address();
    row.card.node = "node2";
    row.card.verified = row.card.can_receive = true;
    row.jws = "signed";
    storage::change_set changes;
    BOOST_REQUIRE(store_card(changes, read(), row).has_value());
    commit(changes);
  }

  [[nodiscard]] domain::dispatch_row now_of() const {
    return *row(tables::dispatches, storage::key_of(one.organisation_id, dispatch));
  }
  // As node2 signs it.
  [[nodiscard]] domain::receipt_statement receipt(domain::receipt_kind kind) const {
    domain::receipt_statement made;
    made.id = crypto::new_id<domain::receipt_id>(now);
    made.kind = kind;
    made.dispatch_id = dispatch;
    made.document_id = crypto::new_id<domain::document_id>(now);
    made.at = now;
    made.node = "node2";
    made.sha256 = document.sha256;
    return made;
  }
  [[nodiscard]] domain::wire::statement stating(domain::wire::verdict verdict,
                                                const domain::receipt_statement& what) const {
    return {.organisation = one.organisation_id,
            .document = document.id,
            .dispatch = dispatch,
            .verdict = verdict,
            .jws = peer.sign_jws(codec::to_json(what)),
            .reason = {}};
  }
  [[nodiscard]] domain::wire::statement delivered() const {
    return stating(domain::wire::verdict::delivered, receipt(domain::receipt_kind::delivered));
  }

  // The envelope lies on disk; what it comes to.
  outcome arrives(const domain::wire::statement& said, const std::string& from = "node2") {
    const storage::inbound_row row{
        .kind = domain::wire::kind_statement, .id = "envelope", .body = codec::to_cbor(said), .reason = {}};
    storage::change_set changes;
    changes.put(tables::inbound, inbound_row_key, row);
    changes.erase(tables::rejected, inbound_row_key);
    commit(changes);
    const auto command =
        with.registry.find_wire_kind(domain::wire::kind_statement)->received({from, inbound_row_key, row});
    BOOST_REQUIRE(command.has_value());
    BOOST_TEST((*command)->whom().object == said.document.str());
    return perform(*command);
  }

  void check_rejected(const domain::wire::statement& said, const std::string& from = "node2") {
    const auto before = now_of();
    BOOST_TEST(arrives(said, from).has_value());
    BOOST_TEST(rows(tables::inbound).size() == 0U);
    const auto kept = row(tables::rejected, inbound_row_key);
    BOOST_REQUIRE(kept.has_value());
    BOOST_TEST(kept->kind == domain::wire::kind_statement);
    BOOST_TEST(!kept->reason.empty());
    BOOST_CHECK(now_of().state == before.state);
    BOOST_TEST(now_of().receipt_count == before.receipt_count);
  }
  void check_believed(const domain::wire::statement& said, domain::dispatch_state comes_to) {
    BOOST_TEST(arrives(said).has_value());
    BOOST_TEST(rows(tables::inbound).size() == 0U);
    BOOST_TEST(rows(tables::rejected).size() == 0U);
    BOOST_CHECK(now_of().state == comes_to);
  }
};

}  // namespace elsec::capabilities::testing
