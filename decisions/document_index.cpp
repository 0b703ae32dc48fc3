#include "decisions/document_index.hpp"

#include <boost/describe/enum_to_string.hpp>

#include <algorithm>
#include <array>

namespace elsec::decisions {

namespace tables = storage::tables;
using domain::box;
using domain::document_state;

namespace {

constexpr auto all_states =
    std::to_array({document_state::draft, document_state::quarantined, document_state::dispatched,
                   document_state::released, document_state::received, document_state::closed});
constexpr auto all_boxes = std::to_array({box::inbox, box::outbox, box::drafts});

// One place in a box, as it stands in keys.
std::string place_in(box which, document_state state, bool unread) {
  return storage::key_of(storage::box_letter(which), boost::describe::enum_to_string(state, ""), '\0',
                         unread ? '1' : '0');
}

// Whether documents in that state are ever found there: a list need not look where none can be.
bool is_possible(box where, document_state state, bool unread) {
  if (unread && where == box::drafts) return false;
  switch (state) {
    case document_state::draft:
      return where == box::drafts;
    case document_state::received:
      return where != box::drafts;
    case document_state::dispatched:
    case document_state::released:
      return where == box::outbox;
    case document_state::quarantined:
    case document_state::closed:
      break;
  }
  return true;
}

std::vector<std::string> possible_places() {
  std::vector<std::string> places;
  for (const auto where : all_boxes)
    for (const auto state : all_states)
      for (const bool unread : {false, true})
        if (is_possible(where, state, unread)) places.push_back(place_in(where, state, unread));
  return places;
}

std::vector<std::string> places_of(const listing& what) {
  std::vector<std::string> places;
  if (what.received) places.push_back(place_in(box::inbox, what.state, what.unread));
  if (what.sent) places.push_back(place_in(box::outbox, what.state, what.unread));
  if (places.empty()) places.push_back(place_in(box::drafts, what.state, false));
  return places;
}

bool holds(const std::vector<std::string>& places, const std::string& place) {
  return std::ranges::find(places, place) != places.end();
}

// Classes name what a letter is about: they stand in keys as keyed hashes.
std::string class_prefix(const services& with, const domain::organisation_id& of, const std::string& name) {
  return storage::key_of(of, with.store->index_hash("class", name));
}

struct index_entries {
  const services& with;
  const domain::organisation_id& of;
  const domain::document_row& row;

  void add(storage::change_set& changes, const std::string& place) const {
    changes.put(tables::boxes, storage::key_of(of, place, row.id), {});
    if (row.class_)
      changes.put(tables::documents_by_class, storage::key_of(class_prefix(with, of, *row.class_), place, row.id), {});
  }
  void remove(storage::change_set& changes, const std::string& place) const {
    changes.erase(tables::boxes, storage::key_of(of, place, row.id));
    if (row.class_)
      changes.erase(tables::documents_by_class, storage::key_of(class_prefix(with, of, *row.class_), place, row.id));
  }
  // The class of a document never changes.
  void move(storage::change_set& changes, const listing& before, const listing& after) const {
    if (before == after) return;
    const auto from = places_of(before);
    const auto to = places_of(after);
    for (const auto& place : from)
      if (!holds(to, place)) remove(changes, place);
    for (const auto& place : to)
      if (!holds(from, place)) add(changes, place);
  }
};

}  // namespace

listing listing_of(const domain::document_row& row) noexcept {
  const bool received = row.from.has_value();
  const bool sent = received ? row.passed_on : row.closes_because == domain::close_reason::retention;
  return {row.state, received, sent, received && !row.read.value_or(true)};
}

void insert_document(storage::change_set& changes, const services& with, const domain::organisation_id& of,
                     const domain::document_row& row) {
  changes.insert(tables::documents, storage::key_of(of, row.id), row);
  for (const auto& place : places_of(listing_of(row))) index_entries{with, of, row}.add(changes, place);
}

void put_document(storage::change_set& changes, const services& with, const domain::organisation_id& of,
                  const listing& before, const domain::document_row& row) {
  changes.put(tables::documents, storage::key_of(of, row.id), row);
  index_entries{with, of, row}.move(changes, before, listing_of(row));
}

void list_as_sent(storage::change_set& changes, const services& with, const domain::organisation_id& of,
                  domain::document_row row) {
  const auto before = listing_of(row);
  domain::become_dispatched(row, row.closes_at);
  index_entries{with, of, row}.move(changes, before, listing_of(row));
}

void list_anew(storage::change_set& changes, const services& with, const domain::organisation_id& of,
               const domain::document_row& row) {
  const auto right = places_of(listing_of(row));
  for (const auto& place : possible_places())
    if (holds(right, place))
      index_entries{with, of, row}.add(changes, place);
    else
      index_entries{with, of, row}.remove(changes, place);
}

index_ranges ranges_of(const services& with, const domain::organisation_id& of, const documents_wanted& what) {
  index_ranges found{what.class_ ? tables::documents_by_class.name : tables::boxes.name, {}};
  const auto prefix = what.class_ ? class_prefix(with, of, *what.class_) : of.str();
  for (const auto where : all_boxes)
    for (const auto state : all_states)
      for (const bool unread : {false, true}) {
        if (what.box && where != *what.box) continue;
        if (what.state ? state != *what.state : state == document_state::closed) continue;
        if (what.unread && unread != *what.unread) continue;
        if (is_possible(where, state, unread)) found.prefixes.push_back(prefix + place_in(where, state, unread));
      }
  return found;
}

}  // namespace elsec::decisions
