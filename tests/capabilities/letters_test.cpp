// A letter's way: composed, kept for its grace time, handed over, sent.

#include "capabilities/letters/letter_work.hpp"
#include "tests/capabilities/clinics.hpp"

using namespace elsec;
using namespace elsec::capabilities;
using namespace elsec::capabilities::testing;
using domain::dispatch_state;
using domain::letter_state;

namespace {

const auto full = domain::fail(error_code::storage_full, "the spool is full");

struct letter_writing : two_clinics {
  letter_writing() {
    const boost::json::object to_person{
        {"name", "Gerhard Muster"},
        {"address", {{"street", "Am Mühlgraben 12"}, {"postal_code", "01099"}, {"city", "Musterstadt"}}}};
    const boost::json::object wish{{"recipients", {to_person}}, {"subject", "Entlassungsbrief"}};
    asked("dispatch_document", about(one, document.id, boost::json::serialize(wish)));
    janitor_woken = 0;
  }

  domain::document_row document = upload(one);

  [[nodiscard]] domain::letter_row letter() const {
    const auto letters = rows(tables::letters, one.organisation_id.str());
    BOOST_REQUIRE(letters.size() == 1U);
    return letters.front();
  }
  [[nodiscard]] domain::dispatch_row dispatch() const {
    return rows(tables::dispatches, one.organisation_id.str()).front();
  }
  // As something decided meanwhile leaves it.
  void put_letter(letter_state state) {
    auto changed = letter();
    changed.state = state;
    storage::change_set changes;
    changes.put(tables::letters, storage::key_of(one.organisation_id, changed.id), changed);
    commit(changes);
  }
  // What is due of the kind is done; whether something was.
  bool work(std::string_view kind) {
    const auto commands = due(kind);
    if (commands.empty()) return false;
    BOOST_TEST(commands.size() == 1U);
    BOOST_TEST(perform(commands.front()).has_value());
    return true;
  }
  void end_grace() { now = letter().leaves_at; }
  void report_sent() {
    BOOST_TEST(
        perform(with.registry.letter_happened({one.organisation_id, document.id, letter().id, letter_state::sent}))
            .has_value());
  }
  void check_failed(const std::string& reason) {
    BOOST_CHECK(letter().state == letter_state::failed);
    BOOST_TEST(letter().reason.value() == reason);
    BOOST_CHECK(dispatch().state == dispatch_state::failed);
    BOOST_TEST(dispatch().reason.value() == reason);
    BOOST_TEST(deadlines(letter_to_compose) == 0U);
    BOOST_TEST(deadlines(letter_to_hand_over) == 0U);
    BOOST_TEST(rows(tables::open_letters).size() == 0U);
    const auto receipts = rows(tables::receipts, one.organisation_id.str());
    BOOST_TEST(std::ranges::count(receipts, domain::receipt_kind::failed, &domain::receipt::kind) == 1);
  }
  // Done over and over; until it has failed, or nothing is due any more.
  void try_for_days(std::string_view kind) {
    const auto begun = now;
    while (letter().state != letter_state::failed) {
      BOOST_REQUIRE(now < begun + std::chrono::hours(24 * 8));
      (void)work(kind);
      now += put_off_longest;
    }
    BOOST_CHECK(now >= begun + put_off_altogether);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(letter_work_due, letter_writing)

BOOST_AUTO_TEST_CASE(R7_a_letter_is_composed_at_once_and_handed_over_at_the_end_of_its_grace_time) {
  BOOST_TEST(work(letter_to_compose));
  BOOST_CHECK(letter().state == letter_state::queued);
  BOOST_TEST(letter().pages == 4U);
  BOOST_TEST(letter().sheets == 2U);
  BOOST_TEST(deadlines(letter_to_compose) == 0U);
  BOOST_TEST(deadlines(letter_to_hand_over) == 1U);
  BOOST_TEST(janitor_woken == 0U);  // it has time
  now = letter().leaves_at - std::chrono::milliseconds(1);
  BOOST_TEST(!work(letter_to_hand_over));
  end_grace();
  BOOST_TEST(work(letter_to_hand_over));
  BOOST_TEST(posted.size() == 1U);
  BOOST_CHECK(letter().state == letter_state::submitted);
  BOOST_CHECK(dispatch().state == dispatch_state::posted);
  BOOST_TEST(deadlines(letter_to_hand_over) == 0U);
  BOOST_TEST(rows(tables::open_letters).size() == 1U);  // the carrier will report it
  report_sent();
  BOOST_CHECK(letter().state == letter_state::sent);
  BOOST_CHECK(dispatch().state == dispatch_state::sent);
  BOOST_TEST(rows(tables::open_letters).size() == 0U);
}

BOOST_AUTO_TEST_CASE(without_grace_time_it_is_handed_over_at_once) {
  end_grace();
  BOOST_TEST(work(letter_to_compose));
  BOOST_TEST(janitor_woken == 1U);
  BOOST_TEST(work(letter_to_hand_over));
}

BOOST_AUTO_TEST_CASE(the_work_is_asked_for_beforehand_and_the_document_decides) {
  const auto composing = due(letter_to_compose).front();
  BOOST_TEST(composing->whom().object == document.id.str());
  BOOST_TEST(std::get<compose_paper>(*composing->before(with)).letter.str() == letter().id.str());
  BOOST_TEST(work(letter_to_compose));
  end_grace();
  const auto handing_over = due(letter_to_hand_over).front();
  BOOST_TEST(handing_over->whom().object == document.id.str());
  BOOST_TEST(std::get<submit_paper>(*handing_over->before(with)).letter.str() == letter().id.str());
}

BOOST_AUTO_TEST_CASE(G1_a_letter_that_cannot_be_printed_fails_with_the_reason) {
  paper = domain::fail(error_code::invalid, "only PDF files can be printed; send this one as a PDF");
  BOOST_TEST(work(letter_to_compose));
  check_failed("only PDF files can be printed; send this one as a PDF");
}

BOOST_AUTO_TEST_CASE(G1_a_letter_that_cannot_be_printed_any_more_when_it_leaves_fails_too) {
  BOOST_TEST(work(letter_to_compose));
  end_grace();
  paper = domain::fail(error_code::closed);
  BOOST_TEST(work(letter_to_hand_over));
  check_failed(std::string(domain::sentence_of(error_code::closed)));
}

BOOST_AUTO_TEST_CASE(a_failure_that_may_pass_waits_longer_each_time_and_fails_nothing) {
  paper = full;
  for (std::uint32_t i = 0; i < 8; ++i) {
    BOOST_TEST(work(letter_to_compose));
    BOOST_CHECK(letter().state == letter_state::preparing);
    now += wait_after(i) - std::chrono::milliseconds(1);
    BOOST_TEST(!work(letter_to_compose));
    now += std::chrono::milliseconds(1);
  }
  paper = paper_made{.pages = 4, .sheets = 2};
  BOOST_TEST(work(letter_to_compose));
  BOOST_CHECK(letter().state == letter_state::queued);
  paper = full;
  end_grace();
  now += std::chrono::hours(1);
  BOOST_TEST(work(letter_to_hand_over));
  BOOST_CHECK(letter().state == letter_state::queued);
  BOOST_TEST(!work(letter_to_hand_over));
  now += wait_after(0);
  paper = paper_made{.pages = 4, .sheets = 2};
  BOOST_TEST(work(letter_to_hand_over));
  BOOST_CHECK(letter().state == letter_state::submitted);
}

BOOST_AUTO_TEST_CASE(G1_a_letter_that_cannot_be_composed_for_seven_days_fails_and_the_sender_is_told) {
  paper = full;
  try_for_days(letter_to_compose);
  check_failed("the letter could not be composed for seven days; send it again");
}

BOOST_AUTO_TEST_CASE(G1_a_letter_that_cannot_be_handed_over_for_seven_days_fails_and_the_sender_is_told) {
  BOOST_TEST(work(letter_to_compose));
  end_grace();
  paper = full;
  try_for_days(letter_to_hand_over);
  check_failed("the letter could not be handed to the carrier for seven days; send it again");
}

BOOST_AUTO_TEST_CASE(what_was_decided_meanwhile_stays) {
  const auto composing = due(letter_to_compose).front();
  for (const auto state : {letter_state::cancelled, letter_state::failed, letter_state::queued, letter_state::sent}) {
    put_letter(state);
    BOOST_TEST(perform(composing).has_value());
    BOOST_CHECK(letter().state == state);
    BOOST_TEST(deadlines(letter_to_compose) == 0U);
    BOOST_TEST(deadlines(letter_to_hand_over) == 0U);
  }
}

BOOST_AUTO_TEST_CASE(a_letter_that_is_on_its_way_or_over_is_not_handed_over) {
  BOOST_TEST(work(letter_to_compose));
  end_grace();
  const auto handing_over = due(letter_to_hand_over).front();
  const auto events = rows(tables::feed, one.organisation_id.str()).size();
  for (const auto state :
       {letter_state::cancelled, letter_state::failed, letter_state::submitted, letter_state::sent}) {
    put_letter(state);
    for (const auto& result : {domain::result<paper_made>(paper_made{}), domain::result<paper_made>(full),
                               domain::result<paper_made>(domain::fail(error_code::wrong_state))}) {
      paper = result;
      BOOST_TEST(perform(handing_over).has_value());
      BOOST_CHECK(letter().state == state);
    }
  }
  BOOST_TEST(deadlines(letter_to_hand_over) == 0U);
  BOOST_TEST(rows(tables::feed, one.organisation_id.str()).size() == events);
}

// The print room may be faster than the news that the letter was handed over, and a crash may lose that news.
BOOST_AUTO_TEST_CASE(R7_a_letter_that_is_reported_before_it_is_on_record_as_handed_over_is_sent_once) {
  BOOST_TEST(work(letter_to_compose));
  end_grace();
  const auto handing_over = due(letter_to_hand_over).front();
  report_sent();
  BOOST_CHECK(letter().state == letter_state::sent);
  BOOST_CHECK(dispatch().state == dispatch_state::sent);
  BOOST_TEST(perform(handing_over).has_value());
  BOOST_CHECK(letter().state == letter_state::sent);
  BOOST_TEST(deadlines(letter_to_hand_over) == 0U);
  report_sent();  // told again: nothing
  BOOST_TEST(letter().timeline.size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_letter_that_is_gone_ends_its_deadline) {
  storage::change_set changes;
  changes.erase(tables::letters, storage::key_of(one.organisation_id, letter().id));
  commit(changes);
  paper = domain::fail(error_code::not_found);
  BOOST_TEST(work(letter_to_compose));
  BOOST_TEST(deadlines(letter_to_compose) == 0U);
}

BOOST_AUTO_TEST_CASE(a_deadline_that_names_no_letter_ends) {
  storage::change_set changes;
  set_deadline(changes, {letter_to_hand_over, now, one.organisation_id, "doc_1"});
  commit(changes);
  BOOST_TEST(work(letter_to_hand_over));
  BOOST_TEST(deadlines(letter_to_hand_over) == 0U);
}

// R19: what cannot be undone waits while the clock is not to be believed; composing can be undone.
BOOST_AUTO_TEST_CASE(R19_only_handing_over_is_irrevocable) {
  BOOST_TEST(with.registry.find_deadline_kind(letter_to_hand_over)->irrevocable);
  BOOST_TEST(!with.registry.find_deadline_kind(letter_to_compose)->irrevocable);
}

BOOST_AUTO_TEST_CASE(organisations_take_turns_with_their_letters) {
  for (const auto name : {letter_to_hand_over, letter_to_compose}) {
    const auto* kind = with.registry.find_deadline_kind(name);
    BOOST_TEST(kind->at_once_each == 1U);
    BOOST_TEST(kind->at_once > 8U);
    BOOST_CHECK(kind->patience > helper_patience);
  }
}

// One that would have to wait for much longer than its grace time was dated by a wrong clock.
BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_keeps_no_letter_waiting_for_days) {
  const auto ahead_max = with.registry.find_deadline_kind(letter_to_hand_over)->ahead_max(with.policy);
  BOOST_CHECK(ahead_max == 2 * with.policy.letter_grace);
  now += std::chrono::hours(24 * 3);
  BOOST_TEST(work(letter_to_compose));
  BOOST_TEST(!is_misdated(letter().leaves_at, rows(tables::due, deadline_prefix(letter_to_hand_over)).front(),
                          letter().leaves_at - with.policy.letter_grace, ahead_max));
  now -= std::chrono::hours(24 * 6);
  BOOST_TEST(
      is_misdated(letter().leaves_at, rows(tables::due, deadline_prefix(letter_to_hand_over)).front(), now, ahead_max));
}

BOOST_AUTO_TEST_SUITE_END()
