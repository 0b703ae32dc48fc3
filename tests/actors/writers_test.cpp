// The two that write: what is on disk before they answer, and what they do when the disk fails.

#include "actors/state_writer.hpp"
#include "tests/actors/disks.hpp"
#include "tests/actors/upload_support.hpp"

namespace elsec::actors::testing {
namespace {

namespace tables = storage::tables;

struct writing : uploading {
  writing() {
    open().stop_process = [this](const std::string& why) {
      if (stopped.empty() && on_stop) on_stop();
      stopped.push_back(why);
    };
  }
  void check_stopped(std::string_view because) const {
    BOOST_REQUIRE(!stopped.empty());
    BOOST_TEST(stopped.front().starts_with(because));
  }

  std::vector<std::string> stopped;
  std::function<void()> on_stop;
};

// --- contents and slots ----------------------------------------------------------------------------------------------

using told_content = std::shared_ptr<std::optional<content_result>>;

struct writing_contents : writing {
  // Sent when the stage runs.
  told_content ask_to_write(const content_work& work) {
    auto told = std::make_shared<std::optional<content_result>>();
    ask_for<content_result>(all->content_writer, std::make_shared<const content_work>(work),
                            [told](content_result& result) { *told = std::move(result); });
    return told;
  }
  // So the slot file has to grow with the next one.
  void use_up_a_step_of_slots() {
    for (std::uint64_t i = 0; i < crypto::slots_per_growth; ++i) BOOST_REQUIRE(open().slots->create().has_value());
  }
  [[nodiscard]] static content_work chunk_of(const crypto::content_id& content, std::size_t bytes,
                                             std::uint32_t slots = 0) {
    return {.changes = {storage::store_chunks{content, 0, {domain::bytes(bytes)}}}, .new_slots = slots};
  }
  [[nodiscard]] bool is_stored(const crypto::content_id& content) {
    return open().content->stored_chunks(content).value() > 0;
  }

  const crypto::content_id one{1}, other{2};
};

// --- records ---------------------------------------------------------------------------------------------------------

struct writing_records : writing {
  writing_records() {
    for (const auto* peer : {"node2", "node3"})
      tell(records, link_atom_v, std::string(peer),
           caf::actor_cast<caf::strong_actor_ptr>(spawn(&link_double, this, std::string(peer))));
  }
  std::shared_ptr<std::optional<commit_result>> ask_to_write(storage::change_set changes) {
    auto told = std::make_shared<std::optional<commit_result>>();
    ask_for<commit_result>(records, share(std::move(changes)),
                           [told](commit_result& result) { *told = std::move(result); });
    return told;
  }
  [[nodiscard]] static storage::change_set row(const std::string& key) {
    storage::change_set changes;
    changes.insert(tables::peers, key, {});
    return changes;
  }
  [[nodiscard]] bool is_stored(const std::string& key) const {
    return read().contains(tables::peers.name, key).value();
  }

  std::vector<std::string> woken;
  state_writer_actor records = spawn(actors::state_writer, shared_services(with()->with));

 private:
  static link_actor::behavior_type link_double(link_actor::pointer, writing_records* where, const std::string& peer) {
    return {
        [](start_atom) {},
        [where, peer](wake_atom) { where->woken.push_back(peer); },
        [](const shared_envelope&) {},
        [](link_atom, bool) {},
        [](cards_atom) {},
        [](const ask_peer&) -> peer_answer { return domain::fail(error_code::internal); },
        [](tick_atom) {},
        [](stop_atom) {},
    };
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_content_writer, writing_contents)

BOOST_AUTO_TEST_CASE(stores_what_it_is_given_and_gives_slots) {
  const auto told = ask_to_write(chunk_of(one, 100, 2));
  run();
  BOOST_REQUIRE((*told && **told));
  BOOST_TEST((**told)->slots.size() == 2U);
  BOOST_TEST(is_stored(one));
}

BOOST_AUTO_TEST_CASE(G1_stops_the_process_before_anything_names_a_slot_that_cannot_be_synced) {
  bool named = false;
  on_stop = [&] { named = is_stored(one); };
  const broken_file slots(folder() / "slots", "/dev/zero", O_RDWR);
  ask_to_write(chunk_of(one, 100, 1));
  run();
  check_stopped("slots: ");
  BOOST_TEST(!named);
}

BOOST_AUTO_TEST_CASE(G1_stops_the_process_when_a_slot_cannot_be_written) {
  const broken_file slots(folder() / "slots", "/dev/null", O_RDONLY);
  ask_to_write(chunk_of(one, 100, 1));
  run();
  check_stopped("slots: ");
}

BOOST_AUTO_TEST_CASE(R12_refuses_whose_slots_have_no_room_and_stores_what_came_with_them) {
  use_up_a_step_of_slots();
  const disk_with full(0);
  const auto refused = ask_to_write(chunk_of(one, 100, 1));
  const auto taken = ask_to_write(chunk_of(other, 100));
  run();
  BOOST_REQUIRE((*refused && !**refused));
  BOOST_CHECK((*refused)->error().code == error_code::storage_full);
  BOOST_TEST(!is_stored(one));
  BOOST_TEST((*taken && **taken));
  BOOST_TEST(is_stored(other));
  BOOST_TEST(stopped.empty());
}

BOOST_AUTO_TEST_CASE(refuses_one_alone_of_those_that_came_together) {
  const auto refused = ask_to_write(chunk_of(one, 0));
  const auto taken = ask_to_write(chunk_of(other, 100));
  run();
  BOOST_REQUIRE((*refused && !**refused));
  BOOST_CHECK((*refused)->error().code == error_code::invalid);
  BOOST_TEST((*taken && **taken));
  BOOST_TEST(is_stored(other));
  BOOST_TEST(stopped.empty());
}

BOOST_AUTO_TEST_CASE(G1_stops_the_process_when_the_disk_fails) {
  const broken_file contents(folder() / "content" / "data.mdb", "/dev/null", O_RDONLY);
  const auto told = ask_to_write(chunk_of(one, 100));
  run();
  check_stopped("content: ");
  BOOST_TEST((*told && !**told));
}

BOOST_AUTO_TEST_CASE(writes_what_came_before_it_was_stopped) {
  run();
  const auto told = ask_to_write(chunk_of(one, 100));
  ask_to_write({.changes = {storage::settle_content{other}}, .new_slots = 0});
  coordinator().run_once();
  coordinator().run_once();
  caf::anon_send(all->content_writer, stop_atom_v);
  run();
  BOOST_TEST((*told && **told));
  BOOST_TEST(is_stored(one));
}

BOOST_AUTO_TEST_CASE(settles_without_a_commit_of_its_own_and_no_later_than_a_moment) {
  const auto stored = ask_to_write(chunk_of(one, 100));
  run();
  const auto told = ask_to_write({.changes = {storage::settle_content{one}}, .new_slots = 0});
  run();
  BOOST_TEST(!told->has_value());
  pass(settle_wait);
  BOOST_TEST((*told && **told));
  BOOST_TEST(open().content->list_pending(10).value().size() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(a_state_writer, writing_records)

BOOST_AUTO_TEST_CASE(G1_stops_the_process_when_the_disk_fails) {
  const broken_file state(folder() / "state" / "data.mdb", "/dev/null", O_RDONLY);
  const auto told = ask_to_write(row("a"));
  run();
  check_stopped("state: ");
  BOOST_TEST((*told && !**told));
}

BOOST_AUTO_TEST_CASE(refuses_one_alone_of_those_that_came_together) {
  commit(row("a"));
  const auto refused = ask_to_write(row("a"));
  const auto taken = ask_to_write(row("b"));
  run();
  BOOST_REQUIRE((*refused && !**refused));
  BOOST_CHECK((*refused)->error().code == error_code::conflict);
  BOOST_TEST((*taken && **taken));
  BOOST_TEST(is_stored("b"));
  BOOST_TEST(stopped.empty());
}

BOOST_AUTO_TEST_CASE(wakes_the_link_whose_outbox_has_grown_and_no_other) {
  auto changes = row("a");
  changes.send("node2", {.kind = "letter", .id = "id", .time = now(), .body = {}});
  ask_to_write(std::move(changes));
  run();
  BOOST_REQUIRE(woken.size() == 1U);
  BOOST_TEST(woken.front() == "node2");
}

BOOST_AUTO_TEST_CASE(wakes_no_link_for_what_is_refused) {
  commit(row("a"));
  auto changes = row("a");
  changes.send("node2", {.kind = "letter", .id = "id", .time = now(), .body = {}});
  ask_to_write(std::move(changes));
  run();
  BOOST_TEST(woken.empty());
}

BOOST_AUTO_TEST_CASE(tells_who_watches_a_feed_once_the_event_is_on_disk) {
  std::vector<std::uint64_t> seen;
  const auto handle = open().feeds->watch(organisation(1).str(), [&] {
    seen.push_back(read().count(tables::counters, "feed/" + organisation(1).str()).value());
  });
  storage::change_set changes;
  changes.publish(organisation(1), {.type = "something", .at = now()});
  const auto told = ask_to_write(std::move(changes));
  run();
  BOOST_TEST((*told && **told));
  BOOST_REQUIRE(seen.size() == 1U);
  BOOST_TEST(seen.front() == 1U);
}

BOOST_AUTO_TEST_CASE(writes_what_came_before_it_was_stopped) {
  const auto told = ask_to_write(row("a"));
  coordinator().run_once();
  caf::anon_send(records, stop_atom_v);
  run();
  BOOST_TEST((*told && **told));
  BOOST_TEST(is_stored("a"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::actors::testing
