// Nodes of different versions: what the peer does not understand waits until it does.

#include "actors/link.hpp"
#include "decisions/outbox.hpp"
#include "tests/actors/commands.hpp"

namespace elsec::actors::testing {
namespace {

namespace tables = storage::tables;

struct bulletin {
  std::string words;
  std::string place;
};
BOOST_DESCRIBE_STRUCT(bulletin, (), (words, place))

constexpr auto kind_bulletin = "bulletin";  // known to newer nodes
constexpr auto kind_greeting = "greeting";  // known to all

struct give_up : scripted {
  static inline std::vector<std::string> of{};  // whose ends were told, by identifier
};

domain::result<shared_command> bulletin_given_up(const unsent_envelope& envelope) {
  give_up::of.push_back(envelope.what.id);
  return as_command(that([envelope, row = envelope.what](const facts&) {
    storage::change_set changes;
    changes.give_up_set_aside(envelope.peer, envelope.key, row);
    return ruling{.changes = std::move(changes)};
  }));
}

struct two_versions : stage {
  two_versions() {
    give_up::of.clear();
    open().send = [this](const std::string&, const transport::envelope& envelope) {
      sent.push_back(envelope);
      return transport::sent::queued;
    };
    open().registry.wire_kinds = {
        {.name = kind_bulletin, .body = codec::type_of<bulletin>, .given_up = &bulletin_given_up},
        {.name = kind_greeting, .in_every_version = true}};
    the_link = spawn(link, with(), std::string("node2"));
    tell(the_link, start_atom_v);
    tell(the_link, link_atom_v, true);
  }

  void send(const char* kind, const std::string& words) {
    storage::change_set changes;
    send_envelope(changes, open(), "node2", kind, {words.begin(), words.end()});
    commit(changes);
    tell(the_link, wake_atom_v);
  }
  // The peer's hello, as a node that knows these kinds says it.
  void hear(const std::vector<std::string>& kinds) {
    wire::hello hello{.epoch = std::string(32, 'a')};
    for (const auto& kind : kinds) hello.kinds.push_back({.kind = domain::text<1, 32>::parse(kind).value()});
    hear_hello(hello);
  }
  void hear_hello(const wire::hello& hello) {
    transport::envelope envelope{.header = {.kind = wire::kind_hello}, .body = codec::to_cbor(hello)};
    tell(the_link, std::make_shared<const transport::envelope>(std::move(envelope)));
  }
  // What went to the peer in sequence.
  [[nodiscard]] std::string words() const {
    std::string all;
    for (const auto& each : sent)
      if (each.header.sequence > 0) all += (all.empty() ? "" : " ") + std::string(each.body.begin(), each.body.end());
    return all;
  }
  [[nodiscard]] std::size_t waiting() const {
    std::size_t count = 0;
    const auto walked = read().scan_keys(tables::set_aside.name, {}, {}, storage::direction::forward,
                                         [&](std::string_view) { return ++count > 0; });
    BOOST_TEST(walked.has_value());
    return count;
  }

  std::vector<transport::envelope> sent;
  link_actor the_link;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(kinds_of_a_peer, two_versions)

BOOST_AUTO_TEST_CASE(hello_names_the_kinds_and_the_fields_that_this_node_knows) {
  BOOST_REQUIRE(!sent.empty());
  const auto hello = codec::from_cbor<wire::hello>(sent.front().body);
  BOOST_REQUIRE(hello.has_value());
  BOOST_REQUIRE(hello->kinds.size() == 2U);
  BOOST_TEST(hello->kinds[0].kind.str() == kind_bulletin);
  BOOST_REQUIRE(hello->kinds[0].fields.size() == 2U);
  BOOST_TEST(hello->kinds[0].fields[1].str() == "place");
  BOOST_TEST(hello->kinds[1].kind.str() == kind_greeting);
}

BOOST_AUTO_TEST_CASE(what_the_peer_does_not_understand_keeps_nothing_waiting) {
  hear({kind_greeting});
  send(kind_bulletin, "one");
  send(kind_greeting, "two");
  BOOST_TEST(words() == "two");
  BOOST_TEST(waiting() == 1U);
}

BOOST_AUTO_TEST_CASE(it_goes_in_its_order_once_the_peer_understands_it) {
  hear({});
  send(kind_bulletin, "one");
  send(kind_bulletin, "two");
  hear({kind_bulletin});
  send(kind_bulletin, "three");
  BOOST_TEST(words() == "one two three");
  BOOST_TEST(waiting() == 0U);
}

BOOST_AUTO_TEST_CASE(more_than_fits_one_commit_goes_all_the_same) {
  for (std::size_t i = 0; i < outbox_trim_batch + 1; ++i) {
    storage::change_set changes;
    send_envelope(changes, open(), "node2", kind_bulletin, {});
    commit(changes);
  }
  hear({kind_bulletin});
  BOOST_TEST(waiting() == 0U);
}

BOOST_AUTO_TEST_CASE(what_a_peer_understands_is_remembered_after_a_start) {
  hear({kind_bulletin});
  the_link = spawn(link, with(), std::string("node2"));
  tell(the_link, start_atom_v);
  tell(the_link, link_atom_v, true);
  hear({});  // takes back what was said before the start
  send(kind_bulletin, "one");
  BOOST_TEST(words().empty());
  BOOST_TEST(waiting() == 1U);
}

// Also of what had its number already; what is behind it does not wait.
BOOST_AUTO_TEST_CASE(a_peer_that_went_back_to_an_older_version_gets_no_more_of_the_kind) {
  hear({kind_bulletin});
  tell(the_link, link_atom_v, false);
  send(kind_bulletin, "one");
  send(kind_greeting, "two");
  tell(the_link, link_atom_v, true);
  hear({});
  BOOST_TEST(words() == "two");  // the first number goes with nothing in it
  BOOST_TEST(waiting() == 1U);
  pass(link_learn_interval);
  hear({kind_bulletin});
  BOOST_TEST(words() == "two one");
}

// In another life of this node the same row may come to the same number behind other envelopes.
BOOST_AUTO_TEST_CASE(R19_what_was_set_aside_goes_under_a_new_id) {
  hear({});
  send(kind_bulletin, "one");
  std::string id;
  (void)read().scan(tables::set_aside, {}, {}, storage::direction::forward,
                    [&](std::string_view, domain::result<storage::outbox_row>&& readable) {
                      const auto& row = readable.value();
                      id = row.id;
                      return true;
                    });
  pass(link_learn_interval);
  hear({kind_bulletin});
  BOOST_REQUIRE(words() == "one");
  BOOST_TEST(sent.back().header.id != id);
}

BOOST_AUTO_TEST_CASE(what_comes_for_a_peer_of_an_older_version_is_set_aside) {
  hear({kind_bulletin});
  pass(link_learn_interval);
  hear({});
  send(kind_bulletin, "one");
  BOOST_TEST(words().empty());
  BOOST_TEST(waiting() == 1U);
}

BOOST_AUTO_TEST_CASE(after_a_failed_commit_the_next_hello_is_heard) {
  send(kind_bulletin, "one");
  writer.refuses = domain::error{error_code::internal, "the disk", {}};
  hear({kind_bulletin});
  BOOST_TEST(words().empty());
  writer.refuses.reset();
  hear({kind_bulletin});
  BOOST_TEST(words() == "one");
}

BOOST_AUTO_TEST_CASE(what_was_not_understood_until_its_last_day_is_told_to_its_capability) {
  send(kind_bulletin, "one");
  pass(set_aside_kept - std::chrono::hours(1));
  BOOST_TEST(waiting() == 1U);
  send(kind_bulletin, "two");
  pass_in_steps(std::chrono::hours(1), 3);
  BOOST_TEST(give_up::of.size() == 1U);
  BOOST_TEST(waiting() == 1U);
  hear({kind_bulletin});
  BOOST_TEST(words() == "two");
}

BOOST_AUTO_TEST_CASE(a_peer_that_changes_its_words_with_every_hello_is_not_believed_each_time) {
  hear({kind_bulletin});
  const auto written = writer.taken;
  for (int i = 0; i < 20; ++i) hear(i % 2 == 0 ? std::vector<std::string>{} : std::vector<std::string>{kind_bulletin});
  BOOST_TEST(writer.taken == written);
}

BOOST_AUTO_TEST_CASE(one_whose_sender_is_gone_ends_by_itself) {
  send(kind_bulletin, "one");
  node.answers = [](const shared_command&) { return outcome(domain::fail(error_code::not_found)); };
  pass_in_steps(set_aside_kept, 2);
  BOOST_TEST(waiting() == 0U);
}

BOOST_AUTO_TEST_CASE(what_nobody_need_know_of_ends_by_itself) {
  open().registry.wire_kinds[0].given_up = nullptr;
  send(kind_bulletin, "one");
  pass_in_steps(set_aside_kept, 2);
  BOOST_TEST(waiting() == 0U);
  BOOST_TEST(node.got.empty());
}

BOOST_AUTO_TEST_CASE(a_peer_has_no_more_rows_waiting_than_its_budget) {
  storage::change_set changes;
  for (std::size_t i = 0; i < set_aside_rows_max + 2; ++i) send_envelope(changes, open(), "node2", kind_bulletin, {});
  commit(changes);
  pass_in_steps(outbox_trim_interval, 2);
  BOOST_TEST(waiting() == set_aside_rows_max);
  BOOST_TEST(give_up::of.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_hello_that_names_more_than_a_node_can_know_changes_nothing) {
  send(kind_bulletin, "one");
  hear(std::vector<std::string>(wire::kinds_max + 1, kind_bulletin));
  BOOST_TEST(words().empty());
  wire::hello hello{.epoch = std::string(32, 'a'), .kinds = {{.kind = domain::text<1, 32>::parse("bulletin").value()}}};
  hello.kinds[0].fields.resize(wire::kind_fields_max + 1, domain::text<1, 64>::parse("words").value());
  hear_hello(hello);
  BOOST_TEST(words().empty());
  hello.kinds[0].fields.clear();
  hear_hello(hello);
  BOOST_TEST(words() == "one");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::actors::testing
