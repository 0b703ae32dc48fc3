#pragma once
// Lists as declarations. A list says which rows it walks, newest first, which of them it keeps, and how one is shown:
//
//   struct letters_list {
//     using item = domain::letter;      // what the API shows of a row
//     using query = list_query;         // with its own parameters: a record that begins with list_query's
//     static constexpr auto& rows = storage::tables::letters;
//     static domain::result<row_ranges> range(const facts&, const request&, const query&);
//     static bool keep(const facts&, const request&, const query&, const domain::letter_row&);
//   };

#include "capabilities/route.hpp"
#include "decisions/limits.hpp"
#include "decisions/rows.hpp"
#include "decisions/services.hpp"

#include <boost/describe.hpp>

#include <string>
#include <vector>

namespace elsec::capabilities {

// ?limit=&cursor= of every list.
struct list_query {
  std::optional<domain::bounded<1, page_limit_max>> limit{};
  std::optional<domain::text<1, 512>> cursor{};
};
BOOST_DESCRIBE_STRUCT(list_query, (), (limit, cursor))

[[nodiscard]] std::uint32_t limit_of(const list_query& query);
[[nodiscard]] std::string cursor_of(const list_query& query);
// `invalid` for a cursor that is no identifier, as those of most lists are.
[[nodiscard]] domain::result<void> check_cursor(const std::string& cursor);
[[nodiscard]] domain::error wrong_cursor();
// Where keys are not only identifiers, the cursor is a key, or the rest of one behind a prefix, as base64url.
[[nodiscard]] std::string cursor_at(std::string_view key);
[[nodiscard]] domain::result<std::string> key_at(const std::string& cursor);

// {items:[…], next_cursor|null}
[[nodiscard]] std::string list_json(const std::vector<std::string>& items, const std::optional<std::string>& next);

// The row is there, or should be, and cannot be read; any other error may pass.
[[nodiscard]] inline bool is_damage(const domain::error& why) {
  return why.code == domain::error_code::integrity || why.code == domain::error_code::not_found;
}

// The rows of a list: of its own table, whose keys begin so, or those that ranges of an index name at the ends of their
// keys.
struct row_ranges {
  std::vector<std::string> prefixes{std::string{}};
  std::string_view index{};  // empty: the table itself, with one prefix
};

// The identifiers at the ends of the keys of several ranges, newest first, each once: reads a few keys of each ahead.
class merged_ids {
 public:
  // `below`: an identifier to begin beyond; empty: with the newest.
  merged_ids(const storage::snapshot& read, const row_ranges& of, std::string_view below);
  // Nothing after the last one.
  [[nodiscard]] domain::result<std::optional<std::string>> next();

 private:
  struct range {
    std::string prefix;
    std::string last;                  // read so far
    std::vector<std::string> ahead{};  // the newest at the back
    bool ended = false;
  };
  [[nodiscard]] domain::result<void> read_on(range& from) const;

  const storage::snapshot& read_;
  std::string_view index_;
  std::vector<range> ranges_;
};

// The page that `next` ends, as JSON: takes items until it is full.
class page_maker {
 public:
  explicit page_maker(const list_query& query) : limit_(limit_of(query)) {}

  // Before a row is opened; false when the page is full, or has opened enough.
  [[nodiscard]] bool goes_on() { return items_.size() < limit_ && opened_++ < rows_per_page_max ? true : end_here(); }
  // Before a key is looked at whose row may not have to be opened; false when the page has looked at enough.
  [[nodiscard]] bool looks_on() { return keys_++ < keys_per_page_max ? true : end_here(); }
  // What the next page begins beyond, should this row be the last.
  void at(std::string_view cursor) { last_ = cursor; }
  void add(std::string json) { items_.push_back(std::move(json)); }
  // A row that cannot be read keeps none of the others from being shown; the answer says that it is missing.
  void leave_out() { ++damaged_; }

  [[nodiscard]] shown page() const { return {.body = list_json(items_, next_), .damaged = damaged_}; }

 private:
  bool end_here() {
    next_ = last_;
    return false;
  }

  std::size_t limit_;
  std::size_t opened_ = 0;
  std::size_t keys_ = 0;
  std::size_t damaged_ = 0;
  std::string last_;
  std::optional<std::string> next_;
  std::vector<std::string> items_;
};

// Where a row does not say everything, its list adds the rest: complete(facts, request, row).
template <class List, class Row>
[[nodiscard]] domain::result<void> complete(const facts& given, const request& asked, Row& row) {
  if constexpr (requires { List::complete(given, asked, row); })
    return List::complete(given, asked, row);
  else
    return {};
}

// Visits the rows of a list behind the cursor, newest first: show(identifier, function that gives the row) says whether
// to go on.
template <class List, class Show>
[[nodiscard]] domain::result<void> walk(const facts& given, const request& asked, const row_ranges& of,
                                        const std::string& cursor, const Show& show) {
  if (of.index.empty()) {
    const auto& prefix = of.prefixes.front();
    return given.read.scan(List::rows, prefix, cursor.empty() ? std::string{} : prefix + cursor,
                           storage::direction::backward, [&](std::string_view key, auto&& row) {
                             return show(key.substr(prefix.size()), [&]() -> auto&& { return row; });
                           });
  }
  merged_ids ids(given.read, of, cursor);
  while (true) {
    const auto id = ids.next();
    if (!id) return std::unexpected(id.error());
    if (!*id) return {};
    const auto row = [&] { return find_row(given.read, List::rows, asked.who.organisation_id.str() + **id); };
    if (!show(**id, row)) return {};
  }
}

template <class List>
[[nodiscard]] domain::result<shown> show_list(const facts& given, const request& asked) {
  const auto query = asked.query_as<typename List::query>();
  if (!query) return std::unexpected(query.error());
  const auto cursor = cursor_of(*query);
  if (auto ok = check_cursor(cursor); !ok) return std::unexpected(std::move(ok.error()));
  const auto range = List::range(given, asked, *query);
  if (!range) return std::unexpected(range.error());
  page_maker page(*query);
  std::optional<domain::error> failed;
  // False when the list cannot go on.
  const auto take = [&](auto&& row) {
    auto whole = row ? complete<List>(given, asked, *row) : domain::result<void>(std::unexpected(row.error()));
    if (!whole && !is_damage(whole.error())) {
      failed = std::move(whole.error());
      return false;
    }
    if (!whole)
      page.leave_out();
    else if (List::keep(given, asked, *query, *row))
      page.add(codec::to_json(List::item_of(asked, *row)));
    return true;
  };
  const auto show = [&](std::string_view id, auto&& row) {
    if (!page.goes_on()) return false;
    page.at(id);
    return take(row());
  };
  auto walked = walk<List>(given, asked, *range, cursor, show);
  if (failed) return std::unexpected(std::move(*failed));
  if (!walked) return std::unexpected(std::move(walked.error()));
  return page.page();
}

// What most lists are: all rows of the caller's organisation, shown as they are.
template <class Item>
struct plain_list {
  using item = Item;
  using query = list_query;

  static domain::result<row_ranges> range(const facts&, const request& asked, const list_query&) {
    return row_ranges{.prefixes = {asked.who.organisation_id.str()}};
  }
  static bool keep(const facts&, const request&, const list_query&, const Item&) { return true; }
  static const Item& item_of(const request&, const Item& row) { return row; }
};

// The route of a list.
template <class List>
[[nodiscard]] route list_route(route described) {
  described.method = "GET";
  described.query = codec::type_of<typename List::query>;
  described.answer = list_type_of<typename List::item>;
  described.show = &show_list<List>;
  return described;
}

}  // namespace elsec::capabilities
