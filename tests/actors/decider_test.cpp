// Decide, commit, act: one command after the other.

#include "tests/actors/commands.hpp"

using namespace elsec;
using namespace elsec::actors;
using namespace elsec::actors::testing;

namespace {

domain::error full() { return {error_code::storage_full, "no space", {}}; }

notice noting(std::vector<std::string>& log, const std::string& what) {
  return news([&log, what](const services&) { log.push_back(what); });
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& word : words) all += (all.empty() ? "" : " ") + word;
  return all;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(decider_order, deciding)

BOOST_AUTO_TEST_CASE(commands_are_decided_in_the_order_they_came) {
  std::vector<std::string> order;
  for (const auto* name : {"a", "b", "c", "d"})
    ask(subject, name, as_command(that([&order, name](const facts& given) {
          order.emplace_back(name);
          return one_more(given);
        })));
  run();
  BOOST_TEST(joined(order) == "a b c d");
  BOOST_TEST(answers.names() == "a b c d");
}

BOOST_AUTO_TEST_CASE(what_needs_no_commit_does_not_overtake_what_does) {
  writer.holds = true;
  ask(subject, "slow", counting());
  ask(subject, "quick", saying("hello"));
  run();
  BOOST_TEST(answers.names() == "");
  release_commit();
  BOOST_TEST(answers.names() == "slow quick");
}

BOOST_AUTO_TEST_CASE(every_decision_sees_what_all_earlier_ones_have_written) {
  writer.holds = true;
  for (const auto* name : {"1", "2", "3", "4", "5"}) ask(subject, name, counting());
  run();
  for (std::size_t done = 1; done <= 5; ++done) {
    BOOST_TEST(writer.held.size() == 1U);  // at most one change set is in flight
    BOOST_TEST(writer.taken == done);
    release_commit();
    BOOST_TEST(answers.told.size() == done);
  }
  for (const auto* name : {"1", "2", "3", "4", "5"}) BOOST_TEST(body_of(name) == name);
  BOOST_TEST(counted(read()) == 5U);
}

BOOST_AUTO_TEST_CASE(nothing_is_answered_before_it_is_on_disk) {
  writer.holds = true;
  ask_now(subject, "a", counting());
  BOOST_TEST(answers.names() == "");
  BOOST_TEST(counted(read()) == 0U);
  release_commit();
  BOOST_TEST(body_of("a") == "1");
  BOOST_TEST(counted(read()) == 1U);
}

// It was there when the request came; the command before ends it.
BOOST_AUTO_TEST_CASE(nothing_is_decided_under_a_credential_that_has_ended_before_the_commands_turn) {
  storage::change_set changes;
  changes.put(storage::tables::credentials, "token",
              {.organisation_id = organisation(1), .roles = {}, .scopes = {}, .csrf_token = {}});
  commit(changes);
  auto under_it = that(&one_more);
  under_it.under = "token";
  ask_now(subject, "before", as_command(under_it));
  ask(subject, "end", as_command(that([](const facts&) {
        storage::change_set ends;
        ends.erase(storage::tables::credentials, "token");
        return ruling{.changes = std::move(ends)};
      })));
  ask(subject, "after", as_command(under_it));
  run();
  BOOST_TEST(body_of("before") == "1");
  BOOST_CHECK(error_of("after") == error_code::unauthenticated);
  BOOST_TEST(counted(read()) == 1U);
}

BOOST_AUTO_TEST_CASE(a_card_goes_through_the_directory_with_its_changes) {
  ask_now(subject, "a", as_command(that([](const facts& given) {
            auto decided = one_more(given);
            decided.card = domain::card{.id = organisation(1), .name = "Klinik Musterstadt"};
            return decided;
          })));
  BOOST_REQUIRE(directory.published.size() == 1U);
  BOOST_TEST(directory.published.front().name == "Klinik Musterstadt");
  BOOST_TEST(writer.taken == 0U);
  BOOST_TEST(counted(read()) == 1U);
  BOOST_TEST(body_of("a") == "1");
}

BOOST_AUTO_TEST_CASE(a_hundred_thousand_behind_one_slow_commit_need_neither_stack_nor_readers) {
  constexpr std::size_t many = 100'000;
  writer.holds = true;
  ask_now(subject, "slow", counting());
  std::size_t decided = 0;
  const auto quick = as_command(that([&decided](const facts&) {
    ++decided;
    return ruling{};
  }));
  for (std::size_t i = 0; i < many; ++i) caf::anon_send(subject, quick);
  run();
  BOOST_TEST(decided == 0U);
  release_commit();
  BOOST_TEST(decided == many);
  ask_now(subject, "after", saying("still here"));
  BOOST_TEST(body_of("after") == "still here");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(decider_failures, deciding)

BOOST_AUTO_TEST_CASE(a_failed_commit_is_its_callers_answer_and_the_next_is_decided) {
  writer.holds = true;
  ask(subject, "a", counting());
  ask(subject, "b", counting());
  run();
  writer.refuses = full();
  release_commit();
  BOOST_CHECK(error_of("a") == error_code::storage_full);
  writer.refuses.reset();
  release_commit();
  BOOST_TEST(body_of("b") == "1");
}

// A decision made before the answer would read rows that are about to change.
BOOST_AUTO_TEST_CASE(a_commit_that_takes_long_keeps_the_next_decision_waiting_however_long) {
  writer.holds = true;
  ask(subject, "a", counting());
  ask(subject, "b", counting());
  run();
  pass(std::chrono::hours(1));
  BOOST_TEST(answers.names() == "");
  BOOST_TEST(writer.taken == 1U);
  release_commit();
  BOOST_TEST(body_of("a") == "1");
  release_commit();
  BOOST_TEST(body_of("b") == "2");
}

BOOST_AUTO_TEST_CASE(a_command_that_throws_while_it_decides_is_an_internal_error_and_the_next_is_decided) {
  ask(subject, "a", as_command(that([](const facts&) -> domain::result<ruling> { throw std::out_of_range("at"); })));
  ask(subject, "b", counting());
  run();
  BOOST_CHECK(error_of("a") == error_code::internal);
  BOOST_TEST(body_of("b") == "1");
}

BOOST_AUTO_TEST_CASE(a_command_that_throws_beforehand_is_an_internal_error_and_the_next_is_decided) {
  scripted wrong;
  wrong.prepares = [](const services&) -> domain::result<preparation> { throw std::runtime_error("before"); };
  ask(subject, "a", as_command(wrong));
  ask(subject, "b", counting());
  run();
  BOOST_CHECK(error_of("a") == error_code::internal);
  BOOST_TEST(body_of("b") == "1");
}

BOOST_AUTO_TEST_CASE(one_that_throws_behind_a_slow_commit_does_not_hold_up_the_next) {
  writer.holds = true;
  ask(subject, "slow", counting());
  ask(subject, "a", as_command(that([](const facts&) -> domain::result<ruling> { throw std::out_of_range("at"); })));
  ask(subject, "b", saying("b"));
  run();
  release_commit();
  BOOST_TEST(answers.names() == "slow a b");
  BOOST_CHECK(error_of("a") == error_code::internal);
}

BOOST_AUTO_TEST_CASE(the_error_of_a_decision_is_the_answer_and_nothing_is_written) {
  ask_now(subject, "a", as_command(that([](const facts&) -> domain::result<ruling> {
            return domain::fail(error_code::wrong_state, "not now");
          })));
  BOOST_CHECK(error_of("a") == error_code::wrong_state);
  BOOST_TEST(writer.taken == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(decider_notices, deciding)

BOOST_AUTO_TEST_CASE(notices_are_acted_on_after_the_commit_only) {
  std::vector<std::string> log;
  writer.holds = true;
  ask_now(subject, "a", as_command(that([&log](const facts& given) {
            auto decided = one_more(given);
            decided.notices = {noting(log, "told"), deadlines_may_be_due{}, saying("next")};
            return decided;
          })));
  BOOST_TEST(joined(log) == "");
  BOOST_TEST(node.got.size() == 0U);
  BOOST_TEST(janitor.woken == 0U);
  release_commit();
  BOOST_TEST(joined(log) == "told");
  BOOST_TEST(node.got.size() == 1U);
  BOOST_TEST(janitor.woken == 1U);
}

BOOST_AUTO_TEST_CASE(notices_of_a_failed_commit_are_forgotten) {
  std::vector<std::string> log;
  writer.refuses = full();
  ask_now(subject, "a", as_command(that([&log](const facts& given) {
            auto decided = one_more(given);
            decided.notices = {noting(log, "told"), deadlines_may_be_due{}, saying("next")};
            return decided;
          })));
  BOOST_CHECK(error_of("a") == error_code::storage_full);
  BOOST_TEST(joined(log) == "");
  BOOST_TEST(node.got.size() == 0U);
  BOOST_TEST(janitor.woken == 0U);
}

BOOST_AUTO_TEST_CASE(notices_wait_for_the_commit) {
  std::vector<std::string> log;
  writer.holds = true;
  ask_now(subject, "a", as_command(that([&log](const facts& given) {
            auto decided = one_more(given);
            decided.notices = {noting(log, "told")};
            return decided;
          })));
  pass(std::chrono::hours(1));
  BOOST_TEST(joined(log) == "");
  release_commit();
  BOOST_TEST(joined(log) == "told");
}

// A refusal may leave something behind: what is told of it comes before the caller can try again.
BOOST_AUTO_TEST_CASE(a_refusal_is_answered_after_its_notices) {
  std::size_t told_when_next_was_asked = 99;
  node.answers = [&](const shared_command&) {
    told_when_next_was_asked = answers.told.size();
    return outcome(answered{});
  };
  ask_now(subject, "a", as_command(that([](const facts& given) {
            auto decided = one_more(given);
            decided.refusal = domain::error{error_code::bad_credentials, "wrong", {}};
            decided.notices = {saying("next")};
            return decided;
          })));
  BOOST_CHECK(error_of("a") == error_code::bad_credentials);
  BOOST_TEST(told_when_next_was_asked == 0U);
  BOOST_TEST(counted(read()) == 1U);
}

BOOST_AUTO_TEST_CASE(a_refusal_without_changes_tells_its_notices_too) {
  std::vector<std::string> log;
  ask_now(subject, "a", as_command(that([&log](const facts&) {
            ruling decided;
            decided.refusal = domain::error{error_code::bad_credentials, "wrong", {}};
            decided.notices = {noting(log, "told")};
            return decided;
          })));
  BOOST_CHECK(error_of("a") == error_code::bad_credentials);
  BOOST_TEST(joined(log) == "told");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(decider_passwords, deciding)

BOOST_AUTO_TEST_CASE(nobody_waits_behind_a_password) {
  passwords.holds = true;
  ask(subject, "slow", as_command(with_password("open sesame")));
  ask(subject, "later", counting());
  run();
  BOOST_TEST(answers.names() == "later");
  release_password();
  BOOST_TEST(answers.names() == "later slow");
  BOOST_TEST(body_of("slow") == "fits");
}

BOOST_AUTO_TEST_CASE(what_came_of_a_password_stands_in_the_facts) {
  ask_now(subject, "right", as_command(with_password("open sesame")));
  ask_now(subject, "wrong", as_command(with_password("open barley")));
  auto hashing = that([](const facts& given) {
    return ruling{.answer = {.body = std::get<password_hashed>(given.done).encoded_hash}};
  });
  hashing.prepares = [](const services&) { return preparation{hash_password{"new one"}}; };
  ask_now(subject, "hash", as_command(hashing));
  BOOST_TEST(body_of("right") == "fits");
  BOOST_TEST(body_of("wrong") == "does not fit");
  BOOST_TEST(body_of("hash") == "hash of new one");
}

BOOST_AUTO_TEST_CASE(the_error_of_a_password_is_the_answer) {
  passwords.refuses = domain::error{error_code::overloaded, "too many", {}};
  ask_now(subject, "a", as_command(with_password("open sesame")));
  BOOST_CHECK(error_of("a") == error_code::overloaded);
  ask_now(subject, "b", counting());
  BOOST_TEST(body_of("b") == "1");
}

// The gateway tells its client after a while that it may still come about; here it does.
BOOST_AUTO_TEST_CASE(a_password_that_takes_long_is_waited_for_however_long) {
  passwords.holds = true;
  ask_now(subject, "a", as_command(with_password("open sesame")));
  pass(std::chrono::hours(1));
  BOOST_TEST(answers.names() == "");
  release_password();
  BOOST_TEST(body_of("a") == "fits");
}

BOOST_AUTO_TEST_CASE(where_nobody_looks_at_passwords_any_more_that_is_answered) {
  caf::anon_send_exit(with()->next_passwords(), caf::exit_reason::kill);
  run();
  ask_now(subject, "a", as_command(with_password("open sesame")));
  BOOST_CHECK(error_of("a") == error_code::overloaded);
  ask_now(subject, "b", counting());
  BOOST_TEST(body_of("b") == "1");
}

BOOST_AUTO_TEST_CASE(the_error_beforehand_is_the_answer_and_nothing_is_decided) {
  bool decided = false;
  auto refused = that([&decided](const facts&) {
    decided = true;
    return ruling{};
  });
  refused.prepares = [](const services&) -> domain::result<preparation> {
    return domain::fail(error_code::too_many_requests, "wait");
  };
  ask_now(subject, "a", as_command(refused));
  BOOST_CHECK(error_of("a") == error_code::too_many_requests);
  BOOST_TEST(!decided);
}

// A password is ready while something else is being written: its turn comes behind it.
BOOST_AUTO_TEST_CASE(after_its_password_a_command_waits_for_its_turn_like_any_other) {
  passwords.holds = writer.holds = true;
  ask(subject, "password", as_command(with_password("open sesame")));
  ask(subject, "slow", counting());
  ask(subject, "quick", saying("quick"));
  run();
  release_password();
  BOOST_TEST(answers.names() == "");
  release_commit();
  BOOST_TEST(answers.names() == "slow quick password");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(decider_endings, deciding)

BOOST_AUTO_TEST_CASE(what_waited_before_the_stop_is_answered) {
  writer.holds = true;
  ask(subject, "a", counting());
  ask(subject, "b", counting());
  ask(subject, "c", saying("c"));
  run();
  tell(subject, stop_atom_v);
  release_commit();
  release_commit();
  BOOST_TEST(body_of("a") == "1");
  BOOST_TEST(body_of("b") == "2");
  BOOST_TEST(body_of("c") == "c");
  ask_now(subject, "after", saying("after"));
  BOOST_TEST(answers.names() == "a b c after(lost)");  // nobody is there any more
}

BOOST_AUTO_TEST_CASE(whose_password_was_looked_at_before_the_stop_is_answered) {
  passwords.holds = true;
  ask(subject, "a", as_command(with_password("open sesame")));
  run();
  tell(subject, stop_atom_v);
  release_password();
  BOOST_TEST(body_of("a") == "fits");
  ask_now(subject, "after", saying("after"));
  BOOST_TEST(answers.names() == "a after(lost)");
}

BOOST_AUTO_TEST_CASE(a_password_that_is_refused_after_the_stop_does_not_keep_it_from_ending) {
  passwords.holds = true;
  ask_now(subject, "a", as_command(with_password("open sesame")));
  tell(subject, stop_atom_v);
  passwords.refuses = domain::error{error_code::overloaded, "too many", {}};
  release_password();
  BOOST_CHECK(error_of("a") == error_code::overloaded);
  ask_now(subject, "after", saying("after"));
  BOOST_TEST(answers.names() == "a after(lost)");
}

BOOST_AUTO_TEST_CASE(an_organisation_that_has_nothing_to_do_says_so) {
  pass_in_steps(tenant_idle, 4);
  BOOST_REQUIRE(!node.idle.empty());
  BOOST_TEST(node.idle.front().str() == organisation(1).str());
}

BOOST_AUTO_TEST_CASE(an_organisation_is_not_idle_while_a_password_is_looked_at) {
  pass(tenant_idle);  // first of all it was active: it has just begun
  pass(tenant_idle - std::chrono::seconds(10));
  passwords.holds = true;
  ask_now(subject, "a", as_command(with_password("open sesame")));
  pass(std::chrono::seconds(10));
  BOOST_TEST(node.idle.size() == 0U);
  release_password();
  BOOST_TEST(body_of("a") == "fits");
  pass_in_steps(tenant_idle, 3);
  BOOST_TEST(node.idle.size() >= 1U);
}

BOOST_AUTO_TEST_CASE(an_organisation_is_not_idle_while_something_is_written) {
  pass(tenant_idle);
  pass(tenant_idle - std::chrono::seconds(10));
  writer.holds = true;
  ask_now(subject, "a", counting());
  pass(std::chrono::seconds(10));
  BOOST_TEST(node.idle.size() == 0U);
}

// A document leaves when idle; not from a command that is still under way.
BOOST_AUTO_TEST_CASE(a_document_stays_while_a_password_is_looked_at_and_while_it_is_written) {
  auto slow = with_password("open sesame");
  slow.about.object = "doc_1";
  passwords.holds = true;
  ask_now(subject, "password", as_command(slow));
  pass_in_steps(document_idle, 5);
  release_password();
  BOOST_TEST(body_of("password") == "fits");
  auto writing = that(&one_more);
  writing.about.object = "doc_1";
  writer.holds = true;
  ask_now(subject, "written", as_command(writing));
  pass_in_steps(document_idle, 5);
  release_commit();
  BOOST_TEST(body_of("written") == "1");
}

BOOST_AUTO_TEST_CASE(a_document_that_left_is_there_again_for_the_next_command) {
  auto writing = that(&one_more);
  writing.about.object = "doc_1";
  ask_now(subject, "a", as_command(writing));
  pass_in_steps(document_idle, 10);
  ask_now(subject, "b", as_command(writing));
  BOOST_TEST(body_of("a") == "1");
  BOOST_TEST(body_of("b") == "2");
}

// Documents decide side by side: each one's change set may be in flight.
BOOST_AUTO_TEST_CASE(one_documents_slow_commit_holds_up_no_other) {
  writer.holds = true;
  auto first = that(&one_more);
  first.about.object = "doc_1";
  auto second = that([](const facts&) { return ruling{.answer = {.body = "second"}}; });
  second.about.object = "doc_2";
  ask(subject, "first", as_command(first));
  ask(subject, "second", as_command(second));
  ask(subject, "own", saying("own"));
  run();
  BOOST_CHECK(answers.told.size() == 2U);
  BOOST_TEST(body_of("second") == "second");
  BOOST_TEST(body_of("own") == "own");
  release_commit();
  BOOST_TEST(body_of("first") == "1");
}

BOOST_AUTO_TEST_SUITE_END()
