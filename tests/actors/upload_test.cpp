// What becomes due when an upload is on disk.

#include "actors/upload.hpp"

#include "actors/content_writer.hpp"
#include "decisions/deadlines.hpp"
#include "tests/actors/support.hpp"

using namespace elsec;
using namespace elsec::actors;
using namespace elsec::actors::testing;

namespace {

struct uploading : stage {
  uploading() {
    auto slots = crypto::slot_file::open({.path = folder() / "slots", .mirror_path = {}, .any_file_system = true},
                                         crypto::secret::random());
    BOOST_REQUIRE(slots.has_value());
    open().slots = std::move(*slots);
    open().policy.free_reserve_bytes = 0;
    open().signing = crypto::signing_key::from_seed(crypto::secret::random());
    storage::change_set changes;
    changes.found(organisation(1));
    commit(changes);
    auto made = std::make_shared<context>();
    made->with = with()->with;
    made->writer = with()->writer;
    made->janitor = with()->janitor;
    made->content_writer = spawn(actors::content_writer, shared_services(with()->with));
    all = made;
  }

  // Whether it was answered with 201.
  bool uploaded(const std::string& bytes, const std::string& type) {
    begin_upload what;
    what.who.organisation_id = organisation(1);
    what.filename = domain::file_name::parse("a.pdf").value();
    what.media_type = domain::media_type::parse(type).value();
    auto room = std::make_shared<room_claim>(open(), *all->room, organisation(1));
    const auto one = spawn_one(what, room);
    ask_for<done>(one, upload_block{std::make_shared<const domain::bytes>(bytes.begin(), bytes.end())}, [](done&) {});
    run();
    bool created = false;
    ask_for<outcome>(one, finish_upload{}, [&](outcome& result) { created = result && result->status == 201; });
    run();
    return created;
  }
  upload_actor spawn_one(const begin_upload& what, const std::shared_ptr<room_claim>& room) {
    return coordinator().system().spawn(actors::upload, all, what, room);
  }
  [[nodiscard]] std::vector<storage::deadline_row> screenings() const {
    std::vector<storage::deadline_row> due;
    const auto walked =
        read().scan(storage::tables::due, deadline_prefix(file_to_screen), {}, storage::direction::forward,
                    [&](std::string_view key, domain::result<storage::deadline_row>&& row) {
                      BOOST_CHECK(time_of_deadline(key, file_to_screen) == right_away);
                      due.push_back(std::move(row.value()));
                      return true;
                    });
    BOOST_REQUIRE(walked.has_value());
    return due;
  }

  shared_context all;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(upload_due, uploading)

BOOST_AUTO_TEST_CASE(R10_a_pdf_is_due_to_be_looked_at_and_the_janitor_is_told_after_the_commit) {
  writer.holds = true;
  BOOST_TEST(!uploaded("%PDF-1.7 something", "application/pdf"));
  BOOST_TEST(janitor.woken == 0U);
  BOOST_TEST(screenings().size() == 0U);
  release_commit();
  BOOST_TEST(janitor.woken == 1U);
  BOOST_REQUIRE(screenings().size() == 1U);
  BOOST_TEST(screenings().front().organisation_id.str() == organisation(1).str());
  BOOST_TEST(screenings().front().object.starts_with("doc_"));
}

BOOST_AUTO_TEST_CASE(what_needs_no_look_troubles_nobody) {
  BOOST_TEST(uploaded("only text", "text/plain"));
  BOOST_TEST(screenings().size() == 0U);
  BOOST_TEST(janitor.woken == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
