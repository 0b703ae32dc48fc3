// Nodes that were put back to older copies of themselves: what one of them lacks comes again, whoever it was, in
// whatever order, however often.

#include "actors/link.hpp"
#include "decisions/outbox.hpp"
#include "tests/actors/commands.hpp"

namespace elsec::actors::testing {
namespace {

namespace tables = storage::tables;

constexpr auto kind_note = "note";

domain::result<shared_command> note_received(const received_envelope& envelope) {
  return as_command(that([row = envelope.row](const facts&) {
    storage::change_set changes;
    changes.erase(tables::inbound, row);
    return ruling{.changes = std::move(changes)};
  }));
}

std::string an_id(char letter) { return std::string(26, letter); }
std::string an_epoch(char letter) { return std::string(32, letter); }

struct link_of_older_copies : stage {
  link_of_older_copies() {
    open().registry.wire_kinds = {{.name = kind_note, .in_every_version = true, .received = &note_received}};
    open().send = [this](const std::string&, const transport::envelope& envelope) {
      sent.push_back(envelope);
      return transport::sent::queued;
    };
  }
  void come_up() {
    the_link = spawn(link, with(), std::string("node2"));
    tell(the_link, start_atom_v);
    tell(the_link, link_atom_v, true);
  }
  void hear(const transport::envelope_header& header, domain::bytes body) {
    transport::envelope envelope{.header = header, .body = std::move(body)};
    tell(the_link, std::make_shared<const transport::envelope>(std::move(envelope)));
  }
  void hear(const wire::hello& hello) { hear({.kind = wire::kind_hello}, codec::to_cbor(hello)); }

  // What this node says last.
  [[nodiscard]] wire::hello said() const {
    const auto is_hello = [](const transport::envelope& one) { return one.header.kind == wire::kind_hello; };
    const auto last = std::find_if(sent.rbegin(), sent.rend(), is_hello);
    BOOST_REQUIRE((last != sent.rend()));
    auto hello = codec::from_cbor<wire::hello>(last->body);
    BOOST_REQUIRE(hello.has_value());
    return std::move(*hello);
  }

  std::vector<transport::envelope> sent;
  link_actor the_link;
};

// This node sends; the peer says what it has.
struct sender : link_of_older_copies {
  sender() {
    storage::change_set changes;
    for (const std::string words : {"one", "two", "three", "four", "five"})
      send_envelope(changes, open(), "node2", kind_note, {words.begin(), words.end()});
    commit(changes);
    come_up();
    epoch = said().epoch;
    hear({.epoch = an_epoch('a')});
    for (const auto& one : sent)
      if (one.header.sequence > 0) ids.push_back(one.header.id);
    BOOST_REQUIRE(ids.size() == 5U);
  }
  // The peer stands there, after what it names in `earlier`.
  void hear_of(const wire::position& there, const std::vector<domain::milestone>& earlier = {}) {
    sent.clear();
    hear({.epoch = an_epoch('a'),
          .received_epoch = there.epoch,
          .received = there.sequence,
          .answer = true,
          .received_id = there.id,
          .earlier = earlier});
  }
  [[nodiscard]] const std::string& id_of(std::size_t sequence) const { return ids[sequence - 1]; }
  [[nodiscard]] std::string words() const {
    std::string all;
    for (const auto& each : sent)
      if (each.header.sequence > 0) all += (all.empty() ? "" : " ") + std::string(each.body.begin(), each.body.end());
    return all;
  }

  std::string epoch;
  std::vector<std::string> ids;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sender_of_older_copies, sender)

BOOST_AUTO_TEST_CASE(R19_a_peer_that_has_forgotten_some_gets_them_again) {
  hear_of({epoch, 5, id_of(5)});
  BOOST_TEST(words().empty());
  hear_of({epoch, 2, id_of(2)});
  BOOST_TEST(words() == "three four five");
  BOOST_TEST(said().epoch == epoch);
}

// The loss: all was acknowledged in this epoch, which the peer does not know any more.
// What another life has given may lie beyond the fork: where the peer stands cannot be proven, and before it one
// differs.
BOOST_AUTO_TEST_CASE(R19_a_place_that_cannot_be_proven_is_not_believed_behind_one_that_differs) {
  hear_of({epoch, 5, id_of(5)});
  damage(tables::outbox, storage::key_of(std::string("node2"), '\0', storage::big_endian(4)));
  hear_of({epoch, 4, an_id('z')}, {{1, id_of(1)}, {3, an_id('y')}});
  BOOST_TEST(said().epoch != epoch);
  BOOST_TEST(said().lowest == 2U);
}

BOOST_AUTO_TEST_CASE(R19_a_place_that_cannot_be_proven_is_believed_behind_one_that_is_ours) {
  hear_of({epoch, 5, id_of(5)});
  damage(tables::outbox, storage::key_of(std::string("node2"), '\0', storage::big_endian(4)));
  hear_of({epoch, 4, an_id('z')}, {{1, id_of(1)}, {3, id_of(3)}});
  BOOST_TEST(said().epoch == epoch);
  BOOST_TEST(words() == "five");
}

BOOST_AUTO_TEST_CASE(what_has_arrived_is_told_once_however_often_the_peer_forgets_it_and_has_it_again) {
  static std::size_t told;
  told = 0;
  open().registry.wire_kinds[0].arrived = [](const storage::outbox_row&) -> domain::result<shared_command> {
    ++told;
    return shared_command();
  };
  for (int i = 0; i < 3; ++i) {
    hear_of({epoch, 5, id_of(5)});
    BOOST_TEST(told == 5U);
    pass(link_gap_interval);
    hear_of({epoch, 0, {}});
  }
}

BOOST_AUTO_TEST_CASE(a_peer_that_says_without_end_that_it_has_forgotten_all_is_sent_it_only_now_and_then) {
  hear_of({epoch, 5, id_of(5)});
  hear_of({epoch, 0, {}});
  BOOST_TEST(words() == "one two three four five");
  for (int i = 0; i < 10; ++i) {
    hear_of({epoch, 5, id_of(5)});
    hear_of({epoch, 0, {}});
    BOOST_TEST(words().empty());
  }
  pass(link_gap_interval);
  hear_of({epoch, 0, {}});
  BOOST_TEST(words() == "one two three four five");
}

BOOST_AUTO_TEST_CASE(R19_a_peer_that_was_put_back_into_an_older_epoch_gets_what_came_since_however_far_it_was) {
  hear_of({epoch, 5, id_of(5)});
  hear_of({an_epoch('0'), 2, id_of(2)});
  BOOST_TEST(words() == "three four five");
  BOOST_TEST(said().lowest == 3U);
}

BOOST_AUTO_TEST_CASE(R19_a_peer_that_has_forgotten_this_node_gets_all_that_is_held) {
  hear_of({epoch, 5, id_of(5)});
  hear_of({});
  BOOST_TEST(words() == "one two three four five");
}

BOOST_AUTO_TEST_CASE(R19_after_another_life_of_this_node_it_goes_on_after_the_last_that_both_know) {
  hear_of({epoch, 5, id_of(5)});
  hear_of({epoch, 7, an_id('7')}, {{1, id_of(1)}, {3, id_of(3)}, {5, an_id('5')}});
  BOOST_TEST(words() == "four five");
  BOOST_TEST(said().epoch != epoch);
  BOOST_TEST(said().lowest == 4U);
}

// As many, by chance, as this life has given.
BOOST_AUTO_TEST_CASE(R19_the_same_number_is_not_taken_for_the_same_envelope) {
  hear_of({epoch, 5, an_id('5')}, {{2, id_of(2)}});
  BOOST_TEST(words() == "three four five");
}

BOOST_AUTO_TEST_CASE(R19_with_nothing_in_common_all_that_is_held_is_sent_again) {
  hear_of({epoch, 9, an_id('9')}, {{4, an_id('4')}});
  BOOST_TEST(words() == "one two three four five");
}

BOOST_AUTO_TEST_CASE(R19_hello_says_where_the_peer_was_heard) {
  hear_of({an_epoch('0'), 2, id_of(2)});
  const auto heard = said().heard;
  BOOST_REQUIRE(heard.has_value());
  BOOST_TEST((*heard == wire::position{an_epoch('0'), 2, id_of(2)}));
}

// Else the numbers of two lives would be told apart by nothing.
BOOST_AUTO_TEST_CASE(R19_an_epoch_that_another_life_may_have_counted_in_ends_when_the_peer_stands_in_another) {
  hear_of({an_epoch('0'), 5, id_of(5)});
  BOOST_TEST(words().empty());
  BOOST_TEST(said().epoch != epoch);
}

BOOST_AUTO_TEST_CASE(R19_an_epoch_just_begun_stays_until_the_peer_has_heard_of_it) {
  hear_of({epoch, 7, an_id('7')});
  const auto begun = said().epoch;
  hear_of({epoch, 7, an_id('7')});
  BOOST_TEST(said().epoch == begun);
}

BOOST_AUTO_TEST_CASE(R19_an_acknowledgement_of_what_was_never_given_is_asked_about) {
  sent.clear();
  hear({.kind = wire::kind_ack}, codec::to_cbor(wire::ack{epoch, 5, an_id('5')}));
  BOOST_TEST(said().answer);
  BOOST_TEST(said().lowest == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

// This node receives; it stands at the third of the old epoch.
struct receiver : link_of_older_copies {
  receiver() {
    storage::change_set changes;
    changes.put(tables::peers, "node2",
                {.epoch = an_epoch('0'), .last_sequence = 3, .last_id = an_id('3'), .earlier = {{1, an_id('1')}}});
    commit(changes);
    come_up();
  }
  // The peer's answer, in this epoch: it has heard this node there.
  [[nodiscard]] static wire::hello answer(char epoch, std::uint64_t lowest, const wire::position& there) {
    return {.epoch = an_epoch(epoch), .lowest = lowest, .held = 1, .heard = there};
  }
  [[nodiscard]] wire::position here() const {
    const auto row = read().get(tables::peers, "node2");
    BOOST_REQUIRE((row && *row));
    return {(*row)->epoch, (*row)->last_sequence, (*row)->last_id};
  }
  void receive(char epoch, std::uint64_t sequence) {
    hear({.epoch = an_epoch(epoch), .kind = kind_note, .sequence = sequence, .id = an_id('n')}, {});
  }

  const wire::position third{an_epoch('0'), 3, an_id('3')};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(receiver_of_older_copies, receiver)

BOOST_AUTO_TEST_CASE(R19_another_epoch_is_entered_once_the_peer_has_heard_where_this_node_stands) {
  hear({.epoch = an_epoch('a'), .lowest = 9, .answer = true, .held = 1});
  BOOST_TEST((here() == third));
  BOOST_TEST(said().answer);
  BOOST_TEST(said().received == 3U);
  hear(answer('a', 4, third));
  BOOST_TEST((here() == wire::position{an_epoch('a'), 3, an_id('3')}));
  receive('a', 4);
  BOOST_TEST((here() == wire::position{an_epoch('a'), 4, an_id('n')}));
}

BOOST_AUTO_TEST_CASE(R19_what_the_peer_says_to_another_life_of_this_node_does_not_count) {
  hear(answer('a', 6, {an_epoch('0'), 5, an_id('5')}));
  BOOST_TEST((here() == third));
  BOOST_TEST(said().answer);
}

BOOST_AUTO_TEST_CASE(R19_a_peer_that_never_hears_where_this_node_stands_is_not_asked_at_each_of_its_hellos) {
  const auto deaf = answer('a', 6, {an_epoch('0'), 5, an_id('5')});
  sent.clear();
  for (int i = 0; i < 5; ++i) hear(deaf);
  BOOST_TEST(sent.size() == 1U);
  pass(link_gap_interval);
  hear(deaf);
  BOOST_TEST(sent.size() == 2U);
}

BOOST_AUTO_TEST_CASE(R19_nothing_is_taken_before_the_peer_has_heard_where_this_node_stands) {
  receive('0', 4);
  BOOST_TEST((here() == third));
  BOOST_TEST(said().resend);
  hear(answer('0', 4, third));
  receive('0', 4);
  BOOST_TEST((here() == wire::position{an_epoch('0'), 4, an_id('n')}));
}

BOOST_AUTO_TEST_CASE(R19_what_came_behind_the_last_in_common_is_forgotten) {
  auto asked = answer('a', 2, third);
  asked.answer = true;
  hear(asked);
  BOOST_TEST((here() == wire::position{an_epoch('a'), 1, an_id('1')}));
  BOOST_TEST(said().earlier.empty());
}

BOOST_AUTO_TEST_CASE(R19_hello_names_some_of_what_was_applied_before) {
  hear(answer('0', 4, third));
  receive('0', 4);
  hear({.epoch = an_epoch('0'), .answer = true});
  BOOST_REQUIRE(said().earlier.size() == 2U);
  BOOST_TEST(said().earlier.back().sequence == 3U);
  BOOST_TEST(said().earlier.back().id == an_id('3'));
}

// It does not say where it has heard us: then all that it holds comes again.
BOOST_AUTO_TEST_CASE(R19_of_a_peer_of_an_older_version_another_epoch_begins_with_all_it_holds) {
  hear({.epoch = an_epoch('a'), .lowest = 9, .held = 2});
  BOOST_TEST((here() == wire::position{an_epoch('a'), 1, an_id('1')}));
}

BOOST_AUTO_TEST_CASE(R19_a_hello_with_a_number_that_none_has_is_not_believed) {
  hear(answer('a', 0, third));
  BOOST_TEST((here() == third));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::actors::testing
