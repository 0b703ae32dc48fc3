// R2, R19: a node that is killed loses nothing it has answered for, and nothing happens twice.

#include "tests/system/files.hpp"
#include "tests/system/tenant.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <csignal>
#include <filesystem>

namespace elsec::system_test {
namespace {

struct people {
  people() {
    receiver.grant_receive();
    receiver.wait_until_known_to(sender, true);
  }
  tenant sender{first()};
  tenant receiver{second()};
};

const people& everyone() {
  static const people them;
  return them;
}

constexpr std::size_t several_chunks = 3'000'000;

// Letters of this dispatch that lie in the spool.
std::size_t letters_in_spool(const std::string& letter) {
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(first().spool))
    if (entry.path().filename() == letter + ".json") ++found;
  return found;
}

std::string upload_head(const tenant& who, std::size_t bytes) {
  return fmt::format(
      "POST /api/v1/documents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n"
      "Content-Type: application/octet-stream\r\nElsec-Filename: a.bin\r\n"
      "Content-Length: {}\r\n\r\n",
      who.token, bytes);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(crash)

BOOST_AUTO_TEST_CASE(r2_a_dispatch_to_a_node_that_is_down_is_accepted_and_arrives_exactly_once) {
  const auto& [sender, receiver] = everyone();
  const auto bytes = noise(several_chunks);
  const auto document = sender.uploaded(bytes, "application/octet-stream");
  nodes().kill(2);
  const auto id = sender.dispatched(document, to(receiver));
  BOOST_TEST(sender.timeline(id).find("delivered") == std::string::npos);
  nodes().start(2);
  const auto copy = receiver.copy_of(id);
  BOOST_TEST((receiver.content(copy).body == bytes));
  sender.wait_for_state(id, "collected");
  BOOST_TEST(receiver.copies_of(id) == 1U);
  BOOST_TEST(receiver.events("document.received", id) == 1U);
  BOOST_TEST(sender.timeline(id).starts_with("accepted in_transit delivered collected"));
}

BOOST_AUTO_TEST_CASE(r2_a_dispatch_survives_the_death_of_its_node_right_after_202) {
  const auto& [sender, receiver] = everyone();
  const auto letter = pdf("kill the sender", 2);
  const auto document = sender.uploaded(letter);
  const auto id = sender.dispatched(document, to(receiver));
  nodes().kill(1);
  nodes().start(1);
  const auto copy = receiver.copy_of(id);
  BOOST_TEST(receiver.content(copy).body == letter);
  sender.wait_for_state(id, "collected");
  BOOST_TEST(receiver.copies_of(id) == 1U);
  BOOST_TEST(receiver.events("document.received", id) == 1U);
}

BOOST_AUTO_TEST_CASE(r2_a_large_transfer_goes_on_after_the_receiver_died_in_the_middle) {
  const auto& [sender, receiver] = everyone();
  constexpr std::size_t long_transfer = 40'000'000;
  const auto bytes = noise(long_transfer, 3);
  const auto document = sender.uploaded(bytes, "application/octet-stream");
  const auto id = sender.dispatched(document, to(receiver));
  nodes().kill(2);
  nodes().start(2);
  BOOST_TEST((receiver.content(receiver.copy_of(id)).body == bytes));
  BOOST_TEST(receiver.copies_of(id) == 1U);
  sender.wait_for_state(id, "collected");
}

BOOST_AUTO_TEST_CASE(r7_a_letter_is_made_exactly_once_across_the_death_of_its_node) {
  const auto& sender = everyone().sender;
  const auto id = sender.dispatched(sender.uploaded(pdf("one letter")), to_person());
  nodes().kill(1);
  nodes().start(1);
  const auto letter = sender.letter_of(id);
  sender.wait_for_state(id, "posted");
  nodes().kill(1);
  nodes().start(1);
  BOOST_TEST(letters_in_spool(letter) == 1U);
  std::size_t letters = 0;
  const auto listed = sender.get("/letters?limit=500").json();
  for (const auto& each : listed.at("items").as_array())
    if (each.at("dispatch_id").as_string() == id) ++letters;
  BOOST_TEST(letters == 1U);
  BOOST_TEST(sender.timeline(id) == "accepted posted");
  BOOST_TEST(sender.events("dispatch.updated", id, "posted") == 1U);
}

BOOST_AUTO_TEST_CASE(r19_sessions_tokens_documents_and_marks_outlive_a_restart) {
  const auto& [sender, receiver] = everyone();
  const auto letter = pdf("kept");
  const auto document = sender.uploaded(letter);
  const auto made = sender.send("POST", "/api-tokens", R"({"name":"machine","scopes":["documents:read"]})");
  BOOST_REQUIRE(made.status == 201);
  const auto before = sender.get("/documents/" + document).at("/sha256");
  nodes().kill(1);
  nodes().start(1);
  BOOST_TEST(sender.get("/users/me").status == 200U);
  BOOST_TEST(sender.get("/documents/" + document).at("/sha256") == before);
  BOOST_TEST(sender.content(document).body == letter);
  const request by_token{
      "GET", "/api/v1/documents/" + document, {{"Authorization", "Bearer " + made.at("/token")}}, {}};
  BOOST_TEST(exchange(first().https, by_token).status == 200U);
}

BOOST_AUTO_TEST_CASE(r19_an_upload_that_the_death_of_the_node_cut_off_leaves_nothing) {
  const auto& sender = everyone().sender;
  const auto documents = sender.count("/documents?limit=500");
  connection upload(first().https);
  upload.send(upload_head(sender, 3'000'000));
  upload.send(noise(2'000'000));
  nodes().kill(1);
  nodes().start(1);
  BOOST_TEST(sender.count("/documents?limit=500") == documents);
}

BOOST_AUTO_TEST_CASE(r19_a_node_that_stops_refuses_an_upload_in_full_flow_and_ends_in_order) {
  const auto& sender = everyone().sender;
  const auto documents = sender.count("/documents?limit=500");
  const auto logged = read_file(first().log_file).size();
  const auto since = [&] { return read_file(first().log_file).substr(logged); };
  const auto pid = first().pid();
  connection upload(first().https);
  upload.send(upload_head(sender, 900'000'000));
  upload.send(noise(3'000'000));
  BOOST_REQUIRE(::kill(pid, SIGTERM) == 0);
  eventually("the node is stopping", [] { return first().ask_operator("GET", "/ready").status != 200; });
  upload.send(noise(3'000'000));
  const auto refused = upload.receive("POST");
  BOOST_TEST(refused.status == 503U, refused.body);
  BOOST_TEST(refused.problem() == "overloaded");
  eventually("the node has ended", [&] { return !std::filesystem::exists(fmt::format("/proc/{}/exe", pid)); });
  BOOST_TEST(since().contains(" info stopped"), since());
  BOOST_TEST(!since().contains("took too long"), since());
  BOOST_TEST(!since().contains(" error "), since());
  nodes().start(1);
  BOOST_TEST(sender.count("/documents?limit=500") == documents);
}

BOOST_AUTO_TEST_CASE(r19_a_repeat_after_a_restart_is_answered_like_the_first_time) {
  const auto& [sender, receiver] = everyone();
  const auto document = sender.uploaded(pdf("repeat"));
  const auto path = fmt::format("/documents/{}/dispatches", document);
  const auto body = fmt::format(R"({{"recipients":[{}],"subject":"Noch einmal"}})", to(receiver));
  const header_list key{{"Idempotency-Key", "across-restart"}};
  const auto once = sender.send("POST", path, body, key);
  BOOST_TEST(once.status == 202U);
  nodes().kill(1);
  nodes().start(1);
  const auto again = sender.send("POST", path, body, key);
  BOOST_TEST(again.status == 202U);
  BOOST_TEST(again.body == once.body);
  BOOST_TEST(sender.count(path) == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::system_test
