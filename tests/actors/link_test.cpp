// What a link sends, and what it does when the disk does not give what it should send.

#include "actors/link.hpp"

#include "decisions/outbox.hpp"
#include "tests/actors/commands.hpp"

namespace elsec::actors::testing {
namespace {

namespace tables = storage::tables;

constexpr auto kind_letter = "letter";  // built when it is sent

// What building gives for the row with this body; anything else is built.
std::map<std::string, error_code> cannot_be_built;
std::vector<std::string> given_up;
std::vector<std::string> unanswered;

std::string text_of(const domain::bytes& body) { return {body.begin(), body.end()}; }

domain::result<domain::bytes> build_letter(const storage::snapshot&, const storage::outbox_row& row) {
  const auto found = cannot_be_built.find(text_of(row.body));
  if (found != cannot_be_built.end()) return domain::fail(found->second);
  return row.body;
}

domain::result<shared_command> letter_lost(const storage::outbox_row& row, const std::string&) {
  return as_command(that([words = text_of(row.body)](const facts&) {
    given_up.push_back(words);
    return ruling{};
  }));
}

domain::result<shared_command> letter_unanswered(const storage::snapshot&, const storage::outbox_row& row) {
  if (std::ranges::find(unanswered, text_of(row.body)) == unanswered.end()) return shared_command();
  return letter_lost(row, {});
}

domain::result<shared_command> letter_received(const received_envelope& envelope) {
  return as_command(that([envelope, row = envelope.row](const facts&) {
    storage::change_set changes;
    changes.erase(tables::inbound, row);
    return ruling{.changes = std::move(changes)};
  }));
}

struct one_link : stage {
  one_link() {
    cannot_be_built.clear();
    given_up.clear();
    open().registry.wire_kinds = {{.name = kind_letter,
                                   .in_every_version = true,
                                   .received = &letter_received,
                                   .build = &build_letter,
                                   .lost = &letter_lost}};
    open().send = [this](const std::string&, const transport::envelope& envelope) {
      if (envelope.header.sequence > 0) last_id = envelope.header.id;
      if (envelope.header.kind == wire::kind_hello) epoch = envelope.header.epoch;
      if (envelope.header.sequence > 0)
        sent.push_back(envelope.header.kind == kind_letter ? text_of(envelope.body) : envelope.header.kind);
      return transport::sent::queued;
    };
  }
  link_actor link_to(const std::string& peer) {
    auto made = spawn(link, with(), peer);
    tell(made, start_atom_v);
    tell(made, link_atom_v, true);
    return made;
  }
  void send(const std::string& peer, const std::string& words) {
    storage::change_set changes;
    send_envelope(changes, open(), peer, kind_letter, {words.begin(), words.end()});
    commit(changes);
  }
  void hear_hello(const link_actor& from) {
    const wire::hello hello{.epoch = std::string(32, 'a')};
    transport::envelope envelope{.header = {.kind = wire::kind_hello}, .body = codec::to_cbor(hello)};
    tell(from, std::make_shared<const transport::envelope>(std::move(envelope)));
  }
  void acknowledge(const link_actor& by) {
    transport::envelope envelope{.header = {.kind = wire::kind_ack},
                                 .body = codec::to_cbor(wire::ack{epoch, sent.size(), last_id})};
    tell(by, std::make_shared<const transport::envelope>(std::move(envelope)));
  }
  [[nodiscard]] storage::outbox_row first_row(const std::string& peer) const {
    const auto row = read().get(tables::outbox, storage::key_of(peer, '\0', storage::big_endian(1)));
    BOOST_REQUIRE((row && *row));
    return **row;
  }
  [[nodiscard]] std::size_t rows(const std::string& peer) const {
    std::size_t count = 0;
    (void)read().scan_keys(tables::outbox.name, storage::key_of(peer, '\0'), {}, storage::direction::forward,
                           [&](std::string_view) { return ++count > 0; });
    return count;
  }
  [[nodiscard]] std::string words() const {
    std::string all;
    for (const auto& each : sent) all += (all.empty() ? "" : " ") + each;
    return all;
  }

  std::vector<std::string> sent;
  std::string last_id;
  std::string epoch;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sending, one_link)

BOOST_AUTO_TEST_CASE(what_is_gone_goes_as_nothing_and_keeps_the_sequence_whole) {
  cannot_be_built = {{"two", error_code::not_found}};
  for (const auto* each : {"one", "two", "three"}) send("node2", each);
  hear_hello(link_to("node2"));
  BOOST_TEST(words() == "one nothing three");
  BOOST_TEST(given_up.empty());
}

// Whoever has applied nothing under a number has not applied what an older copy of this node's data means by it.
BOOST_AUTO_TEST_CASE(R19_what_goes_as_nothing_has_an_id_of_its_own_on_disk) {
  cannot_be_built = {{"one", error_code::not_found}};
  send("node2", "one");
  const auto before = first_row("node2");
  hear_hello(link_to("node2"));
  BOOST_TEST(words() == "nothing");
  const auto after = first_row("node2");
  BOOST_TEST(after.id != before.id);
  BOOST_TEST(after.id == last_id);
  BOOST_TEST(after.kind == wire::kind_nothing);
}

BOOST_AUTO_TEST_CASE(G1_what_the_peer_never_answered_is_ended_before_its_row_goes) {
  open().registry.wire_kinds[0].unanswered = &letter_unanswered;
  send("node2", "one");
  const auto it = link_to("node2");
  hear_hello(it);
  acknowledge(it);
  unanswered = {"one"};
  pass_in_steps(open().policy.retention.after_dispatch + std::chrono::hours(1), 2);
  BOOST_REQUIRE(!given_up.empty());
  BOOST_TEST(given_up.front() == "one");
  BOOST_TEST(rows("node2") == 1U);
  unanswered.clear();
  pass_in_steps(outbox_trim_interval, 2);
  BOOST_TEST(rows("node2") == 0U);
}

BOOST_AUTO_TEST_CASE(however_many_rows_no_peer_can_ask_for_any_more_go_without_waiting_for_a_tick) {
  for (std::size_t i = 0; i < 3 * outbox_trim_batch + 5; ++i) send("node2", std::to_string(i));
  const auto it = link_to("node2");
  hear_hello(it);
  for (std::size_t acknowledged = 0; acknowledged < sent.size();) {
    acknowledged = sent.size();
    acknowledge(it);
  }
  BOOST_TEST(sent.size() == 3 * outbox_trim_batch + 5);
  BOOST_TEST(rows("node2") == sent.size());
  pass(open().policy.retention.after_dispatch + std::chrono::hours(1));
  BOOST_TEST(rows("node2") == 0U);
}

BOOST_AUTO_TEST_CASE(G1_what_cannot_be_read_just_now_is_not_gone_and_is_sent_when_it_can) {
  cannot_be_built = {{"two", error_code::overloaded}};
  for (const auto* each : {"one", "two", "three"}) send("node2", each);
  hear_hello(link_to("node2"));
  BOOST_TEST(words() == "one");
  pass(link_tick);
  BOOST_TEST(words() == "one");
  cannot_be_built.clear();
  pass(link_tick);
  BOOST_TEST(words() == "one two three");
  BOOST_TEST(given_up.empty());
}

BOOST_AUTO_TEST_CASE(G1_what_is_damaged_is_given_up_before_nothing_takes_its_place) {
  cannot_be_built = {{"two", error_code::integrity}};
  for (const auto* each : {"one", "two", "three"}) send("node2", each);
  node.holds = true;
  const auto it = link_to("node2");
  hear_hello(it);
  BOOST_TEST(words() == "one");
  pass_in_steps(link_tick, 3);
  BOOST_TEST(node.held.size() == 1U);
  node.holds = false;
  release_command();
  BOOST_TEST(words() == "one nothing three");
  BOOST_TEST((given_up == std::vector<std::string>{"two"}));
}

BOOST_AUTO_TEST_CASE(what_is_too_damaged_to_be_given_up_keeps_nothing_waiting) {
  cannot_be_built = {{"two", error_code::integrity}};
  for (const auto* each : {"one", "two", "three"}) send("node2", each);
  node.answers = [](const shared_command&) { return outcome(domain::fail(error_code::integrity)); };
  hear_hello(link_to("node2"));
  BOOST_TEST(words() == "one nothing three");
}

BOOST_AUTO_TEST_CASE(giving_up_that_fails_for_a_passing_reason_is_tried_again) {
  cannot_be_built = {{"one", error_code::integrity}};
  send("node2", "one");
  node.answers = [](const shared_command&) { return outcome(domain::fail(error_code::overloaded)); };
  hear_hello(link_to("node2"));
  BOOST_TEST(words().empty());
  node.answers = {};
  pass_in_steps(link_tick, 2);
  BOOST_TEST((given_up == std::vector<std::string>{"one"}));
  BOOST_TEST(words() == "nothing");
}

BOOST_AUTO_TEST_CASE(G1_delivery_to_oneself_goes_on_after_a_failed_commit) {
  send("node1", "one");
  writer.refuses = domain::error{error_code::storage_full, "full", {}};
  link_to("node1");
  pass_in_steps(link_tick, 4);
  BOOST_TEST(node.got.empty());
  writer.refuses.reset();
  pass_in_steps(link_stalled, 3);
  BOOST_TEST(node.got.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::actors::testing
