// R7, G1: what goes by post, and what cannot.

#include "tests/system/files.hpp"
#include "tests/system/tenant.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <filesystem>

namespace elsec::system_test {
namespace {

struct letter_writers {
  letter_writers() {
    receiver.grant_receive();
    receiver.wait_until_known_to(sender, true);
    absent.wait_until_known_to(sender, false);
  }
  tenant sender{first()};
  tenant receiver{second()};
  tenant absent{second()};
};

const letter_writers& writers() {
  static const letter_writers them;
  return them;
}

boost::json::value ticket_of(const std::string& letter) {
  const auto file = fmt::format("{}/{}.json", first().spool, letter);
  eventually("the letter's ticket", [&] { return std::filesystem::exists(file); });
  BOOST_TEST(std::filesystem::exists(fmt::format("{}/{}.pdf", first().spool, letter)));
  return answer{200, {}, read_file(file)}.json();
}

// What the print room does with a letter it has printed.
void print(const std::string& letter) {
  const std::filesystem::path spool(first().spool);
  for (const auto* kind : {".pdf", ".json"})
    std::filesystem::rename(spool / (letter + kind), spool / "done" / (letter + kind));
}

// The dispatch is accepted, whether the file was looked at before or not, and fails later.
void check_fails_by_post(const std::string& file, std::string_view type) {
  const auto& sender = writers().sender;
  const auto id = sender.dispatched(sender.uploaded(file, type), to_person());
  sender.wait_for_state(id, "failed");
  BOOST_TEST(!sender.get("/dispatches/" + id).at("/reason").empty());
  BOOST_TEST(sender.events("dispatch.updated", id, "failed") == 1U);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(letters)

BOOST_AUTO_TEST_CASE(r7_who_does_not_take_part_gets_a_letter_at_its_registered_address) {
  const auto& [sender, receiver, absent] = writers();
  const auto accepted = sender.dispatch(sender.uploaded(pdf("to the absent", 2)), to(absent));
  BOOST_TEST(accepted.status == 202U);
  BOOST_TEST(accepted.at("/dispatches/0/route") == "post");
  const auto letter = sender.letter_of(accepted.at("/dispatches/0/id"));
  const auto ticket = ticket_of(letter);
  BOOST_TEST(ticket.at("pages").as_int64() == 3);
  BOOST_TEST((boost::json::serialize(ticket.at("recipient")).find("Am Markt 1") != std::string::npos));
}

BOOST_AUTO_TEST_CASE(r7_a_person_with_an_address_gets_a_letter_and_printing_it_makes_it_sent) {
  const auto& [sender, receiver, absent] = writers();
  const auto id = sender.dispatched(sender.uploaded(pdf("to a person")), to_person("Erika Probe"));
  const auto letter = sender.letter_of(id);
  const auto ticket = ticket_of(letter);
  BOOST_TEST((boost::json::serialize(ticket.at("recipient")).find("Erika Probe") != std::string::npos));
  BOOST_TEST(ticket.at("pdf_sha256").as_string() ==
             sha256_hex(read_file(fmt::format("{}/{}.pdf", first().spool, letter))));
  sender.wait_for_state(id, "posted");
  print(letter);
  sender.wait_for_state(id, "sent");
  BOOST_TEST(sender.get("/letters/" + letter).at("/state") == "sent");
  eventually("the print room's files to go", [&] {
    return !std::filesystem::exists(fmt::format("{}/done/{}.pdf", first().spool, letter)) &&
           !std::filesystem::exists(fmt::format("{}/done/{}.json", first().spool, letter));
  });
}

BOOST_AUTO_TEST_CASE(r7_post_only_sends_a_letter_even_to_one_who_takes_part) {
  const auto& [sender, receiver, absent] = writers();
  const auto accepted = sender.dispatch(sender.uploaded(pdf("on paper")), to(receiver), R"("route":"post_only")");
  BOOST_TEST(accepted.status == 202U);
  BOOST_TEST(accepted.at("/dispatches/0/route") == "post");
  const auto id = accepted.at("/dispatches/0/id");
  ticket_of(sender.letter_of(id));
  BOOST_TEST(receiver.copies_of(id) == 0U);
}

BOOST_AUTO_TEST_CASE(g1_a_truncated_pdf_fails_by_post_with_a_reason_and_the_sender_is_told) {
  check_fails_by_post(truncated_pdf(), "application/pdf");
}

BOOST_AUTO_TEST_CASE(g1_a_damaged_pdf_fails_by_post_with_a_reason_and_the_sender_is_told) {
  check_fails_by_post(damaged_pdf(), "application/pdf");
}

BOOST_AUTO_TEST_CASE(g1_what_is_no_pdf_fails_by_post_with_a_reason_and_the_sender_is_told) {
  check_fails_by_post(noise(2'000), "application/octet-stream");
  check_fails_by_post("Nur Text.\n", "text/plain");
}

BOOST_AUTO_TEST_CASE(r7_a_letter_is_listed_and_leaves_receipts) {
  const auto& sender = writers().sender;
  const auto document = sender.uploaded(pdf("listed"));
  const auto id = sender.dispatched(document, to_person());
  const auto letter = sender.letter_of(id);
  ticket_of(letter);
  const auto listed = sender.get("/letters?limit=500").body;
  BOOST_TEST((listed.find(letter) != std::string::npos));
  BOOST_TEST(sender.get("/letters/" + letter).at("/dispatch_id") == id);
  BOOST_TEST(sender.count(fmt::format("/documents/{}/receipts", document)) > 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::system_test
