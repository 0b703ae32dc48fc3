// The two that work in child processes: the screening looks at files, the postal office makes and hands over letters.

#include "actors/limits.hpp"
#include "actors/postal.hpp"
#include "actors/screening.hpp"
#include "decisions/content_keys.hpp"
#include "decisions/deadlines.hpp"
#include "tests/actors/support.hpp"

using namespace elsec;
using namespace elsec::actors;
using namespace elsec::actors::testing;
using domain::letter_state;

namespace {

// Stands for the child process.
struct child : postal::pdf_service {
  domain::result<postal::inspection> sees = postal::inspection{.detected_type = "application/pdf", .pages = 3};
  domain::result<postal::composed_letter> makes = postal::composed_letter{{'p', 'd', 'f'}, 3};
  std::string inspected{};
  std::string claimed{};
  unsigned composed = 0;
  postal::cover words{};

  domain::result<postal::inspection> inspect(std::span<const std::uint8_t> file, const std::string& type) override {
    inspected.assign(file.begin(), file.end());
    claimed = type;
    return sees;
  }
  domain::result<postal::composed_letter> compose(const postal::cover& on_cover,
                                                  const std::vector<std::span<const std::uint8_t>>&) override {
    ++composed;
    words = on_cover;
    return makes;
  }
};

struct print_shop : postal::carrier {
  domain::result<void> takes{};
  std::vector<std::string> submitted{};
  std::vector<std::string> printed{};
  std::vector<std::string> settled{};
  std::vector<std::string> asked{};
  std::vector<domain::time_point> forgot_at{};

  [[nodiscard]] std::string name() const override { return "shop"; }
  domain::result<void> submit(const postal::ticket& t, std::span<const std::uint8_t>) override {
    submitted.push_back(t.letter_id);
    return takes;
  }
  domain::result<std::vector<postal::report>> poll() override {
    std::vector<postal::report> news;
    for (const auto& letter : printed) news.push_back({letter});
    return news;
  }
  domain::result<void> settle(const std::string& letter) override {
    settled.push_back(letter);
    std::erase(printed, letter);
    return {};
  }
  domain::result<void> forget_settled(domain::time_point now) override {
    forgot_at.push_back(now);
    return {};
  }
  domain::result<bool> has_settled(const std::string& letter) override {
    asked.push_back(letter);
    return std::ranges::find(settled, letter) != settled.end();
  }
};

// The command that the postal office makes of a report.
struct noted : command {
  explicit noted(letter_report what) : told(std::move(what)) {}
  letter_report told;
  [[nodiscard]] decisions::subject whom() const override { return {told.organisation, told.document.str()}; }
  [[nodiscard]] domain::result<ruling> decide(const facts&) const override {
    ruling decided{.changes = storage::change_set{}};
    decided.changes->erase(storage::tables::open_letters, told.letter.str());
    return decided;
  }
};

// One organisation with a PDF, and a letter of it.
struct helping : stage {
  helping() {
    auto slots = crypto::slot_file::open({.path = folder() / "slots", .mirror_path = {}, .any_file_system = true},
                                         crypto::secret::random());
    BOOST_REQUIRE(slots.has_value());
    open().slots = std::move(*slots);
    open().registry.letter_happened = [](const letter_report& what) { return make_command<noted>(what); };
    storage::change_set changes;
    changes.found(of);
    commit(changes);
    changes = {};
    domain::organisation who;
    who.id = of;
    who.name = decltype(who.name)::parse("Klinik Musterstadt").value();
    changes.put(storage::tables::organisations, of.str(), who);
    put_document(changes);
    put_dispatch(changes);
    put_letter(changes, letter_state::queued);
    commit(changes);
  }

  void put_document(storage::change_set& changes) {
    const auto key = crypto::secret::random();
    const auto content = crypto::new_content_id();
    const storage::content_change chunk =
        storage::store_chunks{content, 0, {crypto::seal_chunk(key, content, 0, file)}};
    const std::array stored{&chunk};
    BOOST_REQUIRE(open().content->commit(stored).has_value());
    domain::document_row row;
    row.id = document;
    row.media_type = named_type;
    row.detected_type = detected_type;
    row.size = claims_bytes.value_or(file.size());
    row.content = wrap_content_key(open(), of, document, content, key, open().slots->create().value()).value();
    changes.put(storage::tables::documents, storage::key_of(of, document), row);
  }
  void put_dispatch(storage::change_set& changes) const {
    domain::dispatch_row row;
    row.id = dispatch;
    row.document_id = document;
    row.attachment_ids = attachments;
    row.recipient.name = "Gerhard Muster";
    row.recipient.address = domain::address{};
    row.case_ref = case_ref;
    changes.put(storage::tables::dispatches, storage::key_of(of, dispatch), row);
  }
  void put_letter(storage::change_set& changes, letter_state state) {
    domain::letter_row row;
    row.id = letter;
    row.dispatch_id = dispatch;
    row.document_id = document;
    row.state = state;
    row.leaves_at = now();
    changes.put(storage::tables::letters, storage::key_of(of, letter), row);
    changes.put(storage::tables::open_letters, letter.str(), {of});
  }
  void change_letter(letter_state state) {
    storage::change_set changes;
    put_letter(changes, state);
    commit(changes);
  }

  void describe(const std::string& named, const std::string& detected) {
    named_type = named;
    detected_type = detected;
    storage::change_set changes;
    put_document(changes);
    commit(changes);
  }

  void begin_screening() { looks = spawn(actors::screening, shared_services(with()->with), works); }
  void begin_postal() {
    const postal_tools tools{works, shop};
    office = spawn(actors::postal_office, shared_services(with()->with), node_actor(with()->node), tools);
    run();  // from now on it listens to the carrier
  }
  // The answer to a question.
  template <class Answer, class Receiver, class Question>
  Answer answer_of(const Receiver& whom, const Question& question) {
    std::optional<Answer> answer;
    ask_for<Answer>(whom, question, [&answer](Answer& told) { answer = std::move(told); });
    run();
    BOOST_REQUIRE(answer.has_value());
    return std::move(*answer);
  }
  made_paper composed() { return answer_of<made_paper>(office, compose_paper{of, letter}); }
  made_paper submitted() { return answer_of<made_paper>(office, submit_paper{of, letter}); }

  domain::organisation_id of = organisation(1);
  domain::document_id document = domain::document_id::make(domain::time_point{}, {1});
  domain::dispatch_id dispatch = domain::dispatch_id::make(domain::time_point{}, {1});
  domain::letter_id letter = domain::letter_id::make(domain::time_point{}, {1});
  std::string named_type = "application/pdf";
  std::optional<std::string> detected_type{};
  domain::text<1, 64> case_ref = domain::text<1, 64>::parse("2026-0815").value();
  std::vector<domain::document_id> attachments{};
  std::optional<std::uint64_t> claims_bytes{};  // other than it has
  domain::bytes file{'%', 'P', 'D', 'F', '-', '1', '.', '7'};
  std::shared_ptr<child> works = std::make_shared<child>();
  std::shared_ptr<print_shop> shop = std::make_shared<print_shop>();
  screening_actor looks;
  postal_actor office;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(screening_looks, helping)

BOOST_AUTO_TEST_CASE(R10_what_the_child_process_says_of_the_whole_file_is_the_answer) {
  begin_screening();
  works->sees->quarantine = {{"macros", "holds macros"}};
  const auto seen = answer_of<examined>(looks, examine_file{of, document});
  BOOST_REQUIRE(seen.has_value());
  BOOST_TEST(seen->pages == 3U);
  BOOST_REQUIRE(seen->quarantine.size() == 1U);
  BOOST_TEST(seen->quarantine.front().code == "macros");
  BOOST_TEST(seen->quarantine.front().detail == "holds macros");
  BOOST_TEST(works->inspected == "%PDF-1.7");
  BOOST_TEST(works->claimed == "application/pdf");
}

BOOST_AUTO_TEST_CASE(a_look_that_failed_is_an_error_and_no_verdict) {
  begin_screening();
  works->sees = domain::fail(error_code::internal, "the child could not be started");
  BOOST_CHECK(answer_of<examined>(looks, examine_file{of, document}).error().code == error_code::internal);
  const auto nobodys = examine_file{organisation(2), document};
  BOOST_CHECK(answer_of<examined>(looks, nobodys).error().code == error_code::not_found);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(postal_work, helping)

BOOST_AUTO_TEST_CASE(R7_a_letter_is_composed_and_handed_over_with_its_pages) {
  begin_postal();
  const auto made = composed();
  BOOST_REQUIRE(made.has_value());
  BOOST_TEST(made->pages == 3U);
  BOOST_TEST(made->sheets == 2U);
  BOOST_TEST(shop->submitted.empty());
  const auto handed = submitted();
  BOOST_REQUIRE(handed.has_value());
  BOOST_TEST(handed->sheets == 2U);
  BOOST_REQUIRE(shop->submitted.size() == 1U);
  BOOST_TEST(shop->submitted.front() == letter.str());
  BOOST_TEST(works->composed == 1U);  // it was still at hand
}

BOOST_AUTO_TEST_CASE(R7_a_pdf_under_a_type_that_says_nothing_is_printed) {
  for (const auto* named : {"application/octet-stream", "application/x-pdf"}) {
    describe(named, "application/pdf");
    begin_postal();
    BOOST_TEST(composed().has_value(), named);
  }
}

BOOST_AUTO_TEST_CASE(R7_what_is_no_pdf_is_not_printed_whatever_it_looks_like) {
  describe("image/tiff", "application/pdf");
  begin_postal();
  BOOST_CHECK(composed().error().code == error_code::invalid);
}

// Together they would have to be in memory; not one byte is read.
BOOST_AUTO_TEST_CASE(R12_files_that_are_too_large_together_are_not_printed_as_one_letter) {
  claims_bytes = examined_bytes_max;
  attachments = {document, document};
  storage::change_set changes;
  put_document(changes);
  put_dispatch(changes);
  commit(changes);
  begin_postal();
  const auto made = composed();
  BOOST_REQUIRE(!made);
  BOOST_CHECK(made.error().code == domain::error_code::invalid);
  BOOST_TEST(made.error().detail == "the files are too large to be printed as one letter");
}

BOOST_AUTO_TEST_CASE(R7_the_cover_shows_the_senders_case_and_the_letters_id) {
  begin_postal();
  BOOST_TEST(composed().has_value());
  BOOST_TEST(works->words.reference == "2026-0815");
  BOOST_TEST(works->words.letter_id == letter.str());
  for (const auto& note : works->words.notes) BOOST_TEST(!note.contains("2026-0815"));
}

BOOST_AUTO_TEST_CASE(one_that_was_composed_a_while_ago_is_composed_again) {
  begin_postal();
  BOOST_TEST(composed().has_value());
  pass(open().policy.spool_poll);
  BOOST_TEST(submitted().has_value());
  BOOST_TEST(works->composed == 2U);
}

// A letter cannot be taken back: what is true at that moment counts.
BOOST_AUTO_TEST_CASE(R7_a_letter_that_needs_it_no_longer_is_not_handed_over) {
  begin_postal();
  for (const auto state : {letter_state::preparing, letter_state::submitted, letter_state::sent, letter_state::failed,
                           letter_state::cancelled}) {
    change_letter(state);
    BOOST_CHECK(submitted().error().code == error_code::wrong_state);
  }
  BOOST_TEST(shop->submitted.empty());
}

BOOST_AUTO_TEST_CASE(R19_a_letter_whose_grace_time_is_not_over_is_not_handed_over) {
  begin_postal();
  pass(std::chrono::milliseconds(-1));
  BOOST_CHECK(submitted().error().code == error_code::overloaded);
  BOOST_TEST(shop->submitted.empty());
}

BOOST_AUTO_TEST_CASE(R19_no_letter_is_handed_over_while_the_clock_is_not_to_be_believed) {
  begin_postal();
  BOOST_TEST(!open().irrevocable_work_waits());
  open().now = [this] { return now() + std::chrono::hours(24); };
  BOOST_CHECK(submitted().error().code == error_code::overloaded);
  BOOST_TEST(shop->submitted.empty());
}

BOOST_AUTO_TEST_CASE(what_keeps_a_letter_from_being_composed_or_taken_is_told) {
  begin_postal();
  works->makes = domain::fail(error_code::invalid, "damaged");
  BOOST_CHECK(composed().error().code == error_code::invalid);
  BOOST_CHECK(submitted().error().code == error_code::invalid);
  works->makes = postal::composed_letter{{'p', 'd', 'f'}, 3};
  shop->takes = domain::fail(error_code::storage_full);
  BOOST_CHECK(submitted().error().code == error_code::storage_full);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(postal_reports, helping)

BOOST_AUTO_TEST_CASE(R7_what_the_carrier_has_sent_is_told_and_then_forgotten_by_it) {
  begin_postal();
  shop->printed = {letter.str()};
  node.holds = true;
  pass(open().policy.spool_poll);
  BOOST_REQUIRE(node.got.size() == 1U);
  const auto& told = dynamic_cast<const noted&>(*node.got.front()).told;
  BOOST_CHECK(told.state == letter_state::sent);
  BOOST_TEST(told.letter.str() == letter.str());
  BOOST_TEST(told.document.str() == document.str());
  pass(open().policy.spool_poll);
  BOOST_TEST(node.got.size() == 1U);  // it is being told
  BOOST_TEST(shop->settled.empty());
  release_command();
  BOOST_TEST(shop->settled.size() == 1U);
}

BOOST_AUTO_TEST_CASE(news_that_could_not_be_recorded_are_told_again) {
  begin_postal();
  shop->printed = {letter.str()};
  node.answers = [](const shared_command&) -> outcome { return domain::fail(error_code::storage_full); };
  pass(open().policy.spool_poll);
  BOOST_TEST(shop->settled.empty());
  node.answers = nullptr;
  pass(open().policy.spool_poll);
  BOOST_TEST(node.got.size() == 2U);
  BOOST_TEST(shop->settled.size() == 1U);
}

// By records that are an older copy.
BOOST_AUTO_TEST_CASE(G3_of_letters_that_the_records_show_on_their_way_the_carrier_is_asked_until_none_is_left) {
  begin_postal();
  shop->settled = {letter.str()};
  node.answers = [](const shared_command&) -> outcome { return domain::fail(error_code::overloaded); };
  pass(open().policy.spool_poll);
  BOOST_TEST(shop->asked == std::vector{letter.str()}, boost::test_tools::per_element());
  BOOST_REQUIRE(node.got.size() == 1U);
  BOOST_TEST(dynamic_cast<const noted&>(*node.got.front()).told.letter.str() == letter.str());
  node.answers = [this](const shared_command&) -> outcome {
    storage::change_set changes;
    changes.erase(storage::tables::open_letters, letter.str());
    commit(changes);
    return decisions::answered{};
  };
  pass(open().policy.spool_poll);
  BOOST_TEST(node.got.size() == 2U);
  pass(open().policy.spool_poll);
  pass(open().policy.spool_poll);
  BOOST_TEST(shop->asked.size() == 2U);
  BOOST_TEST(node.got.size() == 2U);
}

BOOST_AUTO_TEST_CASE(G3_the_carrier_forgets_nothing_while_the_clock_is_not_to_be_believed) {
  begin_postal();
  pass(open().policy.spool_poll);
  BOOST_TEST(shop->forgot_at.size() == 1U);
  open().now = [this] { return now() + std::chrono::hours(24 * 150); };
  pass(open().policy.spool_poll);
  BOOST_TEST(shop->forgot_at.size() == 1U);
}

BOOST_AUTO_TEST_CASE(of_letters_that_are_over_the_carrier_is_not_asked) {
  begin_postal();
  storage::change_set changes;
  changes.erase(storage::tables::open_letters, letter.str());
  commit(changes);
  pass(open().policy.spool_poll);
  BOOST_TEST(shop->asked.empty());
}

// Told before, and on record: only the carrier did not hear that any more.
BOOST_AUTO_TEST_CASE(a_letter_that_is_over_is_only_cleared_away) {
  begin_postal();
  storage::change_set changes;
  changes.erase(storage::tables::open_letters, letter.str());
  commit(changes);
  shop->printed = {letter.str()};
  pass(open().policy.spool_poll);
  BOOST_TEST(node.got.empty());
  BOOST_TEST(shop->settled.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
