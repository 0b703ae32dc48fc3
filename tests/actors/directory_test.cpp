// Cards that get new versions and signatures, a batch at a time.

#include "actors/directory.hpp"

#include "decisions/card_index.hpp"
#include "decisions/limits.hpp"
#include "tests/actors/support.hpp"
#include "tests/decisions/support.hpp"

namespace elsec::actors::testing {
namespace {

namespace tables = storage::tables;

constexpr std::uint8_t cards_held_here = cards_per_message + 50;
constexpr std::uint64_t ahead = 1'000'000'000;  // milliseconds: a clock that was ahead by some days

struct renewing : stage {
  renewing() {
    open().signing = crypto::signing_key::from_seed(crypto::secret::random());
    for (std::uint8_t i = 1; i <= cards_held_here; ++i) {
      storage::change_set changes;
      BOOST_REQUIRE(store_card(changes, read(), decisions::test::card(i, "node1", i)).has_value());
      commit(changes);
    }
    begin();
  }
  ~renewing() { end(); }
  renewing(const renewing&) = delete;
  renewing& operator=(const renewing&) = delete;

  void begin() {
    subject = coordinator().system().spawn(actors::directory, with()->with, with()->writer);
    run();
  }
  void end() {
    caf::anon_send_exit(subject, caf::exit_reason::kill);
    run();
  }
  void hear() { tell(subject, cards_atom_v, held_by_peer); }
  [[nodiscard]] std::size_t renewed() const { return cards_after(read(), "node1", held_by_peer, 1'000)->cards.size(); }
  [[nodiscard]] std::size_t older() const { return cards_after(read(), "node1", 0, 1'000, held_by_peer)->cards.size(); }
  [[nodiscard]] bool is_over() const { return !read().contains(tables::card_renewals.name, "node1").value(); }

  directory_actor subject;
  std::uint64_t held_by_peer = static_cast<std::uint64_t>(now().time_since_epoch().count()) + ahead;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(renewed_cards, renewing)

BOOST_AUTO_TEST_CASE(R19_all_get_a_newer_version_than_any_peer_holds) {
  hear();
  BOOST_TEST(renewed() == cards_held_here);
  BOOST_TEST(older() == 0U);
  BOOST_TEST(is_over());
}

BOOST_AUTO_TEST_CASE(no_commit_holds_more_than_a_batch) {
  writer.holds = true;
  hear();
  BOOST_TEST(writer.held.size() == 1U);
  release_commit();
  BOOST_TEST(renewed() == cards_per_message);
  BOOST_TEST(!is_over());
  release_commit();
  BOOST_TEST(renewed() == cards_held_here);
  BOOST_TEST(is_over());
  BOOST_TEST(writer.taken == 2U);
}

BOOST_AUTO_TEST_CASE(R19_a_start_goes_on_with_those_that_are_left) {
  writer.holds = true;
  hear();
  release_commit();
  end();
  writer.held.clear();
  writer.holds = false;
  begin();
  hear();
  BOOST_TEST(renewed() == cards_held_here);
  BOOST_TEST(is_over());
}

BOOST_AUTO_TEST_CASE(a_batch_that_cannot_be_written_is_tried_again_with_the_next_hello) {
  writer.refuses = domain::error{error_code::storage_full, "full", {}};
  hear();
  BOOST_TEST(writer.taken == 1U);
  writer.refuses.reset();
  hear();
  BOOST_TEST(renewed() == cards_held_here);
}

BOOST_AUTO_TEST_CASE(R14_a_peers_cards_count_as_under_way_until_they_are_on_disk) {
  auto body = std::make_shared<const domain::bytes>(codec::to_cbor(wire::cards{}));
  const std::weak_ptr<const domain::bytes> under_way = body;
  writer.holds = true;
  tell(subject, cards_atom_v, std::string("node2"), shared_bytes(std::move(body)));
  BOOST_TEST(!under_way.expired());
  release_commit();
  BOOST_TEST(under_way.expired());
}

BOOST_AUTO_TEST_CASE(no_peer_makes_them_newer_than_a_clock_was_ever_wrong) {
  for (const auto far : {std::uint64_t{1'000'000'000'000'000}, UINT64_MAX - 1, UINT64_MAX})
    tell(subject, cards_atom_v, far);
  BOOST_TEST(older() == cards_held_here);
  BOOST_TEST(is_over());
}

BOOST_AUTO_TEST_CASE(a_card_that_changes_meanwhile_waits_for_the_batch_and_leaves_no_entry_of_its_older_version) {
  writer.holds = true;
  hear();
  auto changed = *read().get(tables::cards, decisions::test::organisation(1).str()).value();
  changed.card.name = "Klinik Neu";
  ask_for<commit_result>(subject, publish_card{changed.card, share(storage::change_set{})}, [](commit_result&) {});
  run();
  BOOST_TEST(writer.held.size() == 1U);
  while (!writer.held.empty()) release_commit();
  BOOST_TEST(read().rows_of(tables::cards_by_version.name).value() == cards_held_here);
  BOOST_TEST(read().get(tables::cards, decisions::test::organisation(1).str()).value()->card.name == "Klinik Neu");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::actors::testing
