// What comes to nothing at the other side is told to whoever waits for it.

#include "actors/link.hpp"
#include "decisions/outbox.hpp"
#include "tests/actors/commands.hpp"

namespace elsec::actors::testing {
namespace {

namespace tables = storage::tables;

constexpr auto kind_plea = "plea";
const std::string epoch_of_peer(32, 'a');

std::vector<std::string> pleas_lost;

// Nothing can be read from these words.
constexpr auto gibberish = "gibberish";

domain::result<shared_command> plea_received(const received_envelope& envelope) {
  const std::string words(envelope.what.body.begin(), envelope.what.body.end());
  if (words == gibberish) return domain::fail(error_code::invalid, "unreadable plea");
  return as_command(that([row = envelope.row](const facts&) {
    storage::change_set changes;
    changes.erase(tables::inbound, row);
    return ruling{.changes = std::move(changes)};
  }));
}

domain::result<shared_command> plea_lost(const storage::outbox_row& row, const std::string& reason) {
  return as_command(that([row, reason](const facts&) {
    BOOST_TEST(!reason.contains(gibberish));
    pleas_lost.emplace_back(row.body.begin(), row.body.end());
    return ruling{};
  }));
}

struct two_sides : stage {
  two_sides() {
    pleas_lost.clear();
    open().registry.wire_kinds = {
        {.name = kind_plea, .in_every_version = true, .received = &plea_received, .lost = &plea_lost},
        {.name = wire::kind_rejection, .body = codec::type_of<wire::rejection>, .of_links = true}};
    open().send = [this](const std::string&, const transport::envelope& envelope) {
      if (envelope.header.sequence > 0) sent.push_back(envelope);
      return transport::sent::queued;
    };
    the_link = spawn(link, with(), std::string("node2"));
    tell(the_link, start_atom_v);
    tell(the_link, link_atom_v, true);
    hear_hello();
  }
  void hear_hello() {
    wire::hello hello{.epoch = epoch_of_peer};
    hello.kinds.push_back({.kind = domain::text<1, 32>::parse(wire::kind_rejection).value()});
    transport::envelope envelope{.header = {.kind = wire::kind_hello}, .body = codec::to_cbor(hello)};
    tell(the_link, std::make_shared<const transport::envelope>(std::move(envelope)));
  }
  std::string hear(const char* kind, domain::bytes body) {
    const auto id = domain::make_ulid(now(), {static_cast<std::uint8_t>(++heard_up_to)});
    transport::envelope envelope{
        .header = {.epoch = epoch_of_peer, .from = "node2", .kind = kind, .sequence = heard_up_to, .id = id},
        .body = std::move(body)};
    tell(the_link, std::make_shared<const transport::envelope>(std::move(envelope)));
    return id;
  }
  std::string hear(const std::string& words) { return hear(kind_plea, {words.begin(), words.end()}); }
  void hear_rejection(std::uint64_t sequence, const std::string& id) {
    hear(wire::kind_rejection, codec::to_cbor(wire::rejection{sequence, id, gibberish}));
  }
  // An envelope of ours to the peer.
  void plead(const std::string& words) {
    storage::change_set changes;
    send_envelope(changes, open(), "node2", kind_plea, {words.begin(), words.end()});
    commit(changes);
    tell(the_link, wake_atom_v);
  }
  [[nodiscard]] std::vector<wire::rejection> told() const {
    std::vector<wire::rejection> all;
    for (const auto& each : sent)
      if (each.header.kind == wire::kind_rejection) all.push_back(codec::from_cbor<wire::rejection>(each.body).value());
    return all;
  }
  [[nodiscard]] std::uint64_t waiting() const { return read().rows_of(tables::inbound.name).value(); }

  std::vector<transport::envelope> sent;
  std::uint64_t heard_up_to = 0;
  link_actor the_link;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(rejections, two_sides)

BOOST_AUTO_TEST_CASE(G1_what_cannot_be_read_is_kept_and_answered_with_its_number_and_id) {
  hear("good");
  const auto id = hear(gibberish);
  tell(the_link, wake_atom_v);
  BOOST_REQUIRE(told().size() == 1U);
  BOOST_TEST(told().front().sequence == 2U);
  BOOST_TEST(told().front().id == id);
  BOOST_TEST(told().front().reason == "unreadable plea");
  BOOST_TEST(waiting() == 0U);
  BOOST_TEST(read().rows_of(tables::rejected.name).value() == 1U);
}

BOOST_AUTO_TEST_CASE(G1_of_a_kind_that_this_node_does_not_know_is_answered_as_well) {
  hear("of tomorrow", {});
  tell(the_link, wake_atom_v);
  BOOST_TEST(told().size() == 1U);
}

BOOST_AUTO_TEST_CASE(G1_for_an_organisation_that_is_not_here_is_answered_as_well) {
  node.answers = [](const shared_command&) { return outcome(domain::fail(error_code::not_found)); };
  hear("good");
  tell(the_link, wake_atom_v);
  BOOST_TEST(told().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_peer_that_sends_gibberish_without_end_is_not_told_so_without_end) {
  for (std::size_t i = 0; i < rejections_max + 20; ++i) hear(gibberish);
  pass_in_steps(link_tick, 5);
  BOOST_TEST(read().count(tables::counters, "outbox/node2").value() == rejections_max);
  pass(rejections_per);
  hear(gibberish);
  BOOST_TEST(read().count(tables::counters, "outbox/node2").value() == rejections_max + 1);
}

BOOST_AUTO_TEST_CASE(G1_that_cannot_be_written_is_neither_repeated_without_a_wait_nor_spent) {
  node.answers = [](const shared_command&) { return outcome(domain::fail(error_code::not_found)); };
  node.holds = true;
  hear("good");
  writer.refuses = domain::error{error_code::storage_full, "full", {}};
  const auto before = writer.taken;
  node.holds = false;
  release_command();
  pass_in_steps(link_tick, static_cast<int>(rejections_max) + 5);
  BOOST_TEST(writer.taken - before <= 3 * (rejections_max + 6));
  BOOST_TEST(told().empty());
  writer.refuses.reset();
  pass_in_steps(link_tick, 2);
  BOOST_TEST(told().size() == 1U);
  BOOST_TEST(waiting() == 0U);
}

BOOST_AUTO_TEST_CASE(a_rejection_is_not_rejected_in_turn) {
  hear(wire::kind_rejection, {1, 2, 3});
  tell(the_link, wake_atom_v);
  BOOST_TEST(told().empty());
  BOOST_TEST(waiting() == 0U);
}

BOOST_AUTO_TEST_CASE(G1_of_an_envelope_of_ours_is_told_to_whoever_waits_for_it) {
  plead("one");
  plead("two");
  BOOST_REQUIRE(sent.size() == 2U);
  hear_rejection(2, sent.back().header.id);
  BOOST_TEST((pleas_lost == std::vector<std::string>{"two"}));
  BOOST_TEST(waiting() == 0U);
}

BOOST_AUTO_TEST_CASE(G1_that_cannot_be_told_just_now_is_told_later) {
  plead("one");
  node.answers = [](const shared_command&) { return outcome(domain::fail(error_code::overloaded)); };
  hear_rejection(1, sent.back().header.id);
  BOOST_TEST(waiting() == 1U);
  node.answers = {};
  pass_in_steps(link_tick, 2);
  BOOST_TEST((pleas_lost == std::vector<std::string>{"one"}));
  BOOST_TEST(waiting() == 0U);
}

BOOST_AUTO_TEST_CASE(R13_of_what_was_never_sent_to_this_peer_says_nothing) {
  plead("one");
  storage::change_set changes;
  const std::string words = "for another";
  send_envelope(changes, open(), "node3", kind_plea, {words.begin(), words.end()});
  send_envelope(changes, open(), "node3", kind_plea, {words.begin(), words.end()});
  commit(changes);
  hear_rejection(1, domain::make_ulid(now(), {9}));
  hear_rejection(2, sent.back().header.id);
  hear_rejection(0, {});
  BOOST_TEST(pleas_lost.empty());
  BOOST_TEST(waiting() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::actors::testing
