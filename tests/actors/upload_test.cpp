// What an upload leaves on disk, and what becomes due then.

#include "decisions/deadlines.hpp"
#include "tests/actors/upload_support.hpp"

using namespace elsec;
using namespace elsec::actors;
using namespace elsec::actors::testing;

namespace {

const std::string several_chunks(200'000, 'x');

struct uploading_alone : uploading {
  upload_actor begin(const begin_upload& what) {
    auto room = std::make_shared<room_claim>(open(), *all->room, organisation(1));
    return coordinator().system().spawn(actors::upload, all, what, room);
  }
  bool uploaded(const std::string& bytes, const std::string& type) {
    return sent_and_finished(begin(upload_of(type)), bytes);
  }
  [[nodiscard]] std::vector<crypto::content_id> pending() { return open().content->list_pending(10).value(); }
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

  [[nodiscard]] std::vector<domain::document_row> documents() const {
    std::vector<domain::document_row> found;
    const auto walked = read().scan(storage::tables::documents, organisation(1).str(), {}, storage::direction::forward,
                                    [&](std::string_view, domain::result<domain::document_row>&& row) {
                                      found.push_back(std::move(row.value()));
                                      return true;
                                    });
    BOOST_REQUIRE(walked.has_value());
    return found;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(upload_due, uploading_alone)

BOOST_AUTO_TEST_CASE(R10_a_pdf_is_due_to_be_looked_at_whatever_it_is_called_and_wherever_its_header_is) {
  BOOST_TEST(uploaded("%PDF-1.7 something", "application/octet-stream"));
  BOOST_TEST(uploaded("something", "application/x-pdf"));
  BOOST_TEST(uploaded("\n\n %PDF-1.7 something", "text/plain"));
  BOOST_TEST(uploaded(std::string(1000, ' ') + "%PDF-1.7 something", "application/octet-stream"));
  BOOST_TEST(screenings().size() == 4U);
}

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

BOOST_AUTO_TEST_CASE(a_draft_that_is_never_sent_closes_when_the_retention_of_drafts_is_over) {
  open().policy.retention.unsent = std::chrono::days(17);
  BOOST_TEST(uploaded("only text", "text/plain"));
  BOOST_REQUIRE(documents().size() == 1U);
  const auto row = documents().front();
  BOOST_CHECK(row.created_at == now());
  BOOST_CHECK(row.closes_at == now() + std::chrono::days(17));
  BOOST_CHECK(row.closes_because == domain::close_reason::unsent_draft);
}

BOOST_AUTO_TEST_CASE(a_key_whose_answer_is_out_of_date_takes_another_file) {
  auto what = upload_of("text/plain");
  what.repeat = idempotency{"key", {}};
  const auto first = std::string("one file"), second = std::string("another file");
  BOOST_TEST(sent_and_finished(begin(what), first));
  BOOST_TEST(sent_and_finished(begin(what), first));    // the answer of the first
  BOOST_TEST(!sent_and_finished(begin(what), second));  // key_reused
  BOOST_TEST(documents().size() == 1U);
  pass(open().policy.idempotency);
  BOOST_TEST(sent_and_finished(begin(what), second));
  BOOST_TEST(documents().size() == 2U);
  BOOST_TEST(sent_and_finished(begin(what), second));
  BOOST_TEST(!sent_and_finished(begin(what), first));
  BOOST_TEST(documents().size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(upload_content, uploading_alone)

BOOST_AUTO_TEST_CASE(it_is_nobodys_to_free_while_the_upload_lives_and_gone_when_it_is_aborted) {
  const auto one = begin(upload_of("text/plain"));
  send(one, several_chunks);
  BOOST_REQUIRE(pending().size() == 1U);
  const auto content = pending().front();
  BOOST_TEST(!open().contents->free(content));
  tell(one, abort_upload{});
  BOOST_TEST(open().content->stored_chunks(content).value() == 0U);
  BOOST_TEST(pending().size() == 0U);
  BOOST_TEST(!!open().contents->free(content));
}

// The record may be on disk already.
BOOST_AUTO_TEST_CASE(it_stays_when_the_client_leaves_while_the_record_is_written) {
  writer.holds = true;
  const auto one = begin(upload_of("text/plain"));
  BOOST_TEST(!sent_and_finished(one, several_chunks));
  BOOST_REQUIRE(pending().size() == 1U);
  const auto content = pending().front();
  tell(one, abort_upload{});
  release_commit();
  BOOST_TEST(documents().size() == 1U);
  BOOST_TEST(open().content->stored_chunks(content).value() == crypto::chunk_count(several_chunks.size()));
}

BOOST_AUTO_TEST_CASE(once_its_record_is_on_disk_it_is_settled_and_has_a_holder) {
  BOOST_TEST(uploaded(several_chunks, "text/plain"));
  pass(std::chrono::minutes(1));
  BOOST_TEST(pending().size() == 0U);
  const auto content = documents().front().content.content;
  BOOST_TEST(
      read()
          .contains(storage::tables::content_holders.name, storage::key_of(std::string(content.begin(), content.end()),
                                                                           organisation(1), documents().front().id))
          .value());
}

BOOST_AUTO_TEST_CASE(bytes_with_another_digest_than_announced_become_no_document) {
  auto what = upload_of("text/plain");
  what.sha256 = crypto::sha256(std::string_view("something else"));
  BOOST_TEST(!sent_and_finished(begin(what), several_chunks));
  BOOST_TEST(documents().size() == 0U);
  BOOST_TEST(pending().size() == 0U);
}

BOOST_AUTO_TEST_CASE(R14_the_bytes_of_a_token_that_was_revoked_meanwhile_become_no_document) {
  storage::change_set signed_in;
  signed_in.put(storage::tables::credentials, "token", {.organisation_id = organisation(1)});
  commit(signed_in);
  auto what = upload_of("text/plain");
  what.who.credential = "token";
  BOOST_TEST(sent_and_finished(begin(what), several_chunks));
  storage::change_set revoked;
  revoked.erase(storage::tables::credentials, "token");
  commit(revoked);
  BOOST_TEST(!sent_and_finished(begin(what), several_chunks));
  BOOST_TEST(documents().size() == 1U);
  BOOST_TEST(pending().size() == 0U);
}

BOOST_AUTO_TEST_CASE(one_byte_more_than_a_document_may_have_becomes_no_document) {
  open().policy.document_bytes_max = several_chunks.size();
  BOOST_TEST(uploaded(several_chunks, "text/plain"));
  BOOST_TEST(!uploaded(several_chunks + "x", "text/plain"));
  BOOST_TEST(documents().size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(repeated_uploads, uploading_alone)

// Neither has seen the other before both are written.
BOOST_AUTO_TEST_CASE(G2_of_two_at_the_same_moment_one_is_stored_and_its_answer_is_both_ones) {
  writer.holds = true;
  auto what = upload_of("text/plain");
  what.repeat = idempotency{.key = "a key", .fingerprint = {}};
  std::vector<outcome> told;
  for (int i = 0; i < 2; ++i) {
    const auto one = begin(what);
    send(one, several_chunks);
    ask_for<outcome>(one, finish_upload{}, [&](outcome& result) { told.push_back(std::move(result)); });
    run();
  }
  BOOST_REQUIRE(writer.held.size() == 2U);
  release_commit();
  release_commit();
  BOOST_REQUIRE((told.size() == 2U && told.front() && told.back()));
  BOOST_TEST(told.back()->status == 201);
  BOOST_TEST(told.front()->body == told.back()->body);
  BOOST_TEST(told.front()->location == told.back()->location);
  BOOST_TEST(documents().size() == 1U);
  pass(settle_wait);
  BOOST_TEST(pending().empty());  // the other's content is gone
}

BOOST_AUTO_TEST_CASE(another_file_under_the_same_key_at_the_same_moment_is_refused) {
  writer.holds = true;
  auto what = upload_of("text/plain");
  what.repeat = idempotency{.key = "a key", .fingerprint = {}};
  std::vector<outcome> told;
  for (const auto* words : {"one file", "another file"}) {
    const auto one = begin(what);
    send(one, words);
    ask_for<outcome>(one, finish_upload{}, [&](outcome& result) { told.push_back(std::move(result)); });
    run();
  }
  release_commit();
  release_commit();
  BOOST_REQUIRE((told.size() == 2U && told.front() && !told.back()));
  BOOST_CHECK(told.back().error().code == error_code::key_reused);
  BOOST_TEST(documents().size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
