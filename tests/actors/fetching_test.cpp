// What a transfer fetches from its peer, and what becomes of it when that is not what was announced.

#include "actors/queries.hpp"
#include "actors/transfer.hpp"
#include "crypto/seal.hpp"
#include "decisions/limits.hpp"
#include "tests/actors/upload_support.hpp"
#include "tests/decisions/support.hpp"

namespace elsec::actors::testing {
namespace {

namespace tables = storage::tables;

constexpr auto announced_row = "row of the dispatch";

// A dispatch of one file of `chunks_per_request + 1` chunks, and the peer that hands it out.
struct fetching : uploading {
  fetching() {
    for (std::size_t i = 0; i < chunks_per_request * crypto::chunk_plain_max + 100; ++i)
      words.push_back(static_cast<std::uint8_t>(i % 251));
    auto made = std::make_shared<context>();
    made->with = with()->with;
    made->writer = with()->writer;
    made->content_writer = all->content_writer;
    made->links.emplace("node2", spawn(&peer_double, this));
    receiver = made;
    dispatch.id = domain::dispatch_id::make(domain::time_point{}, {1});
    dispatch.sender.organisation_id = organisation(2);
    dispatch.recipient = organisation(1);
    dispatch.subject = decltype(dispatch.subject)::parse("Entlassungsbrief").value();
    dispatch.files.push_back({.document = domain::document_id::make(domain::time_point{}, {7}),
                              .filename = "brief.txt",
                              .media_type = "text/plain",
                              .size = words.size(),
                              .sha256 = crypto::to_hex(crypto::sha256(words)),
                              .content = content});
    take_part(true);
    storage::change_set changes;
    BOOST_REQUIRE(store_card(changes, read(), decisions::test::card(2, "node2", 1)).has_value());
    commit(changes);
  }
  void take_part(bool receives) {
    domain::organisation who;
    who.id = organisation(1);
    who.capabilities.receive = receives;
    who.delivery = domain::delivery::electronic;
    storage::change_set changes;
    changes.put(tables::organisations, who.id.str(), who);
    commit(changes);
  }
  // A transfer of the dispatch, until it has ended.
  std::optional<done> fetch() {
    const domain::bytes body = codec::to_cbor(dispatch);
    storage::change_set changes;
    changes.put(tables::inbound, announced_row, {.kind = wire::kind_dispatch, .id = {}, .body = body, .reason = {}});
    commit(changes);
    const incoming_transfer what{.peer = "node2", .row = announced_row, .body = body, .organisation = organisation(1)};
    told = std::make_shared<std::optional<done>>();
    ask_for<done>(coordinator().system().spawn(transfer, receiver, what), what,
                  [into = told](const done& result) { *into = result; });
    run();
    return *told;
  }
  [[nodiscard]] domain::bytes sealed(std::uint32_t index) const {
    const auto from = index * crypto::chunk_plain_max;
    const auto plain = std::span(words).subspan(from, std::min(crypto::chunk_plain_max, words.size() - from));
    return crypto::seal_chunk(key, content, index, plain);
  }
  void store(std::uint32_t index, domain::bytes chunk) {
    const storage::content_change change = storage::store_chunks{content, index, {std::move(chunk)}};
    const std::array batch{&change};
    BOOST_REQUIRE(open().content->commit(batch).has_value());
  }
  [[nodiscard]] std::vector<wire::statement> said() const {
    std::vector<wire::statement> all_said;
    const auto walked = read().scan(tables::outbox, {}, {}, storage::direction::forward,
                                    [&](std::string_view, domain::result<storage::outbox_row>&& row) {
                                      all_said.push_back(codec::from_cbor<wire::statement>(row.value().body).value());
                                      return true;
                                    });
    BOOST_TEST(walked.has_value());
    return all_said;
  }
  [[nodiscard]] std::optional<storage::inbound_row> waiting() const {
    return read().get(tables::inbound, announced_row).value();
  }
  [[nodiscard]] std::vector<domain::document_row> copies() const {
    std::vector<domain::document_row> rows;
    const auto walked = read().scan(tables::documents, organisation(1).str(), {}, storage::direction::forward,
                                    [&](std::string_view, domain::result<domain::document_row>&& row) {
                                      rows.push_back(std::move(row.value()));
                                      return true;
                                    });
    BOOST_TEST(walked.has_value());
    return rows;
  }

  void check_refused(const std::string& reason, bool letter_possible = false) {
    BOOST_TEST((fetch() && !waiting()));
    BOOST_TEST(copies().empty());
    BOOST_REQUIRE(said().size() == 1U);
    BOOST_CHECK(said().front().verdict == wire::verdict::refused);
    BOOST_TEST(said().front().reason == reason);
    BOOST_TEST(said().front().letter_possible == letter_possible);
    BOOST_TEST(read().contains(tables::refused_dispatches.name, dispatch.id.str()).value());
  }
  void check_put_off(error_code why) {
    const auto result = fetch();
    BOOST_REQUIRE((result && !*result));
    BOOST_CHECK(result->error().code == why);
    BOOST_TEST(copies().empty());
    BOOST_TEST(said().empty());
    BOOST_REQUIRE(waiting().has_value());
    BOOST_TEST(waiting()->attempts == 1U);
    BOOST_TEST(waiting()->again_at.has_value());
    BOOST_TEST(writer.taken == 1U);  // once, though more than one answer may have failed
  }

  domain::bytes words;
  crypto::content_id content{1};
  crypto::secret key = crypto::secret::random();
  wire::dispatch dispatch;
  std::optional<error_code> no_key{};                         // instead of the key
  std::optional<error_code> no_chunks{};                      // instead of chunks
  std::function<void(domain::bytes&)> spoils = [](auto&) {};  // an answer's chunks
  std::vector<std::uint32_t> asked_from;                      // first indexes of the chunks that were asked for
  std::shared_ptr<std::optional<done>> told;                  // what the last transfer has come to
  shared_context receiver;

 private:
  peer_answer answer(const ask_peer& what) {
    if (what.kind == wire::kind_key_wanted) {
      if (no_key) return domain::fail(*no_key);
      const auto question = codec::from_cbor<wire::key_wanted>(what.question).value();
      return std::make_shared<const domain::bytes>(crypto::seal_to(question.receiver, key.view()).value());
    }
    const auto question = codec::from_cbor<wire::chunks_wanted>(what.question).value();
    asked_from.push_back(question.first_index);
    if (no_chunks) return domain::fail(*no_chunks);
    domain::bytes body;
    for (std::uint32_t i = 0; i < question.count; ++i) {
      const auto chunk = sealed(question.first_index + i);
      body.insert(body.end(), chunk.begin(), chunk.end());
    }
    spoils(body);
    return std::make_shared<const domain::bytes>(std::move(body));
  }
  static link_actor::behavior_type peer_double(link_actor::pointer, fetching* where) {
    return {
        [](start_atom) {},      [](wake_atom) {},  [](const shared_envelope&) {},
        [](link_atom, bool) {}, [](cards_atom) {}, [where](const ask_peer& what) { return where->answer(what); },
        [](tick_atom) {},       [](stop_atom) {},
    };
  }
};

constexpr auto damaged = "the bytes that arrived are damaged";
constexpr auto gone = "the sender no longer has the document";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(fetching_transfers, fetching)

BOOST_AUTO_TEST_CASE(G1_what_was_announced_is_a_copy_with_its_bytes_and_its_sender_is_told) {
  const auto result = fetch();
  BOOST_TEST((result && *result));
  BOOST_TEST(!waiting().has_value());
  BOOST_REQUIRE(copies().size() == 1U);
  const auto opened = queries(with()->with).content(organisation(1), copies().front().id);
  BOOST_REQUIRE(opened.has_value());
  domain::bytes got;
  while (got.size() < words.size()) {
    const auto part = opened->read(got.size(), words.size());
    BOOST_REQUIRE((part && !part->empty()));
    got.insert(got.end(), part->begin(), part->end());
  }
  BOOST_TEST((got == words));
  BOOST_REQUIRE(said().size() == 1U);
  BOOST_CHECK(said().front().verdict == wire::verdict::delivered);
  pass(settle_wait);
  BOOST_TEST(open().content->list_pending(10).value().empty());
}

BOOST_AUTO_TEST_CASE(G1_nothing_is_settled_or_said_before_the_copy_is_on_disk) {
  writer.holds = true;
  BOOST_TEST(!fetch().has_value());
  pass(settle_wait);
  BOOST_TEST(open().content->list_pending(10).value().size() == 1U);
  BOOST_TEST(said().empty());
}

BOOST_AUTO_TEST_CASE(other_bytes_than_were_announced_are_refused) {
  dispatch.files[0].sha256 = crypto::to_hex(crypto::sha256(std::string_view("something else")));
  check_refused("the bytes that arrived do not have the digest that was announced");
}

BOOST_AUTO_TEST_CASE(bytes_that_another_key_has_sealed_are_refused_and_not_stored) {
  spoils = [](domain::bytes& body) { body[100] ^= 1; };
  check_refused(damaged);
  BOOST_TEST(open().content->stored_chunks(content).value() == 0U);
}

BOOST_AUTO_TEST_CASE(what_the_sender_no_longer_has_is_refused) {
  no_key = error_code::not_found;
  check_refused(gone);
}

BOOST_AUTO_TEST_CASE(what_the_sender_has_closed_is_refused) {
  no_chunks = error_code::closed;
  check_refused(gone);
}

BOOST_AUTO_TEST_CASE(what_is_damaged_at_its_sender_is_refused) {
  no_chunks = error_code::integrity;
  check_refused(damaged);
}

BOOST_AUTO_TEST_CASE(R2_one_for_whoever_receives_no_more_is_refused_and_may_go_as_a_letter) {
  take_part(false);
  check_refused("the recipient does not receive electronically any more", true);
}

BOOST_AUTO_TEST_CASE(any_other_failure_of_the_peer_is_put_off) {
  no_chunks = error_code::timed_out;
  check_put_off(error_code::timed_out);
}

BOOST_AUTO_TEST_CASE(fewer_chunks_than_were_asked_for_are_put_off) {
  spoils = [](domain::bytes& body) {
    body.resize(body.size() > crypto::chunk_sealed_max ? crypto::chunk_sealed_max : 0);
  };
  check_put_off(error_code::integrity);
}

BOOST_AUTO_TEST_CASE(contents_that_are_being_freed_put_it_off) {
  const auto freed = open().contents->free(content);
  BOOST_TEST(!!freed);
  check_put_off(error_code::overloaded);
}

BOOST_AUTO_TEST_CASE(its_contents_are_not_freed_meanwhile) {
  writer.holds = true;
  (void)fetch();
  BOOST_TEST(!open().contents->free(content));
  release_commit();
  BOOST_TEST(!!open().contents->free(content));
}

BOOST_AUTO_TEST_CASE(it_goes_on_behind_what_an_earlier_attempt_has_stored) {
  for (std::uint32_t i = 0; i < chunks_per_request; ++i) store(i, sealed(i));
  BOOST_TEST((fetch() && !waiting()));
  BOOST_REQUIRE(asked_from.size() == 1U);
  BOOST_TEST(asked_from.front() == chunks_per_request);
  BOOST_TEST(copies().size() == 1U);
}

// They may be another document's, and genuine.
BOOST_AUTO_TEST_CASE(stored_chunks_that_do_not_open_are_neither_replaced_nor_refused) {
  store(0, domain::bytes(1'000, 7));
  check_put_off(error_code::integrity);
  BOOST_TEST(asked_from.empty());
  BOOST_TEST((open().content->read(content, 0, 1).value().front() == domain::bytes(1'000, 7)));
}

BOOST_AUTO_TEST_CASE(R12_without_room_for_its_chunks_it_is_put_off) {
  open().policy.tenant_quota_bytes = words.size() - 1;
  check_put_off(error_code::storage_full);
  BOOST_TEST(asked_from.empty());
}

BOOST_AUTO_TEST_CASE(G2_one_that_was_received_meanwhile_takes_no_effect_again) {
  writer.holds = true;
  (void)fetch();
  storage::change_set changes;
  changes.put(tables::received_dispatches, storage::key_of(organisation(1), dispatch.id), {"doc_1"});
  commit(changes);
  release_commit();
  BOOST_REQUIRE((*told && !**told));
  BOOST_CHECK((*told)->error().code == error_code::already_done);
  BOOST_TEST(copies().empty());
  BOOST_TEST(said().empty());
  pass(settle_wait);
  BOOST_TEST(open().content->list_pending(10).value().size() == 1U);  // the janitor looks at who holds it
}

BOOST_AUTO_TEST_CASE(G1_a_refusal_that_cannot_be_written_ends_nothing) {
  no_key = error_code::not_found;
  writer.refuses = domain::error{error_code::storage_full, "full", {}};
  const auto result = fetch();
  BOOST_REQUIRE((result && !*result));
  BOOST_CHECK(result->error().code == error_code::storage_full);
  BOOST_TEST(waiting().has_value());
  BOOST_TEST(said().empty());
}

BOOST_AUTO_TEST_CASE(a_commit_that_fails_puts_it_off) {
  writer.holds = true;
  (void)fetch();
  writer.refuses = domain::error{error_code::storage_full, "full", {}};
  release_commit();
  writer.refuses.reset();
  BOOST_REQUIRE(writer.held.size() == 1U);  // its row
  release_commit();
  BOOST_TEST(waiting()->attempts == 1U);
  BOOST_TEST(copies().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elsec::actors::testing
