// G1: an idle actor that decides is sent away in time, and never while anything is on its way to it: two would decide
// the same.

#include "tests/actors/living.hpp"

namespace elsec::actors::testing {
namespace {

// An organisation's actor with doubles of all others, and one of its documents.
struct household_with_document : deciding {
  [[nodiscard]] static shared_command more() { return about("doc_1", that(&one_more)); }
  [[nodiscard]] const auto& documents() const { return state_of<tenant_state>(subject).documents; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(retiring_documents, household_with_document)

BOOST_AUTO_TEST_CASE(one_that_has_nothing_to_do_is_sent_away) {
  ask_now(subject, "a", more());
  BOOST_TEST(documents().size() == 1U);
  pass_in_steps(document_idle, 3);
  BOOST_TEST(documents().empty());
}

// A command overtook the message, and that took longer than any silence: the disk, or a machine, was slow.
BOOST_AUTO_TEST_CASE(G1_one_that_was_given_something_after_it_said_it_was_idle_stays_however_long_that_took) {
  ask_now(subject, "a", more());
  pass(document_idle);  // it was active
  writer.holds = true;
  ask(subject, "b", more());
  run_without(subject);
  coordinator().advance_time(document_idle);
  run_without(subject);  // the document says that it is idle; the command is before that in the mailbox
  run_next(subject);
  run_without(subject);
  BOOST_TEST(writer.held.size() == 1U);
  pass(10 * document_idle);
  ask_now(subject, "c", more());
  BOOST_TEST(writer.held.size() == 1U);  // nobody decides beside it
  while (!writer.held.empty()) release_commit();
  BOOST_TEST(body_of("b") == "2");
  BOOST_TEST(body_of("c") == "3");
}

BOOST_AUTO_TEST_CASE(G1_what_one_that_has_left_had_said_sends_its_successor_not_away) {
  ask_now(subject, "a", more());
  const auto first = documents().at("doc_1").actor;
  pass_in_steps(document_idle, 3);
  BOOST_TEST(documents().empty());
  ask_now(subject, "b", more());
  const auto number = documents().at("doc_1").sent;
  caf::actor_cast<caf::strong_actor_ptr>(subject)->enqueue(
      caf::actor_cast<caf::strong_actor_ptr>(first), caf::make_message_id(),
      caf::make_message(idle_atom_v, std::string("doc_1"), number), nullptr);
  run();
  BOOST_TEST(documents().size() == 1U);
}

BOOST_AUTO_TEST_CASE(G1_one_that_is_sent_away_has_answered_everything_and_the_next_begins_at_once) {
  for (int round = 1; round <= 20; ++round) {
    ask_now(subject, std::to_string(round), more());
    pass_in_steps(document_idle, 3);
    BOOST_TEST(documents().empty());
    BOOST_TEST(body_of(std::to_string(round)) == std::to_string(round));
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(retiring_organisations, living)

BOOST_AUTO_TEST_CASE(one_that_has_nothing_to_do_is_sent_away) {
  ask_now(all, "a", counting());
  BOOST_TEST(inside().tenants.size() == 1U);
  pass_in_steps(tenant_idle, 3);
  BOOST_TEST(inside().tenants.empty());
  ask_now(all, "b", counting());
  BOOST_TEST(told("b") == "2");
}

BOOST_AUTO_TEST_CASE(G1_one_that_was_given_something_after_it_said_it_was_idle_stays_however_long_that_took) {
  ask_now(all, "a", counting());
  pass(tenant_idle);  // it was active
  ask(all, "b", counting());
  run_without(all);
  coordinator().advance_time(tenant_idle);
  run_without(all);  // the organisation's actor says that it is idle; the command is before that in the mailbox
  run_next(all);
  during_the_next_commit([this] {
    pass(10 * tenant_idle);
    ask_now(all, "c", counting());
  });
  run_without(all);
  run();
  BOOST_TEST(told("b") == "2");
  BOOST_TEST(told("c") == "3");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::actors::testing
