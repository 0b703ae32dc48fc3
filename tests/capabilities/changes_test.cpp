// Changes of what is there already: an organisation, a document, what an organisation may do.

#include "capabilities/documents/read_document.hpp"
#include "decisions/answers.hpp"
#include "domain/wire.hpp"
#include "tests/capabilities/clinics.hpp"

using namespace elsec;
using namespace elsec::capabilities;
using namespace elsec::capabilities::testing;

namespace {

struct changing : two_clinics {
  [[nodiscard]] std::string tag_of(std::string_view operation, const request& asked) const {
    const auto shown = show(operation, asked);
    BOOST_REQUIRE(shown.has_value());
    BOOST_TEST(shown->is_object);
    return etag_of(shown->body);
  }
  [[nodiscard]] std::vector<storage::audit_row> audited(const domain::principal& who) const {
    return rows(tables::audit, who.organisation_id.str());
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(change_organisation, changing)

BOOST_AUTO_TEST_CASE(what_is_named_changes_and_the_card_with_it) {
  const auto after = asked("update_organisation", {.who = one, .body = R"({"name":"Klinik Neustadt"})"});
  BOOST_TEST(text_at(after, "/name") == "Klinik Neustadt");
  BOOST_TEST(text_at(after, "/email") == "poststelle@klinik.example.org");
  BOOST_TEST(seen("get_organisation", {.who = one}) == after);
  BOOST_TEST(cards_by_id(read(), one.organisation_id)->front().name == "Klinik Neustadt");
  BOOST_TEST(text_at(seen("get_organisation", {.who = other}), "/name") == "Pflegeheim Lindenhof");
  BOOST_REQUIRE(audited(one).size() == 1U);
  BOOST_TEST(audited(one).front().action == "organisation.changed");
  BOOST_TEST(audited(one).front().actor == one.user_id->str());
}

BOOST_AUTO_TEST_CASE(R7_letters_may_go_elsewhere_than_to_the_seat) {
  const auto after = asked("update_organisation",
                           {.who = one,
                            .body = R"({"postal_address":{"po_box":"10 11","postal_code":"12301","city":"Musterstadt",)"
                                    R"("extra":["z. Hd. Poststelle"],"country":"Germany"}})"});
  BOOST_TEST(text_at(after, "/postal_address/po_box") == "10 11");
  BOOST_TEST(text_at(after, "/postal_address/extra/0") == "z. Hd. Poststelle");
  BOOST_TEST(!after.at("postal_address").as_object().contains("country"));
  BOOST_TEST(text_at(after, "/address/street") == "Am Alten Markt 1");
  BOOST_TEST(cards_by_id(read(), one.organisation_id)->front().postal_address->po_box->str() == "10 11");
}

BOOST_AUTO_TEST_CASE(null_removes_what_an_organisation_can_do_without) {
  const std::string all = R"({"postal_address":{"po_box":"10 11","postal_code":"12301","city":"Musterstadt"},)"
                          R"("phone":"+49 351 0000001","email":"post@klinik.example.org","vat_id":"DE000000000"})";
  BOOST_TEST(ask("update_organisation", {.who = one, .body = all}).has_value());
  for (const std::string member : {"postal_address", "phone", "email", "ik", "bsnr", "vat_id"}) {
    const auto after = asked("update_organisation", {.who = one, .body = R"({")" + member + R"(":null})"});
    BOOST_TEST(!after.as_object().contains(member), member);
    BOOST_TEST(seen("get_organisation", {.who = one}) == after);
  }
  BOOST_TEST(!cards_by_id(read(), one.organisation_id)->front().postal_address.has_value());
}

BOOST_AUTO_TEST_CASE(null_is_refused_for_what_an_organisation_always_has) {
  for (const std::string member : {"name", "sector", "employees", "address", "delivery"}) {
    const auto refused = ask("update_organisation", {.who = one, .body = R"({")" + member + R"(":null})"});
    BOOST_CHECK(code_of(refused) == error_code::invalid);
    BOOST_TEST(pointer_of(refused) == "/" + member);
  }
}

BOOST_AUTO_TEST_CASE(R7_an_address_where_nobody_can_live_is_not_taken) {
  const auto refused =
      ask("update_organisation",
          {.who = one, .body = R"({"postal_address":{"street":"unbekannt","postal_code":"12301","city":"M"}})"});
  BOOST_CHECK(code_of(refused) == error_code::invalid);
  BOOST_TEST(pointer_of(refused) == "/postal_address/street");
}

BOOST_AUTO_TEST_CASE(a_fresh_version_is_changed_and_a_stale_one_is_not) {
  request from{.who = one, .body = R"({"name":"Klinik Neustadt"})"};
  const auto fresh = tag_of("get_organisation", {.who = one});
  from.if_match = {{"something else", fresh}};
  BOOST_TEST(ask("update_organisation", from).has_value());
  from.body = R"({"name":"Klinik Altstadt"})";  // the version it names is the one before
  BOOST_CHECK(code_of(ask("update_organisation", from)) == error_code::stale);
  BOOST_TEST(text_at(seen("get_organisation", {.who = one}), "/name") == "Klinik Neustadt");
  from.if_match = {{tag_of("get_organisation", {.who = one})}};
  BOOST_TEST(ask("update_organisation", from).has_value());
  from.if_match = wanted_versions{std::vector<std::string>{}};
  BOOST_CHECK(code_of(ask("update_organisation", from)) == error_code::stale);
}

BOOST_AUTO_TEST_CASE(R15_electronic_delivery_needs_the_grant) {
  const request from{.who = one, .body = R"({"delivery":"electronic"})"};
  const auto refused = ask("update_organisation", from);
  BOOST_CHECK(code_of(refused) == error_code::verification_required);
  BOOST_TEST(pointer_of(refused) == "/delivery");
  take_part(one);
  BOOST_TEST(ask("update_organisation", from).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(grant_capabilities, changing)

BOOST_AUTO_TEST_CASE(R15_a_grant_changes_organisation_and_card_and_its_reason_is_kept) {
  const auto after = asked("grant_capabilities", {.parts = {{"id", one.organisation_id.str()}},
                                                  .body = R"({"receive":true,"reason":"Contract 17 checked"})"});
  BOOST_TEST(after.at_pointer("/capabilities/receive").as_bool());
  BOOST_TEST(text_at(after, "/delivery") == "electronic");
  const auto card = cards_by_id(read(), one.organisation_id)->front();
  BOOST_TEST(card.can_receive);
  BOOST_TEST(card.verified);
  BOOST_REQUIRE(audited(one).size() == 1U);
  const auto entry = audited(one).front();
  BOOST_TEST(entry.actor == "operator");
  BOOST_TEST(entry.action == "capabilities.changed");
  BOOST_TEST(entry.object == one.organisation_id.str());
  BOOST_TEST(entry.detail == "receive=true beds=false: Contract 17 checked");
  BOOST_CHECK(entry.at == now);
  BOOST_TEST(audited(other).size() == 0U);
}

BOOST_AUTO_TEST_CASE(R15_what_is_withdrawn_ends_electronic_delivery) {
  take_part(one);
  asked("grant_capabilities",
        {.parts = {{"id", one.organisation_id.str()}}, .body = R"({"receive":false,"reason":"Contract ended"})"});
  BOOST_TEST(!cards_by_id(read(), one.organisation_id)->front().can_receive);
  BOOST_TEST(audited(one).size() == 2U);
}

BOOST_AUTO_TEST_CASE(it_needs_a_reason_and_an_organisation_that_exists) {
  BOOST_CHECK(code_of(ask("grant_capabilities", {.parts = {{"id", one.organisation_id.str()}},
                                                 .body = R"({"receive":true})"})) == error_code::invalid);
  const auto nobody = crypto::new_id<domain::organisation_id>(now);
  BOOST_CHECK(code_of(ask("grant_capabilities",
                          {.parts = {{"id", nobody.str()}}, .body = R"({"receive":true,"reason":"checked"})"})) ==
              error_code::not_found);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(change_document, changing)

BOOST_AUTO_TEST_CASE(a_received_copy_is_marked_as_read_and_unread) {
  const auto copy = receive(one);
  BOOST_TEST(asked("update_document", about(one, copy.id, R"({"read":true})")).at("read").as_bool());
  BOOST_TEST(*row(tables::documents, storage::key_of(one.organisation_id, copy.id))->read);
  BOOST_TEST(!asked("update_document", about(one, copy.id, R"({"read":false})")).at("read").as_bool());
}

BOOST_AUTO_TEST_CASE(ones_own_upload_is_neither_read_nor_unread) {
  const auto refused = ask("update_document", about(one, upload(one).id, R"({"read":true})"));
  BOOST_CHECK(code_of(refused) == error_code::invalid);
  BOOST_TEST(pointer_of(refused) == "/read");
}

BOOST_AUTO_TEST_CASE(a_fresh_copy_is_changed_and_a_stale_one_is_not) {
  const auto copy = receive(one);
  auto from = about(one, copy.id, R"({"read":true})");
  from.if_match = {{tag_of("get_document", about(one, copy.id))}};
  BOOST_TEST(ask("update_document", from).has_value());
  from.body = R"({"read":false})";
  BOOST_CHECK(code_of(ask("update_document", from)) == error_code::stale);
  BOOST_TEST(*row(tables::documents, storage::key_of(one.organisation_id, copy.id))->read);
}

// Asking for what is so already is a change of nothing, but not of something one has not seen.
BOOST_AUTO_TEST_CASE(a_stale_version_is_told_even_if_nothing_would_change) {
  auto from = about(one, receive(one).id, R"({"read":false})");
  from.if_match = {{"another version"}};
  BOOST_CHECK(code_of(ask("update_document", from)) == error_code::stale);
}

BOOST_AUTO_TEST_CASE(what_is_so_already_is_written_no_second_time) {
  const auto copy = receive(one);
  const auto key = storage::key_of(one.organisation_id, copy.id);
  const auto before = with.store->changes_of(tables::documents.name, key);
  BOOST_TEST(ask("update_document", about(one, copy.id, R"({"read":false})")).has_value());
  BOOST_TEST(ask("update_document", about(one, copy.id, "{}")).has_value());
  BOOST_TEST(with.store->changes_of(tables::documents.name, key) == before);
}

BOOST_AUTO_TEST_CASE(R13_another_organisations_document_is_not_found) {
  const auto copy = receive(one);
  BOOST_CHECK(code_of(ask("update_document", about(other, copy.id, R"({"read":true})"))) == error_code::not_found);
  BOOST_CHECK(code_of(show("get_document", about(other, copy.id))) == error_code::not_found);
  BOOST_CHECK(code_of(ask("download_document", about(other, copy.id))) == error_code::not_found);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(collect_document, changing)

BOOST_AUTO_TEST_CASE(G1_the_first_look_is_on_record_and_told_to_the_sender_once) {
  const auto copy = receive(one);
  BOOST_TEST(ask("download_document", about(one, copy.id)).has_value());
  BOOST_TEST(ask("download_document", about(one, copy.id)).has_value());
  const auto receipts = rows(tables::receipts, one.organisation_id.str());
  BOOST_TEST(std::ranges::count(receipts, domain::receipt_kind::collected, &domain::receipt::kind) == 1);
  const auto sent = rows(tables::outbox);
  BOOST_REQUIRE(sent.size() == 1U);
  const auto statement = codec::from_cbor<domain::wire::statement>(sent.front().body);
  BOOST_REQUIRE(statement.has_value());
  BOOST_CHECK(statement->verdict == domain::wire::verdict::collected);
  BOOST_TEST(statement->document.str() == copy.origin_document.str());
  BOOST_TEST(
      verify_statement(with, "node1", statement->jws, *copy.dispatch_id, copy.sha256, domain::receipt_kind::collected)
          .has_value());
}

// Its dispatch is collected with the document it was sent along with.
BOOST_AUTO_TEST_CASE(G1_the_first_look_at_an_attachment_is_on_record_and_told_to_nobody) {
  auto copy = receive(one);
  copy.attachment_of = receive(one).id;
  storage::change_set changes;
  changes.put(tables::documents, storage::key_of(one.organisation_id, copy.id), copy);
  commit(changes);
  BOOST_TEST(ask("download_document", about(one, copy.id)).has_value());
  const auto receipts = rows(tables::receipts, one.organisation_id.str());
  BOOST_TEST(std::ranges::count(receipts, domain::receipt_kind::collected, &domain::receipt::kind) == 1);
  BOOST_TEST(row(tables::documents, storage::key_of(one.organisation_id, copy.id))->collected);
  BOOST_TEST(rows(tables::outbox).empty());
}

BOOST_AUTO_TEST_CASE(G1_what_has_gone_out_whole_is_on_record_and_told_to_the_sender_once) {
  const auto copy = receive(one);
  const auto read_bytes = [&](std::uint64_t first, std::uint64_t end) {
    BOOST_TEST(
        perform(make_command<capabilities::read_document>(about(one, copy.id), copy.id, first, end)).has_value());
  };
  const auto complete = [&] {
    return std::ranges::count(rows(tables::receipts, one.organisation_id.str()), domain::receipt_kind::read_completely,
                              &domain::receipt::kind);
  };
  BOOST_TEST(ask("download_document", about(one, copy.id)).has_value());
  read_bytes(0, 1);
  read_bytes(2, copy.size);
  BOOST_TEST(complete() == 0);
  BOOST_TEST(rows(tables::outbox).size() == 1U);  // that it was collected
  read_bytes(1, copy.size);
  read_bytes(0, copy.size);
  BOOST_TEST(complete() == 1);
  const auto sent = rows(tables::outbox);
  BOOST_REQUIRE(sent.size() == 2U);
  const auto statement = codec::from_cbor<domain::wire::statement>(sent.back().body);
  BOOST_REQUIRE(statement.has_value());
  BOOST_CHECK(statement->verdict == domain::wire::verdict::read_completely);
}

BOOST_AUTO_TEST_CASE(ones_own_upload_is_looked_at_without_a_word) {
  BOOST_TEST(ask("download_document", about(one, upload(one).id)).has_value());
  BOOST_TEST(rows(tables::outbox).size() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
