// R2, R7: a document goes from one organisation to another, electronically, on one node and between two.

#include "tests/system/files.hpp"
#include "tests/system/tenant.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

namespace elsec::system_test {
namespace {

constexpr std::size_t five_megabytes = 5'000'000;

// Registered once for all cases: signing up is costly on purpose.
struct people {
  people() {
    neighbour.grant_receive();
    receiver.grant_receive();
    receiver.wait_until_known_to(sender, true);
    neighbour.wait_until_known_to(sender, true);
    absent.wait_until_known_to(sender, false);
  }
  tenant sender{first(), "260326822"};
  tenant neighbour{first()};
  tenant receiver{second()};
  tenant absent{second()};
};

const people& everyone() {
  static const people them;
  return them;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(delivery)

BOOST_AUTO_TEST_CASE(r2_a_document_reaches_the_other_node_byte_for_byte_and_both_sides_see_it) {
  const auto& [sender, neighbour, receiver, absent] = everyone();
  const auto letter = pdf("discharge letter", 3);
  const auto id = sender.dispatched(sender.uploaded(letter), to(receiver), R"("message":"Gruß","case_ref":"F-1")");
  const auto copy = receiver.copy_of(id);
  const auto record = receiver.get("/documents/" + copy);
  BOOST_TEST(record.at("/subject") == "Entlassungsbrief");
  BOOST_TEST(record.at("/message") == "Gruß");
  BOOST_TEST(record.at("/case_ref") == "F-1");
  BOOST_TEST(record.at("/from/organisation_id") == sender.organisation_id);
  BOOST_TEST(record.at("/sha256") == sha256_hex(letter));
  BOOST_TEST(record.at("/read") == "false");
  sender.wait_for_state(id, "delivered");
  BOOST_TEST(receiver.content(copy).body == letter);
  sender.wait_for_state(id, "collected");
  BOOST_TEST(receiver.events("document.received", id) == 1U);
}

BOOST_AUTO_TEST_CASE(r2_five_megabytes_arrive_unchanged_and_every_range_of_them_is_right) {
  const auto& [sender, neighbour, receiver, absent] = everyone();
  const auto bytes = noise(five_megabytes);
  const auto id = sender.dispatched(sender.uploaded(bytes, "application/octet-stream"), to(receiver));
  const auto copy = receiver.copy_of(id);
  BOOST_TEST((receiver.content(copy).body == bytes));
  const auto middle = receiver.content(copy, {{"Range", "bytes=1048570-2097159"}});
  BOOST_TEST(middle.status == 206U);
  BOOST_TEST(middle.header("Content-Range").value_or("") == "bytes 1048570-2097159/5000000");
  BOOST_TEST((middle.body == bytes.substr(1'048'570, 1'048'590)));
  const auto tail = receiver.content(copy, {{"Range", "bytes=-7"}});
  BOOST_TEST(tail.status == 206U);
  BOOST_TEST((tail.body == bytes.substr(five_megabytes - 7)));
  const auto rest = receiver.content(copy, {{"Range", "bytes=4999999-"}});
  BOOST_TEST((rest.body == bytes.substr(five_megabytes - 1)));
  const auto beyond = receiver.content(copy, {{"Range", "bytes=5000000-"}});
  BOOST_TEST(beyond.status == 416U);
  BOOST_TEST(beyond.header("Content-Range").value_or("") == "bytes */5000000");
}

BOOST_AUTO_TEST_CASE(r2_content_is_answered_as_a_download_with_its_hash_as_entity_tag) {
  const auto& sender = everyone().sender;
  const auto letter = pdf("entity tag");
  const auto document = sender.uploaded(letter);
  const auto tag = fmt::format("\"{}\"", sha256_hex(letter));
  const auto whole = sender.content(document);
  BOOST_TEST(whole.header("ETag").value_or("") == tag);
  BOOST_TEST(whole.header("Content-Disposition").value_or("").starts_with("attachment"));
  BOOST_TEST(sender.content(document, {{"If-None-Match", tag}}).status == 304U);
  const auto head = sender.send("HEAD", fmt::format("/documents/{}/content", document));
  BOOST_TEST(head.status == 200U);
  BOOST_TEST(head.header("Content-Length").value_or("") == std::to_string(letter.size()));
}

BOOST_AUTO_TEST_CASE(r2_a_document_reaches_an_organisation_of_the_same_node) {
  const auto& [sender, neighbour, receiver, absent] = everyone();
  const auto letter = pdf("next door");
  const auto id = sender.dispatched(sender.uploaded(letter), to(neighbour));
  BOOST_TEST(neighbour.content(neighbour.copy_of(id)).body == letter);
  sender.wait_for_state(id, "collected");
  BOOST_TEST(neighbour.copies_of(id) == 1U);
}

BOOST_AUTO_TEST_CASE(r2_delivered_comes_before_collected_and_looking_at_the_head_does_not_collect) {
  const auto& [sender, neighbour, receiver, absent] = everyone();
  const auto id = sender.dispatched(sender.uploaded(pdf("order")), to(receiver));
  const auto copy = receiver.copy_of(id);
  sender.wait_for_state(id, "delivered");
  BOOST_TEST(receiver.send("HEAD", fmt::format("/documents/{}/content", copy)).status == 200U);
  BOOST_TEST(sender.timeline(id) == "accepted in_transit delivered");
  BOOST_TEST(receiver.content(copy, {{"Range", "bytes=0-0"}}).status == 206U);
  sender.wait_for_state(id, "collected");
  BOOST_TEST(sender.timeline(id) == "accepted in_transit delivered collected");
  BOOST_TEST(receiver.content(copy).status == 200U);
  eventually("the complete read to be known",
             [&] { return sender.get("/dispatches/" + id).at("/timeline/4/detail") == "read_completely"; });
  BOOST_TEST(sender.events("dispatch.updated", id, "delivered") == 1U);
  BOOST_TEST(sender.events("dispatch.updated", id, "collected") == 1U);
}

BOOST_AUTO_TEST_CASE(r2_attachments_arrive_with_the_document_and_are_listed_with_it) {
  const auto& [sender, neighbour, receiver, absent] = everyone();
  const auto image = noise(70'000, 7);
  const auto report = pdf("report");
  const auto more = fmt::format(R"("attachments":["{}","{}"])", sender.uploaded(image, "application/octet-stream"),
                                sender.uploaded(report));
  const auto id = sender.dispatched(sender.uploaded(pdf("main")), to(receiver), more);
  const auto record = receiver.get("/documents/" + receiver.copy_of(id));
  BOOST_TEST(record.at("/attachments/0/sha256") == sha256_hex(image));
  BOOST_TEST(record.at("/attachments/1/sha256") == sha256_hex(report));
  BOOST_TEST((receiver.content(record.at("/attachments/0/id")).body == image));
  BOOST_TEST(receiver.content(record.at("/attachments/1/id")).body == report);
}

BOOST_AUTO_TEST_CASE(r2_a_recipient_is_found_by_its_ik_when_it_takes_part) {
  const auto& sender = everyone().sender;
  const tenant reachable(second(), "260326811");
  reachable.grant_receive();
  reachable.wait_until_known_to(sender, true);
  const auto accepted = sender.dispatch(sender.uploaded(pdf("by ik")), R"({"ik":"260326811"})");
  BOOST_TEST(accepted.status == 202U);
  BOOST_TEST(accepted.at("/dispatches/0/recipient/organisation_id") == reachable.organisation_id);
  BOOST_TEST(accepted.at("/dispatches/0/route") == "electronic");
}

BOOST_AUTO_TEST_CASE(r2_an_ik_of_several_organisations_is_ambiguous_and_nothing_is_sent) {
  const auto& sender = everyone().sender;
  const tenant one(second(), "260326833");
  const tenant other(second(), "260326833");
  for (const auto* each : {&one, &other}) {
    each->grant_receive();
    each->wait_until_known_to(sender, true);
  }
  const auto document = sender.uploaded(pdf("ambiguous"));
  const auto refused = sender.dispatch(document, R"({"ik":"260326833"})");
  BOOST_TEST(refused.status == 422U);
  BOOST_TEST(refused.at("/code") == "recipient_ambiguous");
  BOOST_TEST((refused.body.find(one.organisation_id) != std::string::npos));
  BOOST_TEST((refused.body.find(other.organisation_id) != std::string::npos));
  BOOST_TEST(sender.count(fmt::format("/documents/{}/dispatches", document)) == 0U);
}

BOOST_AUTO_TEST_CASE(r2_electronic_only_to_one_who_does_not_take_part_is_refused) {
  const auto& [sender, neighbour, receiver, absent] = everyone();
  const auto document = sender.uploaded(pdf("electronic only"));
  const auto refused = sender.dispatch(document, to(absent), R"("route":"electronic_only")");
  BOOST_TEST(refused.status == 422U);
  BOOST_TEST(refused.at("/code") == "recipient_not_electronic");
  BOOST_TEST(sender.dispatch(document, to_person(), R"("route":"electronic_only")").status == 422U);
  BOOST_TEST(sender.count(fmt::format("/documents/{}/dispatches", document)) == 0U);
}

BOOST_AUTO_TEST_CASE(r2_one_bad_recipient_among_good_ones_means_that_nothing_is_sent) {
  const auto& [sender, neighbour, receiver, absent] = everyone();
  const auto document = sender.uploaded(pdf("all or nothing"));
  const auto recipients = to(receiver) + "," + to_person() + R"(,{"organisation_id":"org_01ARZ3NDEKTSV4RRFFQ69G5FAV"})";
  const auto refused = sender.dispatch(document, recipients);
  BOOST_TEST(refused.status == 422U);
  BOOST_TEST(refused.problem().starts_with("recipient_unknown /recipients/2"));
  BOOST_TEST(sender.count(fmt::format("/documents/{}/dispatches", document)) == 0U);
  BOOST_TEST(sender.get("/documents/" + document).at("/state") == "draft");
}

BOOST_AUTO_TEST_CASE(r2_several_recipients_are_answered_in_their_order) {
  const auto& [sender, neighbour, receiver, absent] = everyone();
  const auto recipients = to_person() + "," + to(receiver) + "," + to(absent) + "," + to(neighbour);
  const auto accepted = sender.dispatch(sender.uploaded(pdf("four")), recipients);
  BOOST_TEST(accepted.status == 202U);
  BOOST_TEST(accepted.at("/dispatches/0/route") == "post");
  BOOST_TEST(accepted.at("/dispatches/1/recipient/organisation_id") == receiver.organisation_id);
  BOOST_TEST(accepted.at("/dispatches/2/route") == "post");
  BOOST_TEST(accepted.at("/dispatches/2/recipient/organisation_id") == absent.organisation_id);
  BOOST_TEST(accepted.at("/dispatches/3/route") == "electronic");
}

BOOST_AUTO_TEST_CASE(r2_reading_marks_are_kept) {
  const auto& [sender, neighbour, receiver, absent] = everyone();
  const auto copy = receiver.copy_of(sender.dispatched(sender.uploaded(pdf("mark")), to(receiver)));
  BOOST_TEST(receiver.send("PATCH", "/documents/" + copy, R"({"read":true})").at("/read") == "true");
  BOOST_TEST(receiver.get("/documents/" + copy).at("/read") == "true");
  const auto unread = receiver.get("/documents?box=inbox&unread=true&limit=500");
  BOOST_TEST(unread.status == 200U);
  BOOST_TEST((unread.body.find(copy) == std::string::npos));
  BOOST_TEST(receiver.send("PATCH", "/documents/" + copy, R"({"read":false})").at("/read") == "false");
}

BOOST_AUTO_TEST_CASE(r2_a_dispatch_leaves_receipts_for_both_sides) {
  const auto& [sender, neighbour, receiver, absent] = everyone();
  const auto document = sender.uploaded(pdf("receipts"));
  const auto id = sender.dispatched(document, to(receiver));
  const auto copy = receiver.copy_of(id);
  BOOST_TEST(receiver.content(copy).status == 200U);
  sender.wait_for_state(id, "collected");
  std::string kinds;
  const auto receipts = sender.get(fmt::format("/documents/{}/receipts", document)).json();
  for (const auto& each : receipts.at("items").as_array()) {
    kinds += std::string(each.at("kind").as_string()) + " ";
    BOOST_TEST(!each.at("jws").as_string().empty());
    const auto shown = sender.get("/receipts/" + std::string(each.at("id").as_string()));
    BOOST_TEST(shown.json() == each);
  }
  BOOST_TEST((kinds.find("delivered collected") != std::string::npos), kinds);
  BOOST_TEST(receiver.count(fmt::format("/documents/{}/receipts", copy)) > 0U);
}

BOOST_AUTO_TEST_CASE(r2_a_repeated_client_ref_answers_the_first_dispatch_and_another_request_is_refused) {
  const auto& [sender, neighbour, receiver, absent] = everyone();
  const auto document = sender.uploaded(pdf("client ref"));
  const auto id = sender.dispatched(document, to(receiver), R"("client_ref":"once")");
  BOOST_TEST(sender.dispatched(document, to(receiver), R"("client_ref":"once")") == id);
  const auto other = sender.dispatch(document, to(neighbour), R"("client_ref":"once")");
  BOOST_TEST(other.status == 409U);
  BOOST_TEST(other.at("/code") == "key_reused");
  BOOST_TEST(sender.count("/dispatches?client_ref=once") == 1U);
  BOOST_TEST(receiver.copies_of(id) <= 1U);
}

BOOST_AUTO_TEST_CASE(r2_the_event_stream_tells_of_an_arrival_at_once_and_resumes_without_a_gap) {
  const auto& [sender, neighbour, receiver, absent] = everyone();
  connection stream(receiver.home.https);
  stream.send(bytes_of({"GET", "/api/v1/events", {{"Authorization", "Bearer " + receiver.token}}, {}}));
  BOOST_TEST(stream.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
  const auto id = sender.dispatched(sender.uploaded(pdf("stream")), to(receiver));
  const auto heard = stream.read_until("\"dispatch_id\":\"" + id + "\"");
  BOOST_TEST((heard.find("event: document.received") != std::string::npos));
  const auto id_line = heard.rfind("id: ");
  const auto position = std::stoul(heard.substr(id_line + 4));
  connection resumed(receiver.home.https);
  resumed.send(
      bytes_of({"GET",
                "/api/v1/events",
                {{"Authorization", "Bearer " + receiver.token}, {"Last-Event-ID", std::to_string(position - 1)}},
                {}}));
  BOOST_TEST((resumed.read_until(id).find("event: gap") == std::string::npos));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::system_test
