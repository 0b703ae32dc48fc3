// Rows of a link that cannot be read any more keep nothing waiting, and what the other side still has comes again.

#include "actors/link.hpp"
#include "decisions/outbox.hpp"
#include "tests/actors/commands.hpp"

namespace elsec::actors::testing {
namespace {

namespace tables = storage::tables;

constexpr auto kind_line = "line";
constexpr auto kind_memo = "memo";  // not in every version
const std::string peers_epoch(32, 'a');

std::vector<std::string> lines_heard;

domain::result<shared_command> line_received(const received_envelope& envelope) {
  return as_command(that([words = envelope.what.body, row = envelope.row](const facts&) {
    lines_heard.emplace_back(words.begin(), words.end());
    storage::change_set changes;
    changes.erase(tables::inbound, row);
    return ruling{.changes = std::move(changes)};
  }));
}

struct worn_link : stage {
  worn_link() {
    lines_heard.clear();
    open().registry.wire_kinds = {{.name = kind_line, .in_every_version = true, .received = &line_received},
                                  {.name = kind_memo, .received = &line_received}};
    open().send = [this](const std::string&, const transport::envelope& envelope) {
      sent.push_back(envelope);
      return transport::sent::queued;
    };
  }
  link_actor start(const std::string& peer = "node2") {
    auto made = spawn(link, with(), peer);
    tell(made, start_atom_v);
    tell(made, link_atom_v, true);
    return made;
  }
  void send(const std::string& words, const char* kind = kind_line, const std::string& peer = "node2") {
    storage::change_set changes;
    send_envelope(changes, open(), peer, kind, {words.begin(), words.end()});
    commit(changes);
  }
  void hear_hello(const link_actor& at, const wire::hello& hello) {
    transport::envelope envelope{.header = {.kind = wire::kind_hello}, .body = codec::to_cbor(hello)};
    tell(at, std::make_shared<const transport::envelope>(std::move(envelope)));
  }
  void hear_hello(const link_actor& at) { hear_hello(at, {.epoch = peers_epoch}); }
  // The peer's envelope of this number.
  void hear(const link_actor& at, std::uint64_t sequence, const std::string& words) {
    transport::envelope envelope{.header = {.epoch = peers_epoch,
                                            .from = "node2",
                                            .kind = kind_line,
                                            .sequence = sequence,
                                            .id = domain::make_ulid(now(), {static_cast<std::uint8_t>(sequence)})},
                                 .body = {words.begin(), words.end()}};
    tell(at, std::make_shared<const transport::envelope>(std::move(envelope)));
  }
  // What went to the peer in sequence: kind and words.
  [[nodiscard]] std::string words() const {
    std::string all;
    for (const auto& each : sent)
      if (each.header.sequence > 0)
        all += (all.empty() ? "" : " ") + each.header.kind + ":" + std::string(each.body.begin(), each.body.end());
    return all;
  }
  [[nodiscard]] wire::hello last_hello() const {
    std::optional<wire::hello> last;
    for (const auto& each : sent)
      if (each.header.kind == wire::kind_hello) last = codec::from_cbor<wire::hello>(each.body).value();
    BOOST_REQUIRE(last.has_value());
    return *last;
  }
  [[nodiscard]] std::uint64_t taken_out() const { return read().rows_of(tables::damaged.name).value(); }

  std::vector<transport::envelope> sent;
};

std::string outbox_key(std::uint64_t sequence, const std::string& peer = "node2") {
  return storage::key_of(peer, '\0', storage::big_endian(sequence));
}

std::string inbound_key(std::uint64_t sequence, const std::string& epoch = peers_epoch) {
  return storage::key_of(std::string("node2"), '\0', kind_line, '\0', epoch, storage::big_endian(sequence));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_worn_link, worn_link)

BOOST_AUTO_TEST_CASE(G1_sends_those_behind_a_damaged_envelope) {
  for (const auto* each : {"one", "two", "three"}) send(each);
  damage(tables::outbox, outbox_key(2));
  hear_hello(start());
  BOOST_TEST(words() == "line:one nothing: line:three");
  BOOST_TEST(taken_out() == 1U);
}

BOOST_AUTO_TEST_CASE(G1_sends_nothing_in_its_place_before_that_is_on_disk) {
  for (const auto* each : {"one", "two"}) send(each);
  damage(tables::outbox, outbox_key(1));
  const auto it = start();
  writer.holds = true;
  hear_hello(it);
  BOOST_TEST(words().empty());
  while (!writer.held.empty()) release_commit();
  BOOST_TEST(words() == "nothing: line:two");
}

BOOST_AUTO_TEST_CASE(G1_tries_again_when_the_damaged_row_could_not_be_taken_out) {
  for (const auto* each : {"one", "two"}) send(each);
  damage(tables::outbox, outbox_key(1));
  writer.refuses = domain::error{error_code::storage_full, "full", {}};
  hear_hello(start());
  BOOST_TEST(words().empty());
  writer.refuses.reset();
  pass_in_steps(link_tick, 2);
  BOOST_TEST(words() == "nothing: line:two");
}

// A peer that had the envelope before it was damaged here has an id that this node does not know any more.
BOOST_AUTO_TEST_CASE(G1_keeps_its_epoch_when_the_peer_knows_what_was_damaged) {
  send("one");
  const auto it = start();
  hear_hello(it);
  const auto id = sent.back().header.id;
  const auto epoch = sent.back().header.epoch;
  damage(tables::outbox, outbox_key(1));
  hear_hello(it, {.epoch = peers_epoch, .received_epoch = epoch, .received = 1, .answer = true, .received_id = id});
  BOOST_TEST(last_hello().epoch == epoch);
  storage::change_set changes;
  changes.take_out_damaged(tables::outbox, outbox_key(1), crypto::new_id<domain::damage_id>(now()), now());
  changes.put(tables::outbox, outbox_key(1), {.kind = wire::kind_nothing, .id = {}, .time = now(), .body = {}});
  commit(changes);
  hear_hello(it, {.epoch = peers_epoch, .received_epoch = epoch, .received = 1, .answer = true, .received_id = id});
  BOOST_TEST(last_hello().epoch == epoch);
}

BOOST_AUTO_TEST_CASE(G1_has_a_damaged_envelope_that_waited_for_its_effect_sent_again) {
  const auto it = start();
  hear_hello(it);
  node.holds = true;
  for (std::uint64_t i = 1; i <= 3; ++i) hear(it, i, "words " + std::to_string(i));
  damage(tables::inbound, inbound_key(2));
  node.held.clear();
  const auto again = start();
  hear_hello(again);
  pass(link_tick);
  BOOST_TEST(last_hello().received == 1U);
  BOOST_TEST(last_hello().resend);
  BOOST_TEST(read().get(tables::peers, "node2").value()->last_sequence == 1U);
  node.holds = false;
  for (std::uint64_t i = 2; i <= 3; ++i) hear(again, i, "words " + std::to_string(i));
  while (!node.held.empty()) release_command();
  pass_in_steps(link_tick, 2);
  for (const auto* each : {"words 1", "words 2", "words 3"})
    BOOST_CHECK(std::ranges::find(lines_heard, each) != lines_heard.end());
  BOOST_TEST(taken_out() == 1U);
}

BOOST_AUTO_TEST_CASE(G1_leaves_as_it_is_what_waits_already_and_comes_once_more) {
  const auto it = start();
  hear_hello(it);
  node.holds = true;
  for (std::uint64_t i = 1; i <= 3; ++i) hear(it, i, "words");
  auto waits = read().get(tables::inbound, inbound_key(3)).value().value();
  waits.attempts = 5;
  storage::change_set changes;
  changes.put(tables::inbound, inbound_key(3), waits);
  commit(changes);
  damage(tables::inbound, inbound_key(2));
  node.held.clear();
  const auto again = start();
  hear_hello(again);
  pass(link_tick);
  for (std::uint64_t i = 2; i <= 3; ++i) hear(again, i, "words");
  BOOST_TEST(read().get(tables::inbound, inbound_key(2)).value().value().attempts == 0U);
  BOOST_TEST(read().get(tables::inbound, inbound_key(3)).value().value().attempts == 5U);
}

BOOST_AUTO_TEST_CASE(trims_behind_a_damaged_envelope_as_soon_as_their_time_has_come) {
  for (const auto* each : {"one", "two"}) send(each);
  const auto it = start();
  hear_hello(it);
  const auto epoch = sent.back().header.epoch;
  hear_hello(it, {.epoch = peers_epoch, .received_epoch = epoch, .received = 2, .received_id = sent.back().header.id});
  damage(tables::outbox, outbox_key(1));
  pass(open().policy.retention.after_dispatch + std::chrono::hours(1));
  pass_in_steps(link_tick, 4);
  BOOST_TEST(read().rows_of(tables::outbox.name).value() == 0U);
}

BOOST_AUTO_TEST_CASE(G1_hears_those_behind_a_damaged_envelope_of_an_epoch_that_is_over) {
  damage(tables::inbound, inbound_key(7, std::string(32, 'b')));
  const auto it = start();
  hear_hello(it);
  hear(it, 1, "one");
  BOOST_TEST((lines_heard == std::vector<std::string>{"one"}));
  BOOST_TEST(read().get(tables::peers, "node2").value()->last_sequence == 1U);
  BOOST_TEST(taken_out() == 1U);
}

BOOST_AUTO_TEST_CASE(G1_delivers_to_itself_what_was_damaged_on_the_way) {
  for (const auto* each : {"one", "two"}) send(each, kind_line, "node1");
  node.holds = true;
  start("node1");
  const auto epoch = open().store->epoch();
  damage(tables::inbound, storage::key_of(std::string("node1"), '\0', kind_line, '\0', epoch, storage::big_endian(1)));
  node.held.clear();
  node.holds = false;
  start("node1");
  pass_in_steps(link_tick, 3);
  BOOST_CHECK(std::ranges::find(lines_heard, "one") != lines_heard.end());
  BOOST_CHECK(std::ranges::find(lines_heard, "two") != lines_heard.end());
}

BOOST_AUTO_TEST_CASE(asks_anew_what_a_peer_understands_when_that_is_damaged) {
  damage(tables::peer_kinds, storage::key_of(std::string("node2"), '\0', kind_memo));
  const auto it = start();
  wire::hello hello{.epoch = peers_epoch};
  hello.kinds.push_back({.kind = domain::text<1, 32>::parse(kind_memo).value()});
  hear_hello(it, hello);
  send("one", kind_memo);
  tell(it, wake_atom_v);
  BOOST_TEST(words() == "memo:one");
  BOOST_TEST(read().get(tables::peer_kinds, storage::key_of(std::string("node2"), '\0', kind_memo)).has_value());
}

BOOST_AUTO_TEST_CASE(G1_sends_again_in_a_new_epoch_when_how_far_the_peer_was_is_damaged) {
  send("one");
  damage(tables::outbox_marks, "node2");
  const auto it = start();
  BOOST_TEST(last_hello().epoch != open().store->epoch());
  hear_hello(it);
  BOOST_TEST(words() == "line:one");
  BOOST_TEST(read().get(tables::outbox_marks, "node2").has_value());
}

BOOST_AUTO_TEST_CASE(G1_receives_on_when_what_was_received_is_damaged) {
  damage(tables::peers, "node2");
  const auto it = start();
  hear_hello(it, {.epoch = peers_epoch, .lowest = 5});
  hear(it, 5, "five");
  BOOST_TEST((lines_heard == std::vector<std::string>{"five"}));
  BOOST_TEST(read().get(tables::peers, "node2").value()->last_sequence == 5U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::actors::testing
