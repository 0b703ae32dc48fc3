// Filters and searches find all that they should, on pages of any size, and open few rows that they do not show.

#include "decisions/card_index.hpp"
#include "decisions/card_search.hpp"
#include "decisions/dispatch_changes.hpp"
#include "tests/capabilities/lists.hpp"

#include <random>

using namespace elsec;
using namespace elsec::capabilities;
using namespace elsec::capabilities::testing;

namespace {

using domain::document_state;

struct searching : asking_for_lists {
  std::mt19937 dice{7};
  [[nodiscard]] bool chance(unsigned in) { return dice() % in == 0; }

  // --- documents ---

  std::vector<domain::document_row> documents;

  void add_documents(int count) {
    for (int i = 0; i < count; ++i) {
      now += std::chrono::milliseconds(1);
      auto made = chance(2) ? upload(one) : receive(one);
      const auto before = listing_of(made);
      if (made.from) {
        made.read = chance(2);
        made.passed_on = chance(3);
      } else if (chance(2)) {
        domain::become_dispatched(made, made.closes_at);
      }
      if (chance(5)) made.state = document_state::quarantined;
      if (chance(4)) made.state = document_state::closed;
      storage::change_set changes;
      put_document(changes, with, one.organisation_id, before, made);
      commit(changes);
      documents.insert(documents.begin(), made);
    }
  }
  [[nodiscard]] static bool is_in(const domain::document_row& row, domain::box box) {
    const auto place = listing_of(row);
    if (box == domain::box::inbox) return place.received;
    return box == domain::box::outbox ? place.sent : !place.received && !place.sent;
  }
  [[nodiscard]] std::vector<std::string> documents_where(const auto& holds) const {
    std::vector<std::string> ids;
    for (const auto& row : documents)
      if (holds(row)) ids.push_back(row.id.str());
    return ids;
  }

  [[nodiscard]] std::size_t entries_of(const domain::document_id& id) const {
    std::size_t count = 0;
    BOOST_REQUIRE(read()
                      .scan_keys(tables::boxes.name, one.organisation_id.str(), {}, storage::direction::forward,
                                 [&](std::string_view key) {
                                   count += key.ends_with(id.str()) ? 1U : 0U;
                                   return true;
                                 })
                      .has_value());
    return count;
  }

  // By letter, together with others.
  void post_with(const domain::document_row& document, const std::vector<domain::document_id>& attachments) {
    auto body = parsed(R"({"recipients":[{"name":"Gerhard Muster","address":{"street":"Am Mühlgraben 12",
      "postal_code":"01099","city":"Musterstadt"}}],"subject":"Brief"})");
    auto& along = body.as_object()["attachments"].emplace_array();
    for (const auto& id : attachments) along.emplace_back(id.str());
    asked("dispatch_document", about(one, document.id, boost::json::serialize(body)));
  }

  // --- the directory ---

  std::vector<domain::card_row> cards;  // besides those of both clinics
  std::uint64_t version = 0;

  void add_cards(std::vector<domain::card_row> rows) {
    storage::change_set changes;
    for (auto& row : rows) {
      now += std::chrono::milliseconds(1);
      row.card.id = crypto::new_id<domain::organisation_id>(now);
      row.card.node = "node2";
      row.version = ++version;
      BOOST_REQUIRE(store_card(changes, read(), row).has_value());
      cards.push_back(row);
    }
    commit(changes);
  }
  [[nodiscard]] static domain::card_row card_of(const std::string& name, const std::string& postal_code = "01067") {
    domain::card_row row;
    row.card.name = name;
    row.card.address.city = *domain::text<1, 80>::parse("Musterstadt");
    row.card.address.postal_code = *domain::text<1, 20>::parse(postal_code);
    return row;
  }
  domain::card_row random_card() {
    static const std::vector<std::string> words{"Klinik", "Klinikum", "Klinge", "Sankt", "Anna", "Nord", "Klin"};
    std::string name;
    for (unsigned i = 0; i <= dice() % 3; ++i) name += (i > 0 ? " " : "") + words[dice() % words.size()];
    auto row = card_of(name, std::vector<std::string>{"01067", "01069", "0", "53115"}[dice() % 4]);
    row.card.sector = chance(3) ? domain::sector::hospital : domain::sector::pharmacy;
    row.card.can_receive = chance(4);
    if (chance(10)) row.card.ik = *domain::ik_number::parse("260326822");
    return row;
  }
  // What the directory should show, as a set: searches come in the order of what they follow.
  [[nodiscard]] std::set<std::string> cards_where(const boost::json::object& query) const {
    const auto wanted = codec::from_json_value<domain::directory_query>(query);
    BOOST_REQUIRE(wanted.has_value());
    std::set<std::string> ids;
    for (const auto& row : cards)
      if (domain::matches(row.card, *wanted)) ids.insert(row.card.id.str());
    return ids;
  }
  void check_search(const boost::json::object& query) const {
    for (const auto limit : {1, 3, 500}) {
      const auto found = all_of("search_directory", {.who = one, .query = query}, limit);
      const std::set<std::string> each(found.begin(), found.end());
      BOOST_TEST(each.size() == found.size(), "each once: " << boost::json::serialize(query));
      BOOST_TEST((each == cards_where(query)), boost::json::serialize(query) << " limit " << limit);
    }
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(searches, searching)

BOOST_AUTO_TEST_CASE(every_filter_of_documents_shows_those_and_no_others_newest_first) {
  add_documents(90);
  for (const auto* box : {"", "inbox", "outbox", "drafts"})
    for (const auto* state : {"", "draft", "quarantined", "dispatched", "received", "closed"})
      for (const auto unread : {-1, 0, 1}) {
        request asked{.who = one};
        if (*box != '\0') asked.query["box"] = box;
        if (*state != '\0') asked.query["state"] = state;
        if (unread >= 0) asked.query["unread"] = unread == 1;
        const auto expected = documents_where([&](const domain::document_row& row) {
          const std::string_view named = boost::describe::enum_to_string(row.state, "");
          if (*state != '\0' ? named != state : row.state == document_state::closed) return false;
          if (*box == 'i' && !is_in(row, domain::box::inbox)) return false;
          if (*box == 'o' && !is_in(row, domain::box::outbox)) return false;
          if (*box == 'd' && !is_in(row, domain::box::drafts)) return false;
          return unread < 0 || row.read.value_or(true) != (unread == 1);
        });
        for (const auto limit : {2, 500})
          BOOST_TEST(all_of("list_documents", asked, limit) == expected, boost::json::serialize(asked.query)
                                                                             << " limit " << limit);
      }
}

BOOST_AUTO_TEST_CASE(documents_are_found_by_their_class) {
  std::vector<std::string> reports;
  for (int i = 0; i < 30; ++i) {
    now += std::chrono::milliseconds(1);
    auto made = receive(one);
    made.id = crypto::new_id<domain::document_id>(now);
    made.class_ = i % 10 == 0 ? "Arztbrief" : "Befund";
    storage::change_set changes;
    insert_document(changes, with, one.organisation_id, made);
    commit(changes);
    if (i % 10 == 0) reports.insert(reports.begin(), made.id.str());
  }
  BOOST_TEST(all_of("list_documents", asking(one, "class", "Arztbrief"), 2) == reports,
             boost::test_tools::per_element());
  asked("update_document", {.who = one, .parts = {{"id", reports.front()}}, .body = R"({"read":true})"});
  auto unread = asking(one, "class", "Arztbrief");
  unread.query["unread"] = true;
  BOOST_TEST(all_of("list_documents", unread, 2).size() == reports.size() - 1);
  BOOST_TEST(all_of("list_documents", asking(one, "class", "arztbrief"), 2).size() == 0U);
  BOOST_TEST(all_of("list_documents", asking(other, "class", "Arztbrief"), 2).size() == 0U);
}

BOOST_AUTO_TEST_CASE(an_attachment_is_listed_as_sent_from_the_commit_of_its_dispatch_on) {
  const auto document = upload(one);
  const auto attachment = upload(one);
  const auto copy = receive(one);
  post_with(document, {attachment.id, copy.id});
  for (const bool taken_over : {false, true}) {
    if (taken_over)
      for (const auto& command : due(sent_along)) (void)perform(command);
    BOOST_TEST(ids_of(seen("list_documents", asking(one, "state", "dispatched"))).size() == 2U);
    BOOST_TEST(ids_of(seen("list_documents", asking(one, "box", "outbox"))).size() == 3U);
    BOOST_TEST(ids_of(seen("list_documents", asking(one, "box", "inbox"))).size() == 1U);
    BOOST_TEST(ids_of(seen("list_documents", asking(one, "box", "drafts"))).size() == 0U);
  }
}

// The screening of the attachment ended between the decision of the dispatch and its commit.
BOOST_AUTO_TEST_CASE(an_attachment_that_changed_while_it_was_sent_along_stays_in_no_box_it_is_not_in) {
  const auto document = upload(one);
  auto attachment = upload(one);
  const auto before = listing_of(attachment);
  post_with(document, {attachment.id});
  attachment.state = document_state::quarantined;
  storage::change_set changes;
  put_document(changes, with, one.organisation_id, before, attachment);
  commit(changes);
  for (const auto& command : due(sent_along)) (void)perform(command);
  BOOST_TEST(entries_of(attachment.id) == 1U);
  BOOST_TEST(ids_of(seen("list_documents", asking(one, "state", "quarantined"))).size() == 1U);
  auto sent = asking(one, "box", "outbox");
  sent.query["state"] = "quarantined";
  BOOST_TEST(ids_of(seen("list_documents", sent)).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_received_copy_that_is_read_while_it_is_sent_along_is_listed_as_read_everywhere) {
  const auto document = upload(one);
  auto copy = receive(one);
  const auto before = listing_of(copy);
  post_with(document, {copy.id});
  copy.read = true;  // decided before that, written behind it
  storage::change_set changes;
  put_document(changes, with, one.organisation_id, before, copy);
  commit(changes);
  for (const auto& command : due(sent_along)) (void)perform(command);
  BOOST_TEST(entries_of(copy.id) == 2U);
  for (const auto* box : {"inbox", "outbox"}) {
    auto unread = asking(one, "box", box);
    unread.query["unread"] = true;
    BOOST_TEST(ids_of(seen("list_documents", unread)).size() == 0U, box);
  }
}

BOOST_AUTO_TEST_CASE(dispatches_are_found_by_their_state) {
  const auto letter = R"({"recipients":[{"name":"Gerhard Muster","address":{"street":"Am Mühlgraben 12",
    "postal_code":"01099","city":"Musterstadt"}}],"subject":"Brief"})";
  for (int i = 0; i < 5; ++i) {
    now += std::chrono::milliseconds(1);
    asked("dispatch_document", about(one, upload(one).id, letter));
  }
  BOOST_TEST(all_of("list_dispatches", asking(one, "state", "accepted"), 2).size() == 5U);
  auto some = *row(tables::dispatches,
                   one.organisation_id.str() + all_of("list_dispatches", asking(one, "state", "accepted"), 2).at(2));
  const auto document = *row(tables::documents, storage::key_of(one.organisation_id, some.document_id));
  storage::change_set changes;
  dispatch_changes(changes, with, one.organisation_id, document).happen(some, domain::gone_wrong{"no reason"});
  commit(changes);
  BOOST_TEST(all_of("list_dispatches", asking(one, "state", "failed"), 2) == std::vector{some.id.str()},
             boost::test_tools::per_element());
  BOOST_TEST(all_of("list_dispatches", asking(one, "state", "accepted"), 2).size() == 4U);
  BOOST_TEST(rows(tables::dispatches_by_state).size() == 5U);  // one entry each
  BOOST_TEST(all_of("list_dispatches", {.who = one}, 2).size() == 5U);
}

BOOST_AUTO_TEST_CASE(R8_every_search_of_the_directory_finds_those_and_no_others_each_once) {
  std::vector<domain::card_row> some;
  for (int i = 0; i < 120; ++i) some.push_back(random_card());
  add_cards(std::move(some));
  for (const auto& known : rows(tables::cards))
    if (known.card.node == "node1") cards.push_back(known);
  for (const auto* words : {"klinik", "klin", "kli", "sankt", "sankt anna", "nord klin", "musterstadt", "k",
                            "klin klinik", "nobody", "anna nobody"}) {
    check_search({{"query", words}});
    check_search({{"query", words}, {"sector", "hospital"}});
    check_search({{"query", words}, {"can_receive", true}, {"postal_code", "01"}});
  }
  check_search({{"ik", "260326822"}});
  check_search({{"ik", "260326822"}, {"sector", "pharmacy"}});
  for (const auto* code : {"0", "01", "01067", "5", "9"}) check_search({{"postal_code", code}});
  for (const bool can : {false, true}) {
    check_search({{"can_receive", can}});
    check_search({{"can_receive", can}, {"sector", "hospital"}});
  }
}

BOOST_AUTO_TEST_CASE(R8_whole_words_come_before_longer_ones_and_new_organisations_before_older_ones) {
  add_cards({card_of("Klinge"), card_of("Klingen"), card_of("Klinge")});
  const auto found = all_of("search_directory", asking(one, "query", "klinge nord"), 10);
  BOOST_TEST(found.size() == 0U);
  const std::vector<std::string> expected{cards[2].card.id.str(), cards[0].card.id.str(), cards[1].card.id.str()};
  BOOST_TEST(all_of("search_directory", asking(one, "query", "klingE"), 1) == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(R8_a_search_that_many_answer_to_loses_none_of_them) {
  const std::size_t many = rows_per_page_max + 100;
  add_cards(std::vector(many, card_of("Praxis")));
  BOOST_TEST(all_of("search_directory", asking(one, "query", "praxis"), 500).size() == many);
}

// However little of it is found: a page ends, and the next one goes on.
BOOST_AUTO_TEST_CASE(R8_the_one_among_many_is_found_and_no_page_opens_or_passes_by_too_many) {
  const std::size_t many = keys_per_page_max + 500;
  auto wanted = card_of("Praxis am Ende");
  wanted.card.sector = domain::sector::hospice;
  auto other_practice = card_of("Praxis");
  other_practice.card.sector = domain::sector::practice;
  add_cards({wanted});
  add_cards(std::vector(many, other_practice));
  const auto asked_for = [&](const boost::json::object& query) {
    return all_of("search_directory", {.who = one, .query = query}, 50);
  };
  const auto only = std::vector{cards.front().card.id.str()};
  BOOST_TEST(asked_for({{"query", "praxis ende"}}) == only);
  BOOST_TEST(asked_for({{"query", "praxis"}, {"sector", "hospice"}}) == only);
  // One page each: the rarest is followed.
  BOOST_TEST(ids_of(seen("search_directory", asking(one, "query", "praxis ende"))) == only);
  BOOST_TEST(ids_of(seen("search_directory", asking(one, "sector", "hospice"))) == only);
  for (const auto* nothing : {"social_service", "insurer"})
    BOOST_TEST(asked_for({{"query", "praxis"}, {"sector", nothing}}).size() == 0U);
}

BOOST_AUTO_TEST_CASE(R8_a_page_that_has_passed_by_enough_ends_and_the_next_one_goes_on) {
  auto practice = card_of("Praxis");
  practice.card.sector = domain::sector::practice;
  auto hospital = card_of("Haus");
  hospital.card.sector = domain::sector::hospital;
  add_cards(std::vector(keys_per_page_max + term_count_max, practice));
  add_cards(std::vector(term_count_max + 100, hospital));
  auto neither = asking(one, "query", "praxis");
  neither.query["sector"] = "hospital";
  const auto first = seen("search_directory", neither);
  BOOST_TEST(ids_of(first).size() == 0U);
  BOOST_REQUIRE(first.at("next_cursor").is_string());
  neither.query["cursor"] = first.at("next_cursor");
  const auto second = seen("search_directory", neither);
  BOOST_TEST(ids_of(second).size() == 0U);
  BOOST_TEST(second.at("next_cursor").is_null());
}

BOOST_AUTO_TEST_CASE(R8_a_page_that_has_opened_enough_ends_and_the_next_one_goes_on) {
  add_cards(std::vector(rows_per_page_max + 50, card_of("Praxis")));
  add_cards(std::vector(rows_per_page_max + 60, card_of("Haus")));
  auto neither = asking(one, "query", "praxis haus");
  const auto first = seen("search_directory", neither);
  BOOST_TEST(ids_of(first).size() == 0U);
  BOOST_REQUIRE(first.at("next_cursor").is_string());
  neither.query["cursor"] = first.at("next_cursor");
  BOOST_TEST(seen("search_directory", neither).at("next_cursor").is_null());
}

BOOST_AUTO_TEST_CASE(R8_the_rarest_is_followed_wherever_it_stands) {
  add_cards({card_of("Beispielhaus Eck")});
  add_cards(std::vector(rows_per_page_max + 50, card_of("Eck")));
  add_cards(std::vector(rows_per_page_max + 50, card_of("Beispielheim")));
  for (const auto* words : {"beispielhaus eck", "eck beispielhaus"})
    BOOST_TEST(ids_of(seen("search_directory", asking(one, "query", words))).size() == 1U, words);
}

// Opened would be more than a page opens.
BOOST_AUTO_TEST_CASE(the_one_unread_among_many_is_on_the_first_page) {
  storage::change_set changes;
  auto copy = receive(one);
  const auto unread = copy.id.str();
  copy.read = true;
  for (std::size_t i = 0; i < rows_per_page_max + 50; ++i) {
    now += std::chrono::milliseconds(1);
    copy.id = crypto::new_id<domain::document_id>(now);
    insert_document(changes, with, one.organisation_id, copy);
  }
  commit(changes);
  BOOST_TEST(ids_of(seen("list_documents", asking(one, "unread", true))) == std::vector{unread},
             boost::test_tools::per_element());
  BOOST_TEST(all_of("list_documents", asking(one, "box", "inbox"), 100).size() == rows_per_page_max + 51);
}

BOOST_AUTO_TEST_CASE(R8_words_that_others_begin_with_are_looked_for_once) {
  domain::directory_query query;
  query.query = domain::text<1, 100>::parse("k kl klinik klinik klinikum 2603").value();
  query.ik = *domain::ik_number::parse("260326822");
  const auto wanted = wanted_terms(query);
  BOOST_REQUIRE(wanted.size() == 3U);  // the IK, "klinikum", "2603"
  BOOST_TEST(wanted[1].text == "wklinikum");
}

BOOST_AUTO_TEST_CASE(a_cursor_of_another_search_is_refused) {
  add_cards(std::vector(3, card_of("Klinik")));
  auto some = asking(one, "query", "klinik");
  some.query["limit"] = 1;
  const auto cursor = seen("search_directory", some).at("next_cursor");
  for (const auto* words : {"praxis", "klin"}) {
    auto another = asking(one, "query", words);
    another.query["cursor"] = cursor;
    BOOST_TEST(pointer_of(show("search_directory", another)) == "/cursor", words);
  }
  auto everybody = request{.who = one};
  everybody.query["cursor"] = cursor;
  BOOST_TEST(pointer_of(show("search_directory", everybody)) == "/cursor");
}

BOOST_AUTO_TEST_SUITE_END()
