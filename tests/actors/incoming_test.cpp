// What a peer announces is believed no more than what a client sends.

#include "actors/received_copies.hpp"
#include "actors/transfer.hpp"
#include "tests/actors/letterhead_support.hpp"

using namespace elsec;
using namespace elsec::actors;
namespace test = elsec::decisions::test;

namespace {

constexpr std::uint64_t size_max = 1'000;

// A dispatch as any program may write it: with texts of any kind.
struct foreign_dispatch : wire::announcement {
  std::string subject;
  std::optional<std::string> message{};
  std::optional<std::string> class_{};
  std::optional<std::string> case_ref{};
};
BOOST_DESCRIBE_STRUCT(foreign_dispatch, (wire::announcement), (subject, message, class_, case_ref))

foreign_dispatch good() {
  foreign_dispatch dispatch;
  dispatch.id = domain::dispatch_id::make(domain::time_point{}, {5});
  dispatch.sender.organisation_id = test::organisation(1);
  dispatch.sender.name = "Klinik Gefälscht";
  dispatch.sender.verified = true;
  dispatch.subject = "Entlassungsbrief";
  dispatch.files.push_back({.filename = "brief.pdf", .media_type = "application/pdf", .size = 10});
  return dispatch;
}

bool taken(const foreign_dispatch& dispatch) {
  return check_incoming(dispatch, size_max).has_value() && read_letterhead(codec::to_cbor(dispatch)).has_value();
}

state_writer_actor::behavior_type writer_into(state_writer_actor::pointer self, storage::change_set* written) {
  return {[written](const shared_changes& changes) {
            *written = *changes;
            return commit_result{};
          },
          [](flush_atom) {}, [](link_atom, const std::string&, const caf::strong_actor_ptr&) {},
          [self](stop_atom) { self->quit(); }};
}

// Where a transfer actor commits.
struct one_transfer : actors_test::temporary_node {
  struct configuration : caf::actor_system_config {
    configuration() { add_message_types<caf::id_block::elsec>(); }
  };

  // What the transfer of this dispatch wrote.
  storage::change_set run(const domain::bytes& body) {
    storage::change_set written;
    BOOST_TEST(try_it(body, written).has_value());
    return written;
  }
  done try_it(const domain::bytes& body, storage::change_set& written) {
    configuration settings;
    caf::actor_system system(settings);
    auto all = std::make_shared<context>();
    all->with = with;
    all->writer = system.spawn(&writer_into, &written);
    const incoming_transfer what{.peer = "node2", .row = "row", .body = body, .organisation = test::organisation(2)};
    auto actor = system.spawn(transfer, shared_context(all), what);
    caf::scoped_actor self(system);
    done told;
    self->request(actor, caf::infinite, what)
        .receive([&](const done& result) { told = result; },
                 [](const caf::error&) { BOOST_TEST(false, "the transfer ended without an answer"); });
    caf::anon_send(all->writer, stop_atom_v);
    return told;
  }
};

wire::statement told(const storage::change_set& written) {
  BOOST_REQUIRE(written.envelopes().size() == 1U);
  const auto& envelope = written.envelopes().front();
  BOOST_TEST(envelope.peer == "node2");
  BOOST_TEST(envelope.row.kind == wire::kind_statement);
  auto said = codec::from_cbor<wire::statement>(envelope.row.body);
  BOOST_REQUIRE(said.has_value());
  return std::move(*said);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(incoming, test::temporary_store)

BOOST_AUTO_TEST_CASE(an_ordinary_dispatch_is_taken) { BOOST_TEST(taken(good())); }

BOOST_AUTO_TEST_CASE(R14_files_keep_the_limits_of_uploads) {
  auto dispatch = good();
  dispatch.files[0].size = size_max + 1;
  BOOST_TEST(!taken(dispatch));
  dispatch.files[0].size = 0;
  BOOST_TEST(!taken(dispatch));
  dispatch = good();
  dispatch.files.resize(2 + domain::attachments_max, dispatch.files[0]);
  BOOST_TEST(!taken(dispatch));
  dispatch.files.clear();
  BOOST_TEST(!taken(dispatch));
}

BOOST_AUTO_TEST_CASE(R14_names_and_types_that_would_break_an_answer_apart_are_refused) {
  auto dispatch = good();
  dispatch.files[0].media_type = "text/plain\r\nSet-Cookie: a=b";
  BOOST_TEST(!taken(dispatch));
  dispatch = good();
  dispatch.files[0].filename = "../../etc/passwd";
  BOOST_TEST(!taken(dispatch));
}

// `invalid` is told to the sender, whose dispatch ends with it; nothing waits for another attempt.
BOOST_AUTO_TEST_CASE(R14_names_that_windows_does_not_take_are_refused_for_good) {
  for (const auto* name : {"brief.pdf::$DATA", "con.pdf", "brief.pdf.", "a?.pdf"}) {
    auto dispatch = good();
    dispatch.files[0].filename = name;
    const auto refused = check_incoming(dispatch, size_max);
    BOOST_REQUIRE(!refused.has_value());
    BOOST_CHECK(refused.error().code == domain::error_code::invalid);
  }
}

BOOST_AUTO_TEST_CASE(R14_a_subject_that_shows_nothing_is_refused) {
  auto dispatch = good();
  dispatch.subject = "\u200B\u3164";
  BOOST_TEST(!taken(dispatch));
}

BOOST_AUTO_TEST_CASE(R14_texts_keep_their_limits) {
  auto dispatch = good();
  dispatch.subject = std::string(201, 'x');
  BOOST_TEST(!taken(dispatch));
  dispatch.subject = {};
  BOOST_TEST(!taken(dispatch));
  dispatch = good();
  dispatch.message = std::string(4'001, 'x');
  BOOST_TEST(!taken(dispatch));
  dispatch.message = std::string{};
  BOOST_TEST(!taken(dispatch));
  dispatch = good();
  dispatch.class_ = "two\nlines";
  BOOST_TEST(!taken(dispatch));
  dispatch = good();
  dispatch.case_ref = std::string(65, 'x');
  BOOST_TEST(!taken(dispatch));
}

BOOST_AUTO_TEST_CASE(R14_a_dispatch_without_files_is_refused_too) {
  auto dispatch = good();
  dispatch.files.clear();
  const auto said = told(one_transfer().run(codec::to_cbor(dispatch)));
  BOOST_CHECK(said.verdict == wire::verdict::refused);
  BOOST_TEST(said.document.empty());
}

// In whatever epoch it comes again.
BOOST_AUTO_TEST_CASE(G2_a_dispatch_that_was_received_is_not_fetched_again) {
  one_transfer node;
  storage::change_set before;
  before.found(test::organisation(2));
  before.put(storage::tables::received_dispatches, storage::key_of(test::organisation(2), good().id), {"doc_1"});
  node.commit(before);
  storage::change_set written;
  const auto told = node.try_it(codec::to_cbor(good()), written);
  BOOST_REQUIRE(!told.has_value());
  BOOST_CHECK(told.error().code == domain::error_code::already_done);
  BOOST_TEST(written.writes().empty());
}

BOOST_AUTO_TEST_CASE(G2_a_dispatch_that_was_refused_is_not_answered_again) {
  one_transfer node;
  storage::change_set before;
  before.put(storage::tables::refused_dispatches, good().id.str(), {});
  node.commit(before);
  storage::change_set written;
  BOOST_CHECK(node.try_it(codec::to_cbor(good()), written).error().code == domain::error_code::already_done);
  BOOST_TEST(written.envelopes().empty());
}

// Two transfers of it may run side by side, of rows of two epochs: one of them takes effect.
BOOST_AUTO_TEST_CASE(G2_a_dispatch_that_comes_in_two_epochs_at_once_has_one_copy_and_one_receipt) {
  actors_test::temporary_node node;
  storage::change_set before;
  before.found(test::organisation(2));
  node.commit(before);
  wire::dispatch dispatch;
  static_cast<wire::announcement&>(dispatch) = good();
  const auto receive = [&](const char* row) {
    const incoming_transfer what{.peer = "node2", .row = row, .body = {}, .organisation = test::organisation(2)};
    const auto changes = receive_copies(*node.with, what, dispatch, {crypto::secret::random()},
                                        {crypto::slot{0, crypto::secret::random()}});
    BOOST_REQUIRE(changes.has_value());
    const std::array batch{&*changes};
    return node.with->store->commit(batch).front();
  };
  BOOST_TEST(receive("of one epoch").has_value());
  const auto again = receive("of another");
  BOOST_REQUIRE(!again.has_value());
  BOOST_CHECK(again.error().code == domain::error_code::conflict);
}

BOOST_AUTO_TEST_CASE(R14_a_sender_is_told_that_a_text_breaks_its_limits) {
  auto dispatch = good();
  dispatch.files[0].document = domain::document_id::make(domain::time_point{}, {6});
  dispatch.message = std::string(4'001, 'x');
  const auto said = told(one_transfer().run(codec::to_cbor(dispatch)));
  BOOST_CHECK(said.verdict == wire::verdict::refused);
  BOOST_CHECK(said.dispatch == dispatch.id);
  BOOST_CHECK(said.organisation == dispatch.sender.organisation_id);
  BOOST_CHECK(said.document == dispatch.files[0].document);
  BOOST_TEST(said.reason == "the recipient's node cannot take it: a text breaks its limits");
}

BOOST_AUTO_TEST_CASE(R5_the_sender_is_shown_as_its_card_says) {
  auto row = test::card(1, "node2", 1);
  row.card.verified = false;
  BOOST_REQUIRE(take(row).has_value());
  auto dispatch = good();
  BOOST_REQUIRE(take_sender_from_card(read(), "node2", dispatch).has_value());
  BOOST_TEST(dispatch.sender.name == "Klinik Musterstadt");
  BOOST_TEST(!dispatch.sender.verified);
}

BOOST_AUTO_TEST_CASE(R14_a_node_cannot_send_in_the_name_of_another_nodes_organisation) {
  BOOST_REQUIRE(take(test::card(1, "node3", 1)).has_value());
  auto dispatch = good();
  const auto refused = take_sender_from_card(read(), "node2", dispatch);
  BOOST_REQUIRE(!refused.has_value());
  BOOST_CHECK(refused.error().code == domain::error_code::invalid);
}

BOOST_AUTO_TEST_CASE(a_sender_whose_card_is_still_on_its_way_is_waited_for) {
  auto dispatch = good();
  BOOST_CHECK(take_sender_from_card(read(), "node2", dispatch).error().code == domain::error_code::overloaded);
}

BOOST_AUTO_TEST_SUITE_END()
