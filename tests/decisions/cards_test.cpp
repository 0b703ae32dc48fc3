#include "capabilities/all.hpp"
#include "domain/folding.hpp"
#include "tests/decisions/support.hpp"

#include <boost/json/parse.hpp>

using namespace elsec;
using namespace elsec::decisions;

namespace {

// What the API's directory shows.
boost::json::object directory(const test::temporary_store& in, const boost::json::object& query) {
  for (const auto& capability : capabilities::all())
    for (const auto& each : capability.routes)
      if (each.id == "search_directory")
        return boost::json::parse(each.show({*in.services(), in.read(), {}}, {.query = query})->body).as_object();
  return {};
}

std::size_t found(const test::temporary_store& in, const std::string& words) {
  return directory(in, {{"query", words}}).at("items").as_array().size();
}

std::vector<std::string> statements(const card_batch& of) {
  std::vector<std::string> all;
  for (const auto& row : of.cards) all.push_back(row.jws);
  return all;
}

struct card_store : test::temporary_store {
  // Of the index, for terms that begin so.
  [[nodiscard]] std::size_t entries(const std::string& begin) const {
    std::size_t count = 0;
    BOOST_REQUIRE(read()
                      .scan_keys(storage::tables::cards_by_term.name, begin, {}, storage::direction::forward,
                                 [&](std::string_view) { return ++count > 0; })
                      .has_value());
    return count;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cards, card_store)

BOOST_AUTO_TEST_CASE(a_newer_card_replaces_an_older_one_and_its_index_entries) {
  BOOST_REQUIRE(take(test::card(1, "node1", 1, "Klinik Alt")).has_value());
  BOOST_REQUIRE(take(test::card(1, "node1", 2, "Klinik Neu")).has_value());
  BOOST_TEST(cards_by_id(read(), test::organisation(1))->front().name == "Klinik Neu");
  BOOST_TEST(entries("walt") == 0U);
  BOOST_TEST(entries("wneu") == 1U);
}

BOOST_AUTO_TEST_CASE(an_older_card_changes_nothing) {
  BOOST_REQUIRE(take(test::card(1, "node1", 2, "Klinik Neu")).has_value());
  BOOST_REQUIRE(take(test::card(1, "node1", 1, "Klinik Alt")).has_value());
  BOOST_TEST(cards_by_id(read(), test::organisation(1))->front().name == "Klinik Neu");
}

BOOST_AUTO_TEST_CASE(R14_no_other_node_takes_an_organisation_over_whatever_version_it_claims) {
  BOOST_REQUIRE(take(test::card(1, "node1", 1)).has_value());
  const auto stolen = take(test::card(1, "node2", UINT64_MAX));
  BOOST_REQUIRE(!stolen.has_value());
  BOOST_CHECK(stolen.error().code == domain::error_code::integrity);
  BOOST_TEST(cards_by_id(read(), test::organisation(1))->front().node == "node1");
}

BOOST_AUTO_TEST_CASE(cards_come_in_batches_each_behind_the_last) {
  for (std::uint8_t i = 1; i <= 5; ++i) BOOST_REQUIRE(take(test::card(i, "node1", i)).has_value());
  const auto first = cards_after(read(), "node1", 0, 2);
  BOOST_TEST((first->cards.size() == 2U && first->more && first->last == 2U));
  const auto last = cards_after(read(), "node1", first->last, 2, 4);
  BOOST_TEST((last->cards.size() == 2U && !last->more && last->last == 4U));
}

BOOST_AUTO_TEST_CASE(only_organisations_with_a_capability_answer_to_their_number) {
  auto unverified = test::card(2, "node1", 2);
  unverified.card.verified = false;
  BOOST_REQUIRE(take(test::card(1, "node1", 1)).has_value());
  BOOST_REQUIRE(take(unverified).has_value());
  const auto found = capable_cards_by_ik(read(), *domain::ik_number::parse("260326822"));
  BOOST_REQUIRE(found->size() == 1U);
  BOOST_CHECK(found->front().id == test::organisation(1));
}

BOOST_AUTO_TEST_CASE(what_is_newer_than_a_version_is_listed_in_order) {
  BOOST_REQUIRE(take(test::card(1, "node1", 1)).has_value());
  BOOST_REQUIRE(take(test::card(2, "node1", 2)).has_value());
  BOOST_REQUIRE(take(test::card(3, "node2", 3)).has_value());
  BOOST_REQUIRE(take(test::card(1, "node1", 4)).has_value());
  BOOST_TEST(*newest_card_version(read(), "node1") == 4U);
  const std::vector<std::string> expected{"signed 2", "signed 4"};
  BOOST_TEST(statements(*cards_after(read(), "node1", 1, 10)) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(R8_the_directory_finds_nobody_for_words_without_a_letter_or_digit) {
  BOOST_REQUIRE(take(test::card(1, "node1", 1, "Klinik Nord")).has_value());
  BOOST_REQUIRE(take(test::card(2, "node1", 2, "Klinik Süd")).has_value());
  for (const auto* words : {"%", "*", "%%%", "-", ". , ;", "'"}) {
    const auto page = directory(*this, {{"query", words}, {"limit", 1}});
    BOOST_TEST(page.at("items").as_array().empty(), words);
    BOOST_TEST(page.at("next_cursor").is_null(), words);
  }
  BOOST_TEST(found(*this, "* klinik %") == 2U);
  BOOST_TEST(directory(*this, {}).at("items").as_array().size() == 2U);
}

BOOST_AUTO_TEST_CASE(R8_umlauts_are_found_however_they_are_typed) {
  auto spelled = test::card(1, "node1", 1, "Praxis Müller Großmann");
  spelled.card.address.city = *domain::text<1, 80>::parse("Köln");
  auto transcribed = test::card(2, "node1", 2, "Praxis Mueller Grossmann");
  transcribed.card.address.city = *domain::text<1, 80>::parse("Koeln");
  auto decomposed = test::card(3, "node1", 3, "Praxis Mu\u0308ller Großmann");
  decomposed.card.address.city = *domain::text<1, 80>::parse("Ko\u0308ln");
  for (const auto& each : {spelled, transcribed, decomposed}) BOOST_REQUIRE(take(each).has_value());
  for (const auto* words : {"Müller", "Mueller", "MUELLER", "Mu\u0308ller", "Muller", "Mü", "Köln", "Koeln",
                            "Ko\u0308ln", "Großmann", "grossmann", "GROSSMANN", "mueller koeln"})
    BOOST_TEST(found(*this, words) == 3U, words);
}

// Keys of the index hold the first 64 bytes of a word.
BOOST_AUTO_TEST_CASE(R8_a_word_longer_than_its_key_is_found_as_a_whole_and_by_its_beginning) {
  const std::string word = "Fachkrankenhausverwaltungsgemeinschaftsabrechnungsgesellschaftszentrale";
  BOOST_REQUIRE(take(test::card(1, "node1", 1, word)).has_value());
  BOOST_TEST(found(*this, word) == 1U);
  BOOST_TEST(found(*this, word.substr(0, 66)) == 1U);
  BOOST_TEST(found(*this, word.substr(0, 66) + "x") == 0U);
}

BOOST_AUTO_TEST_CASE(R8_a_name_with_vowel_points_is_found_without_them) {
  BOOST_REQUIRE(take(test::card(1, "node1", 1, "مُسْتَشْفَى السَّلام")).has_value());
  BOOST_TEST(found(*this, "مستشفى السلام") == 1U);
  BOOST_TEST(found(*this, "مُسْتَشْفَى") == 1U);
}

BOOST_AUTO_TEST_CASE(an_index_of_words_folded_otherwise_is_set_right_by_the_cards) {
  BOOST_REQUIRE(take(test::card(1, "node1", 1, "Klinik Süd")).has_value());
  BOOST_TEST(remade_term_index(read())->writes().empty());
  const auto key = [](const std::string& word) { return storage::key_of('w', word, '\0', test::organisation(1)); };
  storage::change_set older;
  older.erase(storage::tables::cards_by_term, key("sud"));
  older.put(storage::tables::cards_by_term, key("süd"), {});
  commit(older);
  BOOST_TEST(found(*this, "Süd") == 0U);
  commit(*remade_term_index(read()));
  BOOST_TEST(found(*this, "Süd") == 1U);
  BOOST_TEST(entries("wsüd") == 0U);
  BOOST_TEST(remade_term_index(read())->writes().empty());
}

BOOST_AUTO_TEST_CASE(a_node_opens_its_state_with_the_index_of_this_icu) {
  const auto origin = read().get(storage::tables::meta, "indexes");
  BOOST_TEST((*origin)->value.contains(domain::folding_origin()));
  // The same again: nothing is made anew, or this entry of nobody would go.
  storage::change_set stray;
  stray.put(storage::tables::cards_by_term, storage::key_of("wstray", '\0', test::organisation(1)), {});
  commit(stray);
  reopen();
  BOOST_TEST(entries("wstray") == 1U);
  BOOST_REQUIRE(state_schema().indexes.has_value());
  BOOST_TEST(state_schema().indexes->remake(read())->writes().size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
