// What takes long is asked of a helper before a command is decided.

#include "tests/actors/commands.hpp"

using namespace elsec;
using namespace elsec::actors;
using namespace elsec::actors::testing;

namespace {

// Says what the helper has answered.
scripted helped_by(const preparation& wanted) {
  auto made = that([](const facts& given) {
    if (const auto* seen = std::get_if<domain::result<file_examined>>(&given.done))
      return ruling{.answer = {.body = *seen ? std::to_string((*seen)->pages) + " pages seen" : "not seen"}};
    if (const auto* paper = std::get_if<domain::result<paper_made>>(&given.done))
      return ruling{.answer = {.body = *paper ? std::to_string((*paper)->sheets) + " sheets" : "no paper"}};
    return ruling{.answer = {.body = "unprepared"}};
  });
  made.prepares = [wanted](const services&) { return wanted; };
  return made;
}

const auto some_document = domain::document_id::make(domain::time_point{}, {1});
const auto some_letter = domain::letter_id::make(domain::time_point{}, {1});

}  // namespace

BOOST_FIXTURE_TEST_SUITE(decider_helpers, deciding)

BOOST_AUTO_TEST_CASE(what_the_helpers_answer_stands_in_the_facts) {
  ask_now(subject, "look", as_command(helped_by(examine_file{organisation(1), some_document})));
  ask_now(subject, "paper", as_command(helped_by(compose_paper{organisation(1), some_letter})));
  ask_now(subject, "post", as_command(helped_by(submit_paper{organisation(1), some_letter})));
  BOOST_TEST(body_of("look") == "3 pages seen");
  BOOST_TEST(body_of("paper") == "2 sheets");
  BOOST_TEST(body_of("post") == "2 sheets");
  BOOST_REQUIRE(helpers.asked.size() == 3U);
  BOOST_TEST(helpers.asked[0] == "examine " + some_document.str());
  BOOST_TEST(helpers.asked[1] == "compose " + some_letter.str());
  BOOST_TEST(helpers.asked[2] == "submit " + some_letter.str());
}

BOOST_AUTO_TEST_CASE(a_helpers_error_is_for_the_command_to_judge) {
  helpers.sees = domain::fail(error_code::timed_out);
  helpers.makes = domain::fail(error_code::storage_full);
  ask_now(subject, "look", as_command(helped_by(examine_file{organisation(1), some_document})));
  ask_now(subject, "post", as_command(helped_by(submit_paper{organisation(1), some_letter})));
  BOOST_TEST(body_of("look") == "not seen");
  BOOST_TEST(body_of("post") == "no paper");
}

// As while the node stops: nothing was tried, so nothing has failed.
BOOST_AUTO_TEST_CASE(a_helper_that_is_gone_leaves_the_command_undecided) {
  caf::anon_send_exit(with()->screening, caf::exit_reason::user_shutdown);
  run();
  ask_now(subject, "look", as_command(helped_by(examine_file{organisation(1), some_document})));
  BOOST_CHECK(error_of("look") == error_code::overloaded);
  tell(subject, stop_atom_v);
  ask_now(subject, "after", saying("after"));
  BOOST_TEST(answers.names() == "look after(lost)");  // it has not kept the subject from ending
}

BOOST_AUTO_TEST_SUITE_END()
