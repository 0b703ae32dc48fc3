// What a link asks its peer, how often, and in whose turn.

#include "actors/link.hpp"
#include "tests/actors/support.hpp"

namespace elsec::actors::testing {
namespace {

constexpr auto kind_question = "question";

struct asking : stage {
  asking() {
    open().send = [this](const std::string&, const transport::envelope& envelope) {
      if (envelope.header.kind == wire::kind_cards_wanted) {
        cards_asked.push_back(envelope.header.id);
        behind.push_back(codec::from_cbor<wire::cards_wanted>(envelope.body)->after);
      }
      if (envelope.header.kind == kind_question)
        asked.emplace_back(envelope.header.id, std::string(envelope.body.begin(), envelope.body.end()));
      return transport::sent::queued;
    };
    to = spawn(link, with(), "node2");
    tell(to, start_atom_v);
    tell(to, link_atom_v, true);
  }
  // By one actor.
  void ask_all(const std::vector<std::string>& words) {
    coordinator().system().spawn(
        [this](caf::event_based_actor* self, const link_actor& whom, const std::vector<std::string>& all) {
          for (const auto& each : all)
            self->request(whom, caf::infinite, ask_peer{kind_question, {each.begin(), each.end()}})
                .then([this](const peer_answer& told) { told ? ++answered : ++failed; }, [](const caf::error&) {});
        },
        to, words);
    run();
  }
  void answer(std::size_t index) {
    transport::envelope envelope{.header = {}, .body = {1}};
    envelope.header.kind = wire::kind_answer;
    envelope.header.id = asked.at(index).first;
    tell(to, std::make_shared<const transport::envelope>(std::move(envelope)));
  }
  void say_cards(std::uint64_t newest) {
    transport::envelope envelope{.header = {},
                                 .body = codec::to_cbor(wire::hello{.epoch = std::string(32, 'a'), .cards = newest})};
    envelope.header.kind = wire::kind_hello;
    tell(to, std::make_shared<const transport::envelope>(std::move(envelope)));
  }
  void answer_cards(const wire::cards& cards) {
    transport::envelope envelope{.header = {}, .body = codec::to_cbor(cards)};
    envelope.header.kind = wire::kind_answer;
    envelope.header.id = cards_asked.back();
    tell(to, std::make_shared<const transport::envelope>(std::move(envelope)));
  }
  void wait(std::chrono::milliseconds time) { pass_in_steps(link_tick, static_cast<int>(time / link_tick)); }
  [[nodiscard]] std::string words() const {
    std::string all;
    for (const auto& [id, each] : asked) all += (all.empty() ? "" : " ") + each;
    return all;
  }

  link_actor to;
  std::vector<std::pair<std::string, std::string>> asked;  // ids and words, as sent
  std::vector<std::string> cards_asked;
  std::vector<std::uint64_t> behind;
  int answered = 0;
  int failed = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(link_requests, asking)

BOOST_AUTO_TEST_CASE(two_are_under_way_at_first_and_more_as_answers_come) {
  ask_all({"a", "b", "c", "d", "e", "f", "g"});
  BOOST_TEST(words() == "a b");
  answer(0);
  BOOST_TEST(words() == "a b c d");
  answer(1);
  BOOST_TEST(words() == "a b c d e f");
  BOOST_TEST(answered == 2);
}

BOOST_AUTO_TEST_CASE(nothing_is_asked_twice_before_it_is_overdue) {
  ask_all({"a", "b"});
  wait(link_repeat_first - link_tick);
  BOOST_TEST(words() == "a b");
}

BOOST_AUTO_TEST_CASE(what_is_overdue_is_not_asked_again_all_at_once) {
  ask_all({"a", "b"});
  wait(link_repeat_first + link_tick);
  BOOST_TEST(words() == "a b a");
  BOOST_TEST(asked.at(2).first == asked.at(0).first);  // the same question, so that its answer is not sent twice
}

BOOST_AUTO_TEST_CASE(after_an_answer_was_measured_it_is_asked_again_sooner) {
  ask_all({"a"});
  answer(0);
  ask_all({"b"});
  wait(link_repeat_min - link_tick);
  BOOST_TEST(words() == "a b");
  wait(2 * link_tick);
  BOOST_TEST(words() == "a b b");
}

BOOST_AUTO_TEST_CASE(an_answer_to_one_that_was_taken_back_counts) {
  ask_all({"a", "b", "c"});
  wait(link_repeat_first + link_tick);
  answer(1);
  answer(0);
  BOOST_TEST(answered == 2);
  BOOST_TEST(words() == "a b c");  // it had its turn while they waited for another
}

BOOST_AUTO_TEST_CASE(whoever_asks_for_much_keeps_nobody_waiting_who_asks_for_little) {
  ask_all({"a1", "a2", "a3", "a4", "a5"});
  ask_all({"b"});
  answer(0);
  BOOST_TEST(words() == "a1 a2 b a3");
}

BOOST_AUTO_TEST_CASE(of_a_silent_peer_no_answer_is_waited_for_without_end) {
  ask_all({"a", "b", "c"});
  wait(link_request_deadline - link_tick);
  BOOST_TEST(failed == 0);
  wait(2 * link_tick);
  BOOST_TEST(failed == 3);
}

BOOST_AUTO_TEST_CASE(while_answers_come_those_that_wait_longer_are_not_given_up) {
  std::vector<std::string> many;
  for (int i = 0; i < 20; ++i) many.push_back(std::to_string(i));
  ask_all(many);
  for (std::size_t next = 0; answered < 20 && next < 200; ++next) {
    wait(8s);
    if (next < asked.size()) answer(next);
  }
  BOOST_TEST(failed == 0);
  BOOST_TEST(answered == 20);
}

BOOST_AUTO_TEST_CASE(one_that_is_never_answered_is_given_up_although_others_are) {
  ask_all({"never"});
  std::size_t seen = 0;
  for (int i = 0; i < 240 && failed == 0; ++i) {
    ask_all({"other"});
    wait(link_tick);
    for (const auto last = asked.size(); seen < last; ++seen)
      if (asked.at(seen).second == "other") answer(seen);
  }
  BOOST_TEST(failed == 1);
}

// The directory's double takes none of them.
BOOST_AUTO_TEST_CASE(cards_that_are_not_taken_are_not_asked_for_over_and_over) {
  say_cards(300);
  answer_cards({.jws = {"x"}, .more = true, .last = 100});
  answer_cards({.jws = {"x"}, .more = true, .last = 200});
  answer_cards({.jws = {"x"}, .more = false, .last = 300});
  const std::vector<std::uint64_t> expected{0, 100, 200};
  BOOST_TEST(behind == expected, boost::test_tools::per_element());
  say_cards(300);
  BOOST_TEST(behind.size() == 4U);
}

BOOST_AUTO_TEST_CASE(a_peer_that_says_there_are_more_and_gives_none_is_not_asked_at_once_again) {
  say_cards(300);
  answer_cards({.jws = {}, .more = true, .last = 0});
  BOOST_TEST(behind.size() == 1U);
  say_cards(300);
  answer_cards({.jws = {"x"}, .more = true, .last = {}});  // an older version
  BOOST_TEST(behind.size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::actors::testing
