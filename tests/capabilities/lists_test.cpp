// Lists: pages, cursors, filters, and whose rows they show.

#include "tests/capabilities/lists.hpp"

using namespace elsec;
using namespace elsec::capabilities;
using namespace elsec::capabilities::testing;

namespace {

// Every list of an organisation's own rows.
const std::vector<std::string_view> own_lists{"list_documents", "list_dispatches", "list_letters", "list_api_tokens",
                                              "list_sessions"};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(lists, asking_for_lists)

BOOST_AUTO_TEST_CASE(pages_of_any_size_make_the_whole_list_newest_first) {
  const auto expected = upload_many(one, 7);
  for (const auto limit : {1, 2, 3, 6, 7, 8, 500})
    BOOST_TEST(all_of("list_documents", {.who = one}, limit) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_page_is_bounded_unless_it_is_asked_for_more) {
  upload_many(one, 60);
  const auto page = seen("list_documents", {.who = one});
  BOOST_TEST(ids_of(page).size() == page_limit_default);
  BOOST_TEST(page.at("next_cursor").is_string());
}

BOOST_AUTO_TEST_CASE(a_limit_beyond_its_bounds_is_refused) {
  for (const auto limit : {0, -1, 501}) {
    const auto refused = show("list_documents", asking(one, "limit", limit));
    BOOST_CHECK(code_of(refused) == error_code::invalid);
    BOOST_TEST(pointer_of(refused) == "/limit");
  }
}

BOOST_AUTO_TEST_CASE(a_cursor_of_another_kind_is_refused) {
  for (const auto* cursor : {"a", "doc_1", "01KJPTPDP8P1XPA7Z3DJ8FSSZ5", "42", "cmVjZWlwdA",
                             "doc_01KJPTPDP8P1XPA7Z3DJ8FSSZU", "doc-01KJPTPDP8P1XPA7Z3DJ8FSSZ5"})
    for (const auto operation : own_lists) {
      const auto refused = show(operation, asking(one, "cursor", cursor));
      BOOST_CHECK(code_of(refused) == error_code::invalid);
      BOOST_TEST(pointer_of(refused) == "/cursor", std::string(operation));
    }
}

// One that is an identifier, though of nothing in this list, only says where to go on.
BOOST_AUTO_TEST_CASE(R13_another_organisations_cursor_shows_nothing_of_it) {
  const auto mine = upload_many(one, 2);
  const auto theirs = upload_many(other, 3);
  const auto page = ids_of(seen("list_documents", asking(one, "cursor", boost::json::string(theirs.front()))));
  BOOST_TEST(page == mine, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(R13_another_organisations_rows_never_show) {
  upload_many(other, 5);
  const auto letter = R"({"recipients":[{"name":"Gerhard Muster","address":{"street":"Am Mühlgraben 12",
    "postal_code":"01099","city":"Musterstadt"}}],"subject":"Brief"})";
  asked("dispatch_document", about(other, upload(other).id, letter));
  asked("create_api_token", {.who = other, .body = R"({"name":"Archive","scopes":["documents:read"]})"});
  for (const auto operation : own_lists) {
    BOOST_TEST(all_of(operation, {.who = other}, 2).size() > 0U, std::string(operation));
    BOOST_TEST(all_of(operation, {.who = one}, 2).size() == (operation == "list_sessions" ? 1U : 0U),
               std::string(operation));
  }
}

BOOST_AUTO_TEST_CASE(documents_are_filtered_by_box_state_and_whether_they_were_read) {
  const auto draft = upload(one).id.str();
  const auto copy = receive(one);
  const auto in_box = [&](const char* box) { return ids_of(seen("list_documents", asking(one, "box", box))); };
  BOOST_TEST(in_box("inbox") == std::vector{copy.id.str()}, boost::test_tools::per_element());
  BOOST_TEST(in_box("drafts") == std::vector{draft}, boost::test_tools::per_element());
  BOOST_TEST(in_box("outbox").size() == 0U);
  BOOST_TEST(ids_of(seen("list_documents", asking(one, "state", "draft"))) == std::vector{draft},
             boost::test_tools::per_element());
  BOOST_TEST(ids_of(seen("list_documents", asking(one, "unread", true))) == std::vector{copy.id.str()},
             boost::test_tools::per_element());
  asked("update_document", about(one, copy.id, R"({"read":true})"));
  BOOST_TEST(ids_of(seen("list_documents", asking(one, "unread", true))).size() == 0U);
}

BOOST_AUTO_TEST_CASE(pages_of_a_filtered_list_lose_nothing_between_them) {
  std::vector<std::string> copies;
  for (int i = 0; i < 5; ++i) {
    upload_many(one, 3);
    now += std::chrono::milliseconds(1);
    copies.insert(copies.begin(), receive(one).id.str());
  }
  BOOST_TEST(all_of("list_documents", asking(one, "state", "received"), 2) == copies, boost::test_tools::per_element());
  BOOST_TEST(all_of("list_documents", asking(one, "box", "inbox"), 2) == copies, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(R13_a_row_that_cannot_be_read_is_left_out_and_counted) {
  auto expected = upload_many(one, 5);
  damage(tables::documents, one.organisation_id.str() + expected[1]);
  expected.erase(expected.begin() + 1);
  for (const auto* box : {"", "drafts"}) {
    const auto wanted = *box == '\0' ? request{.who = one} : asking(one, "box", box);
    const auto page = show("list_documents", wanted);
    BOOST_REQUIRE(page.has_value());
    BOOST_TEST(ids_of(parsed(page->body)) == expected, boost::test_tools::per_element());
    BOOST_TEST(page->damaged == 1U);
    for (const auto limit : {1, 2}) BOOST_TEST(all_of("list_documents", wanted, limit) == expected);
  }
}

BOOST_AUTO_TEST_CASE(a_card_that_cannot_be_read_is_left_out_of_the_directory_and_counted) {
  take_part(one);
  take_part(other);
  damage(tables::cards, other.organisation_id.str());
  for (const auto* words : {"", "Musterstadt"}) {
    auto asked = request{.who = one};
    if (*words != '\0') asked.query["query"] = words;
    const auto page = show("search_directory", asked);
    BOOST_REQUIRE(page.has_value());
    BOOST_TEST(ids_of(parsed(page->body)) == std::vector{one.organisation_id.str()}, boost::test_tools::per_element());
    BOOST_TEST(page->damaged == 1U);
  }
}

BOOST_AUTO_TEST_CASE(an_event_that_cannot_be_read_is_left_out_of_the_feed_and_counted) {
  for (int i = 0; i < 3; ++i) {
    storage::change_set changes;
    changes.publish(one.organisation_id, {.type = std::string(domain::document_received)});
    commit(changes);
  }
  const auto before = parsed(show("list_events", {.who = one})->body).at("items").as_array().size();
  const auto last = read().count(tables::counters, "feed/" + one.organisation_id.str()).value();
  damage(tables::feed, storage::key_of(one.organisation_id, storage::big_endian(last - 1)));
  const auto page = show("list_events", {.who = one});
  BOOST_REQUIRE(page.has_value());
  BOOST_TEST(parsed(page->body).at("items").as_array().size() == before - 1);
  BOOST_TEST(page->damaged == 1U);
}

BOOST_AUTO_TEST_CASE(closed_documents_are_shown_to_whoever_asks_for_them) {
  auto closed = upload(one);
  const auto before = listing_of(closed);
  closed.state = domain::document_state::closed;
  storage::change_set changes;
  put_document(changes, with, one.organisation_id, before, closed);
  commit(changes);
  BOOST_TEST(ids_of(seen("list_documents", {.who = one})).size() == 0U);
  BOOST_TEST(ids_of(seen("list_documents", asking(one, "state", "closed"))).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_documents_own_lists_are_of_documents_that_exist) {
  const auto theirs = upload(other).id;
  for (const auto* operation : {"list_document_dispatches", "list_document_receipts"})
    BOOST_CHECK(code_of(show(operation, about(one, theirs))) == error_code::not_found);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(other_lists, asking_for_lists)

BOOST_AUTO_TEST_CASE(G1_receipts_come_in_the_order_of_their_chains_on_pages_of_any_size) {
  const auto document = upload(one);
  const auto letter = R"({"recipients":[{"name":"Gerhard Muster","address":{"street":"Am Mühlgraben 12",
    "postal_code":"01099","city":"Musterstadt"}}],"subject":"Brief"})";
  asked("dispatch_document", about(one, document.id, letter));
  asked("dispatch_document", about(one, document.id, letter));
  const auto whole = all_of("list_document_receipts", about(one, document.id), 500);
  BOOST_REQUIRE(whole.size() == 3U);
  BOOST_TEST(text_at(seen("get_receipt", {.who = one, .parts = {{"id", whole.front()}}}), "/kind") == "uploaded");
  for (const auto limit : {1, 2, 3})
    BOOST_TEST(all_of("list_document_receipts", about(one, document.id), limit) == whole,
               boost::test_tools::per_element());
  auto wrong = about(one, document.id);
  wrong.query["cursor"] = "no*base64";
  const auto refused = show("list_document_receipts", wrong);
  BOOST_CHECK(code_of(refused) == error_code::invalid);
  BOOST_TEST(pointer_of(refused) == "/cursor");
}

BOOST_AUTO_TEST_CASE(the_directory_shows_every_organisation_of_the_network_and_finds_them_by_word) {
  BOOST_TEST(all_of("search_directory", {.who = one}, 1).size() == 2U);
  const auto found = ids_of(seen("search_directory", asking(one, "query", "lindenhof")));
  BOOST_TEST(found == std::vector{other.organisation_id.str()}, boost::test_tools::per_element());
  BOOST_TEST(ids_of(seen("search_directory", asking(one, "query", "LINDEN pflege"))).size() == 1U);
  BOOST_TEST(ids_of(seen("search_directory", asking(one, "query", "lindenhof klinik"))).size() == 0U);
  BOOST_TEST(ids_of(seen("search_directory", asking(one, "query", "nowhere"))).size() == 0U);
  const auto refused = show("search_directory", asking(one, "cursor", "a"));
  BOOST_TEST(pointer_of(refused) == "/cursor");
}

BOOST_AUTO_TEST_CASE(nodes_are_listed_in_pages_by_name) {
  auto asked = asking(one, "limit", 1);
  const auto first = seen("list_nodes", asked);
  BOOST_TEST(text_at(first, "/items/0/name") == "node1");
  asked.query["cursor"] = first.at("next_cursor");
  const auto second = seen("list_nodes", asked);
  BOOST_TEST(text_at(second, "/items/0/name") == "node2");
  BOOST_TEST(second.at("next_cursor").is_null());
  BOOST_TEST(pointer_of(show("list_nodes", asking(one, "cursor", "node9"))) == "/cursor");
}

BOOST_AUTO_TEST_CASE(events_are_listed_oldest_first_and_go_on_after_the_last_one_seen) {
  const auto letter = R"({"recipients":[{"name":"Gerhard Muster","address":{"street":"Am Mühlgraben 12",
    "postal_code":"01099","city":"Musterstadt"}}],"subject":"Brief"})";
  asked("dispatch_document", about(one, upload(one).id, letter));
  const auto whole = ids_of(seen("list_events", {.who = one}));
  BOOST_REQUIRE(whole.size() == 2U);  // of the dispatch, and of its letter
  auto next = asking(one, "limit", 1);
  const auto first = seen("list_events", next);
  BOOST_TEST(ids_of(first).front() == whole.front());
  next.query["after"] = std::stoll(text_at(first, "/next_cursor"));
  BOOST_TEST(ids_of(seen("list_events", next)).front() == whole.back());
  next.query["after"] = std::stoll(whole.back());
  BOOST_TEST(ids_of(seen("list_events", next)).size() == 0U);
  BOOST_TEST(ids_of(seen("list_events", {.who = other})).size() == 0U);
}

BOOST_AUTO_TEST_CASE(readiness_says_which_peers_are_linked) {
  std::atomic<bool> ready{true};
  with.ready = &ready;
  with.links->set("node2", true);
  BOOST_TEST(show("get_readiness", {})->status == 200U);
  BOOST_TEST(text_at(seen("get_readiness", {}), "/links/0/state") == "up");
  ready = false;
  BOOST_TEST(show("get_readiness", {})->status == 503U);
}

BOOST_AUTO_TEST_SUITE_END()
