// A node that stops: the writers, and with them the disk, outlast everybody who works with it.

#include "tests/actors/living.hpp"

namespace elsec::actors::testing {
namespace {

// True from its end on.
template <class Actor>
[[nodiscard]] std::shared_ptr<const bool> end_of(const Actor& who) {
  const auto over = std::make_shared<bool>(false);
  caf::actor_cast<caf::abstract_actor*>(who)->attach_functor([over](const caf::error&) { *over = true; });
  return over;
}

struct stopping : living {
  stopping() {
    open().policy.free_reserve_bytes = 0;
    storage::change_set changes;
    changes.found(organisation(1));
    commit(changes);
  }
  upload_actor begin() {
    begin_upload what;
    what.who.organisation_id = organisation(1);
    what.filename = domain::file_name::parse("a.txt").value();
    what.media_type = domain::media_type::parse("text/plain").value();
    upload_actor begun;
    ask_for<upload_started>(all, what, [&](upload_started& started) {
      refusal = started ? std::optional<error_code>{} : started.error().code;
      if (started) begun = *started;
    });
    run();
    return begun;
  }
  void send(const upload_actor& to, std::size_t bytes) {
    ask_for<done>(to, upload_block{std::make_shared<const domain::bytes>(bytes, 'x')}, [](done&) {});
    run();
  }

  std::optional<error_code> refusal;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(stops, stopping)

BOOST_AUTO_TEST_CASE(R19_an_upload_in_full_flow_has_ended_before_the_writers_and_leaves_nothing) {
  const auto upload = begin();
  send(upload, 200'000);
  BOOST_TEST(open().content->list_pending(10)->size() == 1U);
  const auto writer_over = end_of(inside().with->content_writer);
  bool before_the_writer = false;
  caf::actor_cast<caf::abstract_actor*>(upload)->attach_functor(
      [&](const caf::error&) { before_the_writer = !*writer_over; });
  tell(all, stop_atom_v);
  BOOST_TEST(before_the_writer);
  BOOST_TEST(*writer_over);
  BOOST_TEST(open().content->list_pending(10)->empty());
}

BOOST_AUTO_TEST_CASE(R19_whoever_works_with_the_disk_has_ended_when_the_node_has) {
  ask_now(all, "a", about("doc_1", that(&one_more)));
  const auto tenant_over = end_of(tenant_here());
  const auto document_over = end_of(state_of<tenant_state>(tenant_here()).documents.at("doc_1").actor);
  tell(all, stop_atom_v);
  BOOST_TEST(*tenant_over);
  BOOST_TEST(*document_over);
}

// The first is being written when the stop comes, the second waits behind it.
BOOST_AUTO_TEST_CASE(R19_what_waits_at_a_document_is_decided_and_written_before_the_writers_end) {
  during_the_next_commit([this] { tell(all, stop_atom_v); });
  ask(all, "a", about("doc_1", that(&one_more)));
  ask(all, "b", about("doc_1", that(&one_more)));
  run();
  BOOST_TEST(told("a") == "1");
  BOOST_TEST(told("b") == "2");
  BOOST_TEST(counted(read()) == 2U);
}

BOOST_AUTO_TEST_CASE(nobody_begins_anything_for_an_organisation_any_more) {
  ask_now(all, "a", counting());
  during_the_next_commit([this] {
    tell(all, stop_atom_v);
    BOOST_TEST(inside().stage == 2);
    ask_now(all, "c", counting());
    begin();
  });
  ask_now(all, "b", counting());
  BOOST_TEST(told("b") == "2");
  BOOST_TEST(told("c") == "overloaded");
  BOOST_CHECK(refusal == error_code::overloaded);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::actors::testing
