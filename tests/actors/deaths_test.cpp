// Actors that end although nobody has told them to.

#include "actors/supervision.hpp"
#include "tests/actors/living.hpp"

namespace elsec::actors::testing {
namespace {

// What is no exception of ours either: nobody catches it before CAF does.
[[nodiscard]] scripted deadly() {
  return that([](const facts&) -> domain::result<ruling> { throw 1; });
}
// And while something that was decided before is on its way to the disk.
[[nodiscard]] shared_command deadly_beforehand() {
  scripted made;
  made.prepares = [](const services&) -> domain::result<preparation> { throw 1; };
  return as_command(std::move(made));
}
// What a peer sends to whomever it likes.
constexpr auto kind_from_peer = "letter";
domain::result<shared_command> named_by_peer(const received_envelope&) {
  auto made = that(&one_more);
  made.about.organisation = organisation(7);
  return as_command(std::move(made));
}

// An organisation's actor with doubles of all others.
struct one_organisation : deciding {
  void kill_document() {
    caf::anon_send_exit(state_of<tenant_state>(subject).documents.at("doc_1").actor, caf::exit_reason::kill);
    run();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(deaths_that_end_the_process, living)

BOOST_AUTO_TEST_CASE(nothing_ends_while_nothing_dies) {
  ask_now(all, "a", counting());
  pass_in_steps(std::chrono::minutes(1), 5);
  BOOST_TEST(told("a") == "1");
  BOOST_TEST(stopped.empty());
}

BOOST_AUTO_TEST_CASE(a_link_that_dies_ends_the_process) {
  open().send = [](const std::string&, const transport::envelope&) -> transport::sent {
    throw std::runtime_error("no");
  };
  tell(all, link_atom_v, std::string("node2"), true);
  check_stopped("the link to node2");
}

BOOST_AUTO_TEST_CASE(a_writer_that_dies_ends_the_process) {
  open().committed = [] { throw std::runtime_error("committed"); };
  ask_now(all, "a", counting());
  check_stopped("the state writer");
}

BOOST_AUTO_TEST_CASE(a_postal_office_that_dies_ends_the_process) {
  pass(std::chrono::hours(1'000));
  check_stopped("the postal office");
}

BOOST_AUTO_TEST_CASE(a_content_writer_that_dies_ends_the_process) {
  kill(inside().with->content_writer);
  check_stopped("the content writer");
}

BOOST_AUTO_TEST_CASE(one_that_hashes_passwords_and_dies_ends_the_process) {
  kill(inside().with->passwords.back());
  check_stopped("the passwords");
}

BOOST_AUTO_TEST_CASE(a_directory_that_dies_ends_the_process) {
  kill(inside().with->directory);
  check_stopped("the directory");
}

BOOST_AUTO_TEST_CASE(a_screening_that_dies_ends_the_process) {
  kill(inside().with->screening);
  check_stopped("the screening");
}

BOOST_AUTO_TEST_CASE(a_mailroom_that_dies_ends_the_process) {
  kill(inside().mailroom);
  check_stopped("the mailroom");
}

BOOST_AUTO_TEST_CASE(a_janitor_that_dies_ends_the_process) {
  open().registry.deadline_kinds = {{.name = "broken", .ahead_max = [](const policy&) -> std::chrono::milliseconds {
                                       throw std::runtime_error("ahead");
                                     }}};
  pass(janitor_tick);
  check_stopped("the janitor");
}

BOOST_AUTO_TEST_CASE(one_that_nobody_monitors_ends_the_process_too) {
  end_process_with(all, "the node", with()->with);
  kill(all);
  check_stopped("the node");
}

BOOST_AUTO_TEST_CASE(one_that_nobody_monitors_may_end_when_it_was_told_to) {
  end_process_with(all, "the node", with()->with);
  tell(all, stop_atom_v);
  BOOST_TEST(stopped.empty());
}

BOOST_AUTO_TEST_CASE(a_node_that_is_stopped_ends_nothing) {
  ask_now(all, "a", counting());
  tell(all, stop_atom_v);
  BOOST_TEST(stopped.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(deaths_of_organisations, living)

BOOST_AUTO_TEST_CASE(an_organisations_actor_that_dies_is_there_again_for_the_next_command) {
  ask_now(all, "a", as_command(deadly()));
  ask_now(all, "b", counting());
  BOOST_TEST(told("a") == "internal");
  BOOST_TEST(told("b") == "1");
  BOOST_TEST(stopped.empty());
}

BOOST_AUTO_TEST_CASE(R14_whom_only_a_peer_names_gets_no_actor) {
  open().registry.wire_kinds = {{.name = kind_from_peer, .in_every_version = true, .received = &named_by_peer}};
  storage::change_set changes;
  changes.put(storage::tables::inbound,
              storage::key_of("node2", '\0', kind_from_peer, '\0', "epoch", storage::big_endian(1)),
              {.kind = kind_from_peer, .id = {}, .body = {1}, .reason = {}});
  commit(changes);
  pass_in_steps(link_tick, 2);
  BOOST_TEST(!inside().tenants.contains(organisation(7)));
  BOOST_TEST(read()
                 .contains(storage::tables::rejected.name,
                           storage::key_of("node2", '\0', kind_from_peer, '\0', "epoch", storage::big_endian(1)))
                 .value());
  ask_now(all, "a", counting());  // anybody else may name one that is not here yet
  BOOST_TEST(told("a") == "1");
}

BOOST_AUTO_TEST_CASE(a_documents_actor_does_not_outlive_its_organisations) {
  ask_now(all, "a", about("doc_1", that(&one_more)));
  ask_now(all, "b", as_command(deadly()));
  ask_now(all, "c", about("doc_1", that(&one_more)));
  BOOST_TEST(told("c") == "2");
  BOOST_TEST(stopped.empty());
}

// It is on its way to the disk: deciding before it is there would be deciding by old rows.
BOOST_AUTO_TEST_CASE(G1_what_an_organisations_actor_has_sent_to_the_disk_comes_before_the_next_decision) {
  during_the_next_commit([this] { ask_now(all, "b", counting()); });
  ask(all, "a", counting());
  ask(all, "deadly", deadly_beforehand());
  run();
  BOOST_TEST(told("a") == "internal");
  BOOST_TEST(told("b") == "2");
}

BOOST_AUTO_TEST_CASE(G1_so_it_does_for_the_documents_of_an_organisation_whose_actor_has_died) {
  during_the_next_commit([this] { ask_now(all, "b", about("doc_1", that(&one_more))); });
  ask(all, "a", about("doc_1", that(&one_more)));
  ask(all, "deadly", deadly_beforehand());
  run();
  BOOST_TEST(told("b") == "2");
}

// Two would decide the same.
BOOST_AUTO_TEST_CASE(G1_nobody_takes_its_place_while_its_documents_are_still_at_work) {
  ask_now(all, "a", about("doc_1", that([this](const facts& given) {
                            ask_now(all, "deadly", as_command(deadly()));
                            ask_now(all, "b", about("doc_1", that(&one_more)));
                            return one_more(given);
                          })));
  BOOST_TEST(told("b") == "overloaded");
  ask_now(all, "c", about("doc_1", that(&one_more)));
  BOOST_TEST(told("c") == "2");
}

BOOST_AUTO_TEST_CASE(the_end_of_one_that_was_sent_away_is_not_its_successors) {
  ask_now(all, "a", counting());
  pass_in_steps(tenant_idle, 2);  // it was active: it has just begun, and decided
  const auto first = tenant_here();
  coordinator().advance_time(tenant_idle);
  run_without(first);
  run_next(first);  // it says that it is idle,
  run_next(all);    // is sent away,
  BOOST_TEST(inside().tenants.empty());
  ask(all, "b", counting());
  run_without(first);  // and ends when another is at work already
  ask_now(all, "c", counting());
  BOOST_TEST(told("b") == "2");
  BOOST_TEST(told("c") == "3");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(deaths_of_documents, one_organisation)

BOOST_AUTO_TEST_CASE(a_documents_actor_that_dies_is_there_again_for_the_next_command) {
  ask_now(subject, "a", about("doc_1", deadly()));
  ask_now(subject, "b", about("doc_1", that(&one_more)));
  BOOST_CHECK(error_of("a") == error_code::internal);
  BOOST_TEST(body_of("b") == "1");
}

BOOST_AUTO_TEST_CASE(whoever_waited_for_one_that_dies_is_told) {
  writer.holds = passwords.holds = true;
  auto slow = with_password("open sesame");
  slow.about.object = "doc_1";
  ask(subject, "password", as_command(slow));
  ask(subject, "writing", about("doc_1", that(&one_more)));
  ask(subject, "waiting", about("doc_1", that(&one_more)));
  run();
  kill_document();
  for (const auto* name : {"password", "writing", "waiting"}) BOOST_CHECK(error_of(name) == error_code::internal);
}

BOOST_AUTO_TEST_CASE(G1_what_one_that_died_has_sent_to_the_disk_comes_before_the_next_decision) {
  writer.holds = true;
  ask_now(subject, "a", about("doc_1", that(&one_more)));
  kill_document();
  ask_now(subject, "b", about("doc_1", that(&one_more)));
  pass(std::chrono::minutes(10));  // however long it takes
  while (!writer.held.empty()) release_commit();
  BOOST_TEST(body_of("b") == "2");
  BOOST_TEST(counted(read()) == 2U);
}

// As while the node stops: then nothing is on its way any more that it would wait for.
BOOST_AUTO_TEST_CASE(where_the_directory_has_ended_the_next_one_begins_all_the_same) {
  caf::anon_send_exit(with()->directory, caf::exit_reason::user_shutdown);
  ask_now(subject, "a", about("doc_1", deadly()));
  ask_now(subject, "b", about("doc_1", that(&one_more)));
  BOOST_TEST(body_of("b") == "1");
}

BOOST_AUTO_TEST_CASE(the_others_of_the_organisation_go_on) {
  writer.holds = true;
  ask_now(subject, "other", about("doc_2", that(&one_more)));
  ask_now(subject, "a", about("doc_1", deadly()));
  release_commit();
  BOOST_TEST(body_of("other") == "1");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::actors::testing
