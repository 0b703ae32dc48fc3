// Dispatches that a peer has announced and that cannot be brought to this node's disk: put off, and in the end refused.

#include "actors/link.hpp"
#include "actors/tenant.hpp"
#include "capabilities/all.hpp"
#include "decisions/deadlines.hpp"
#include "tests/actors/support.hpp"
#include "tests/decisions/support.hpp"

namespace elsec::actors::testing {
namespace {

namespace tables = storage::tables;

// An organisation of this node, to whom others of node2 send.
struct receiving : stage {
  receiving() {
    open().registry = capabilities::everything_registered();
    open().send = [this](const std::string&, const transport::envelope& envelope) {
      sent.push_back(envelope.header.kind);
      return transport::sent::queued;
    };
    all_->with = with()->with;
    all_->writer = with()->writer;
    all_->directory = with()->directory;
    all_->node = spawn(&front, this);
    recipients = spawn(actors::tenant, shared_context(all_), recipient, beginning{});
    add_recipient();
    begin();
  }

  void add_recipient() {
    storage::change_set changes;
    changes.found(recipient);
    commit(changes);
    domain::organisation who;
    who.id = recipient;
    who.capabilities.receive = true;
    who.delivery = domain::delivery::electronic;
    changes = {};
    changes.put(tables::organisations, recipient.str(), who);
    commit(changes);
  }
  void add_card(std::uint8_t of) {
    storage::change_set changes;
    BOOST_REQUIRE(store_card(changes, read(), decisions::test::card(of, "node2", 1)).has_value());
    commit(changes);
  }
  // A node that starts, or starts anew.
  void begin() {
    if (from_peer) tell(from_peer, stop_atom_v);
    from_peer = spawn(link, shared_context(all_), std::string("node2"));
    all_->links["node2"] = from_peer;
    tell(from_peer, start_atom_v);
    connect();
  }
  void connect() {
    tell(from_peer, link_atom_v, true);
    const wire::hello hello{.epoch = std::string(32, 'a')};
    transport::envelope envelope{.header = {.kind = wire::kind_hello}, .body = codec::to_cbor(hello)};
    tell(from_peer, std::make_shared<const transport::envelope>(std::move(envelope)));
  }
  // Whom a transfer would ask: not to know it is a defect.
  void lose_the_link() { all_->links.clear(); }
  void find_the_link() { all_->links["node2"] = from_peer; }
  // A dispatch of one small file has been announced.
  void announce(std::uint8_t number, std::uint8_t sender) {
    wire::dispatch what;
    what.id = domain::dispatch_id::make(domain::time_point{}, {number});
    what.sender.organisation_id = organisation(sender);
    what.recipient = recipient;
    what.subject = decltype(what.subject)::parse("Entlassungsbrief").value();
    what.files.push_back({.filename = "brief.pdf", .media_type = "application/pdf", .size = 10, .content = {number}});
    storage::change_set changes;
    changes.put(tables::inbound, row_of(number),
                {.kind = wire::kind_dispatch, .id = {}, .body = codec::to_cbor(what), .reason = {}});
    commit(changes);
    pass(link_tick);
  }
  [[nodiscard]] static std::string row_of(std::uint8_t number) {
    return storage::key_of("node2", '\0', wire::kind_dispatch, '\0', "epoch", storage::big_endian(number));
  }
  [[nodiscard]] std::optional<storage::inbound_row> waiting(std::uint8_t number) const {
    return read().get(tables::inbound, row_of(number)).value();
  }
  [[nodiscard]] std::uint32_t attempts(std::uint8_t number) const {
    const auto row = waiting(number);
    BOOST_REQUIRE(row.has_value());
    return row->attempts;
  }
  [[nodiscard]] std::size_t asked_for(std::string_view kind) const {
    return static_cast<std::size_t>(std::ranges::count(sent, kind));
  }
  // The statements to node2.
  [[nodiscard]] std::vector<wire::statement> said() const {
    std::vector<wire::statement> all;
    const auto walked = read().scan(tables::outbox, {}, {}, storage::direction::forward,
                                    [&](std::string_view, domain::result<storage::outbox_row>&& row) {
                                      all.push_back(codec::from_cbor<wire::statement>(row.value().body).value());
                                      return true;
                                    });
    BOOST_TEST(walked.has_value());
    return all;
  }

  static constexpr std::uint8_t known = 1, unknown = 2;  // senders with and without a card
  domain::organisation_id recipient = organisation(9);
  std::vector<std::string> sent;
  std::size_t transfers_begun = 0;
  bool knows_nobody = false;  // the node
  tenant_actor recipients;
  link_actor from_peer;

 private:
  static node_actor::behavior_type front(node_actor::pointer self, receiving* where) {
    return {
        [where](const shared_command& what) { return decide_at_once(where->open(), *what); },
        [](const begin_upload&) -> upload_started { return domain::fail(error_code::internal); },
        [self, where](const incoming_transfer& what) -> caf::result<done> {
          ++where->transfers_begun;
          if (where->knows_nobody) return done(domain::fail(error_code::not_found));
          return self->delegate(where->recipients, what);
        },
        [](idle_atom, const domain::organisation_id&, std::uint64_t) {},
        [](const shared_envelope&) {},
        [](link_atom, const std::string&, bool) {},
        [](stop_atom) { return caf::unit; },
    };
  }

  std::shared_ptr<context> all_ = std::make_shared<context>();
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(transfers_put_off, receiving)

BOOST_AUTO_TEST_CASE(a_transfer_that_fails_is_tried_again_after_waits_that_double) {
  announce(1, unknown);
  BOOST_TEST(attempts(1) == 1U);
  for (std::uint32_t done = 1; done < 6; ++done) {
    std::chrono::milliseconds waited{0};
    for (; attempts(1) == done && waited < put_off_longest; waited += link_tick) pass(link_tick);
    BOOST_TEST(attempts(1) == done + 1);
    BOOST_TEST((waited >= wait_after(done - 1) && waited <= wait_after(done - 1) + 2 * link_tick));
  }
}

BOOST_AUTO_TEST_CASE(it_goes_on_once_the_reason_has_passed) {
  announce(1, unknown);
  add_card(unknown);
  BOOST_TEST(asked_for(wire::kind_key_wanted) == 0U);
  pass_in_steps(link_tick, 12);
  BOOST_TEST(asked_for(wire::kind_key_wanted) == 1U);
}

BOOST_AUTO_TEST_CASE(G1_one_that_never_succeeds_is_refused_after_seven_days_and_its_sender_told) {
  announce(1, unknown);
  pass_in_steps(std::chrono::minutes(61), 24 * 6);
  BOOST_TEST(waiting(1).has_value());
  BOOST_TEST(said().empty());
  pass_in_steps(std::chrono::minutes(61), 24 * 2);
  BOOST_TEST(!waiting(1).has_value());
  BOOST_REQUIRE(said().size() == 1U);
  BOOST_CHECK(said().front().verdict == wire::verdict::refused);
  BOOST_CHECK(said().front().dispatch == domain::dispatch_id::make(domain::time_point{}, {1}));
  BOOST_TEST(said().front().reason == "the recipient's node could not take it for seven days; send it again");
  BOOST_TEST(!said().front().letter_possible);
  BOOST_TEST(open().metrics->text().contains("elsec_transfers_given_up_total{peer=\"node2\"} 1"));
}

BOOST_AUTO_TEST_CASE(R14_one_for_whom_there_is_no_room_is_refused_with_that_reason) {
  add_card(known);
  open().policy.tenant_quota_bytes = 5;
  announce(1, known);
  pass_in_steps(std::chrono::minutes(61), 24 * 8);
  BOOST_TEST(!waiting(1).has_value());
  BOOST_REQUIRE(said().size() == 1U);
  BOOST_TEST(said().front().reason ==
             "the recipient had no room for it for seven days; ask the recipient, then send it again");
}

BOOST_AUTO_TEST_CASE(a_start_neither_forgets_the_wait_nor_counts) {
  announce(1, unknown);
  for (std::uint32_t i = 0; i < 8; ++i) pass(wait_after(i) + link_tick);
  const auto before = attempts(1);
  BOOST_TEST(before > 5U);
  for (int starts = 0; starts < 3; ++starts) {
    begin();
    pass_in_steps(link_tick, 10);
    BOOST_TEST(attempts(1) == before);
  }
  pass(wait_after(before - 1));
  BOOST_TEST(attempts(1) == before + 1);
}

BOOST_AUTO_TEST_CASE(a_clock_set_back_keeps_it_waiting_no_longer_than_its_wait) {
  announce(1, unknown);
  open().now = [this] { return now() - std::chrono::hours(24 * 365); };
  begin();
  BOOST_TEST(attempts(1) == 1U);
  pass_in_steps(link_tick, 12);
  BOOST_TEST(attempts(1) == 2U);
}

// Two nodes that were put back may have it lie here from two epochs. It is brought once, and refused never beside that.
BOOST_AUTO_TEST_CASE(G2_one_that_lies_here_twice_is_looked_at_once_at_a_time) {
  announce(1, unknown);
  auto twin = waiting(1).value();
  storage::change_set changes;
  changes.put(tables::inbound, row_of(2), twin);
  commit(changes);
  add_card(unknown);
  pass_in_steps(link_tick, 12);
  BOOST_TEST(asked_for(wire::kind_key_wanted) == 1U);
}

BOOST_AUTO_TEST_CASE(R2_one_for_an_organisation_that_is_not_here_is_refused_and_may_go_as_a_letter) {
  recipient = organisation(8);
  knows_nobody = true;
  announce(1, known);
  BOOST_TEST(!waiting(1));
  BOOST_REQUIRE(said().size() == 1U);
  BOOST_CHECK(said().front().verdict == wire::verdict::refused);
  BOOST_TEST(said().front().letter_possible);
  BOOST_TEST(transfers_begun == 1U);
}

BOOST_AUTO_TEST_CASE(G1_one_for_an_organisation_that_is_here_is_not_refused_because_something_was_not_found) {
  knows_nobody = true;
  announce(1, known);
  BOOST_TEST(waiting(1).has_value());
  BOOST_TEST(said().empty());
}

BOOST_AUTO_TEST_CASE(many_that_are_put_off_keep_no_other_waiting) {
  add_card(known);
  for (std::uint8_t number = 1; number <= 2 * link_transfers_max; ++number) announce(number, unknown);
  announce(200, known);
  BOOST_TEST(asked_for(wire::kind_key_wanted) == 1U);
}

BOOST_AUTO_TEST_CASE(of_many_that_wait_so_many_come_at_once) {
  add_card(known);
  tell(from_peer, link_atom_v, false);
  for (std::uint8_t number = 1; number <= 2 * link_transfers_max; ++number) announce(number, known);
  BOOST_TEST(asked_for(wire::kind_key_wanted) == 0U);
  connect();
  pass_in_steps(link_tick, 2);
  BOOST_TEST(transfers_begun == link_transfers_max);
}

BOOST_AUTO_TEST_CASE(while_the_peer_is_away_nothing_is_put_off_and_it_goes_on_when_the_peer_is_back) {
  add_card(known);
  announce(1, known);
  BOOST_TEST(asked_for(wire::kind_key_wanted) == 1U);
  tell(from_peer, link_atom_v, false);
  BOOST_TEST(attempts(1) == 0U);
  connect();
  BOOST_TEST(asked_for(wire::kind_key_wanted) == 2U);
}

BOOST_AUTO_TEST_CASE(one_whose_actor_dies_is_begun_again) {
  add_card(known);
  lose_the_link();
  announce(1, known);
  BOOST_TEST(asked_for(wire::kind_key_wanted) == 0U);
  BOOST_TEST(waiting(1).has_value());
  find_the_link();
  pass_in_steps(link_tick, 4);
  BOOST_TEST(asked_for(wire::kind_key_wanted) == 1U);
}

BOOST_AUTO_TEST_CASE(one_that_cannot_even_be_put_off_on_disk_is_tried_again_all_the_same) {
  writer.refuses = domain::error{error_code::storage_full, "full", {}};
  announce(1, unknown);
  BOOST_TEST(attempts(1) == 0U);
  add_card(unknown);
  pass_in_steps(link_tick, 4);
  BOOST_TEST(asked_for(wire::kind_key_wanted) == 1U);
}

BOOST_AUTO_TEST_CASE(one_that_cannot_even_be_put_off_on_disk_is_tried_later_each_time) {
  writer.refuses = domain::error{error_code::storage_full, "full", {}};
  announce(1, unknown);
  const auto before = writer.taken;
  pass_in_steps(link_tick, 120);
  const auto tries = writer.taken - before;  // after 1 s, 3 s, 7 s, 15 s and 31 s of a minute
  BOOST_TEST((tries >= 4U && tries <= 6U));
}

BOOST_AUTO_TEST_CASE(G2_one_that_was_refused_before_goes_without_another_word) {
  storage::change_set changes;
  changes.put(tables::refused_dispatches, domain::dispatch_id::make(domain::time_point{}, {1}).str(), {});
  commit(changes);
  announce(1, unknown);
  BOOST_TEST(!waiting(1).has_value());
  BOOST_TEST(said().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::actors::testing
