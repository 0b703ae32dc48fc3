// Uploaded files are looked at before anybody gets them.

#include "tests/capabilities/clinics.hpp"

using namespace elsec;
using namespace elsec::capabilities;
using namespace elsec::capabilities::testing;
using domain::screening;

namespace {

const auto busy = domain::fail(error_code::internal, "the child process could not be started");
const auto macros_seen = file_examined{.pages = 2, .quarantine = {{"macros", "holds macros"}}};

struct screening_files : two_clinics {
  domain::document_row document = upload(one, screening::pending);

  [[nodiscard]] domain::document_row now_of() const {
    return *row(tables::documents, storage::key_of(one.organisation_id, document.id));
  }
  void put(const domain::document_row& changed) {
    storage::change_set changes;
    changes.put(tables::documents, storage::key_of(one.organisation_id, changed.id), changed);
    commit(changes);
  }
  // What is due is done; whether something was.
  bool screen() {
    const auto commands = due(file_to_screen);
    if (commands.empty()) return false;
    BOOST_TEST(commands.size() == 1U);
    BOOST_TEST(perform(commands.front()).has_value());
    return true;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(screen_document, screening_files)

BOOST_AUTO_TEST_CASE(R10_a_file_with_nothing_wrong_is_clean) {
  BOOST_TEST(screen());
  BOOST_CHECK(now_of().screening == screening::clean);
  BOOST_CHECK(now_of().state == domain::document_state::draft);
  BOOST_TEST(now_of().pages.value() == 3U);
  BOOST_TEST(!now_of().findings.has_value());
  BOOST_TEST(deadlines(file_to_screen) == 0U);
}

BOOST_AUTO_TEST_CASE(R10_the_record_shows_the_type_that_was_claimed_and_the_one_that_was_found) {
  document.media_type = "application/octet-stream";
  put(document);
  look = file_examined{.pages = 3, .quarantine = {}, .detected_type = "application/pdf"};
  BOOST_TEST(screen());
  const auto shown = seen("get_document", about(one, document.id));
  BOOST_TEST(text_at(shown, "/media_type") == "application/octet-stream");
  BOOST_TEST(text_at(shown, "/detected_type") == "application/pdf");
}

BOOST_AUTO_TEST_CASE(R10_what_the_screening_found_stands_in_the_document) {
  look = macros_seen;
  BOOST_TEST(screen());
  const auto shown = seen("get_document", about(one, document.id));
  BOOST_TEST(text_at(shown, "/screening") == "quarantined");
  BOOST_TEST(text_at(shown, "/state") == "quarantined");
  BOOST_TEST(text_at(shown, "/findings/0/code") == "macros");
  BOOST_TEST(shown.at("pages").as_int64() == 2);
  BOOST_TEST(deadlines(file_to_screen) == 0U);
}

BOOST_AUTO_TEST_CASE(a_second_look_changes_nothing) {
  look = macros_seen;
  BOOST_TEST(screen());
  look = file_examined{.pages = 3};
  BOOST_TEST(perform(screening_of(one, document)).has_value());
  BOOST_CHECK(now_of().screening == screening::quarantined);
  BOOST_TEST(now_of().pages.value() == 2U);
}

BOOST_AUTO_TEST_CASE(the_look_is_asked_for_beforehand_and_the_document_decides) {
  const auto command = due(file_to_screen).front();
  BOOST_TEST(command->whom().organisation.str() == one.organisation_id.str());
  BOOST_TEST(command->whom().object == document.id.str());
  const auto wanted = command->before(with);
  BOOST_TEST(std::get<examine_file>(*wanted).document.str() == document.id.str());
  BOOST_TEST(std::get<examine_file>(*wanted).organisation.str() == one.organisation_id.str());
}

// Whatever kept it from being looked at is no verdict about it.
BOOST_AUTO_TEST_CASE(R10_a_look_that_failed_is_taken_again_and_quarantines_nothing) {
  for (const auto code : {error_code::internal, error_code::timed_out, error_code::overloaded, error_code::io,
                          error_code::integrity, error_code::storage_full, error_code::invalid}) {
    look = domain::fail(code);
    BOOST_TEST(screen());
    BOOST_CHECK(now_of().screening == screening::pending);
    BOOST_TEST(deadlines(file_to_screen) == 1U);
    now += std::chrono::hours(1);
  }
  look = file_examined{.pages = 3};
  BOOST_TEST(screen());
  BOOST_CHECK(now_of().screening == screening::clean);
  BOOST_TEST(deadlines(file_to_screen) == 0U);
}

BOOST_AUTO_TEST_CASE(a_look_that_keeps_failing_waits_longer_each_time) {
  look = busy;
  for (std::uint32_t i = 0; i < 8; ++i) {
    BOOST_TEST(screen());
    now += wait_after(i) - std::chrono::milliseconds(1);
    BOOST_TEST(!screen());
    now += std::chrono::milliseconds(1);
  }
  BOOST_CHECK(now_of().screening == screening::pending);
}

BOOST_AUTO_TEST_CASE(R10_a_file_that_could_not_be_looked_at_for_seven_days_is_quarantined_for_that) {
  look = busy;
  const auto begun = now;
  while (now_of().screening == screening::pending) {
    BOOST_REQUIRE(now < begun + std::chrono::hours(24 * 8));
    BOOST_TEST(following.size() == 0U);
    (void)screen();
    now += put_off_longest;
  }
  BOOST_CHECK(now >= begun + put_off_altogether);
  BOOST_CHECK(now_of().screening == screening::quarantined);
  BOOST_TEST(now_of().findings->front().code == "unreadable");
  BOOST_TEST(now_of().findings->front().detail == "the file could not be examined");
  BOOST_TEST(deadlines(file_to_screen) == 0U);
  BOOST_TEST(following.size() == 1U);  // what waited for it goes on
}

BOOST_AUTO_TEST_CASE(a_document_that_is_gone_ends_the_deadline) {
  storage::change_set changes;
  changes.erase(tables::documents, storage::key_of(one.organisation_id, document.id));
  commit(changes);
  look = domain::fail(error_code::not_found);
  BOOST_TEST(screen());
  BOOST_TEST(deadlines(file_to_screen) == 0U);
  BOOST_TEST(!row(tables::documents, storage::key_of(one.organisation_id, document.id)).has_value());
}

BOOST_AUTO_TEST_CASE(a_document_that_was_closed_meanwhile_stays_closed) {
  auto closed = now_of();
  closed.state = domain::document_state::closed;
  put(closed);
  look = macros_seen;
  BOOST_TEST(screen());
  BOOST_CHECK(now_of().state == domain::document_state::closed);
  BOOST_CHECK(now_of().screening == screening::pending);
  BOOST_TEST(deadlines(file_to_screen) == 0U);
}

BOOST_AUTO_TEST_CASE(what_waited_for_the_file_goes_on_after_the_verdict_only) {
  look = busy;
  BOOST_TEST(screen());
  BOOST_TEST(following.size() == 0U);
  now += wait_after(0);
  look = file_examined{};
  BOOST_TEST(screen());
  BOOST_TEST(following.size() == 1U);
}

// It is due whatever becomes of the clock.
BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_keeps_no_file_waiting) {
  now -= std::chrono::hours(24 * 300);
  BOOST_TEST(screen());
  BOOST_CHECK(now_of().screening == screening::clean);
}

BOOST_AUTO_TEST_CASE(organisations_take_turns) {
  const auto* kind = with.registry.find_deadline_kind(file_to_screen);
  BOOST_REQUIRE(kind != nullptr);
  BOOST_TEST(kind->at_once_each <= 2U);
  BOOST_TEST(kind->at_once > 8 * kind->at_once_each);
  BOOST_TEST(!kind->irrevocable);
  BOOST_CHECK(kind->patience > helper_patience);
}

BOOST_AUTO_TEST_SUITE_END()
