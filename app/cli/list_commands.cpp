#include "app/cli/commands.hpp"
#include "app/cli/text.hpp"

#include <fmt/format.h>

namespace elsec::cli {
namespace {

namespace json = boost::json;
using row = std::vector<std::string>;

// Lists with one row per item.
template <class RowOf>
outcome<void> show_list(const task& with, std::string_view path, query parameters, std::size_t limit, const row& titles,
                        RowOf row_of) {
  const auto node = with.open_logged_in();
  if (!node) return std::unexpected(node.error());
  const auto answer = node->list(path, std::move(parameters), limit);
  if (!answer) return std::unexpected(answer.error());
  if (with.what.json) return with.print(*answer);
  std::vector<row> rows;
  for (const auto& item : array_of(*answer, "items")) rows.push_back(row_of(item));
  with.with.out << table(titles, rows);
  if (member_of(*answer, "next_cursor")->is_string()) with.say("There are more; use --limit.");
  return {};
}

std::string document_state(const json::value& document) {
  const auto state = text_of(document, "state");
  const auto screening = text_of(document, "screening");
  return screening == "pending" ? state + " (being screened)" : state;
}

row inbox_row(const json::value& document) {
  const auto* from = member_of(document, "from");
  const auto* read = member_of(document, "read");
  const bool is_new = read && read->is_bool() && !read->get_bool();
  return {is_new ? "*" : "",
          text_of(document, "id"),
          moment(text_of(document, "created_at")),
          from ? place_text(*from) : "",
          text_of(document, "subject"),
          text_of(document, "filename"),
          size_text(number_of(document, "size")),
          moment(text_of(document, "closes_at"))};
}

row outbox_row(const json::value& document) {
  return {
      text_of(document, "id"),       moment(text_of(document, "created_at")), document_state(document),
      text_of(document, "filename"), size_text(number_of(document, "size")),  moment(text_of(document, "closes_at"))};
}

row dispatch_row(const json::value& dispatch) {
  const auto* recipient = member_of(dispatch, "recipient");
  return {text_of(dispatch, "id"),    moment(text_of(dispatch, "created_at")), text_of(dispatch, "route"),
          text_of(dispatch, "state"), recipient ? place_text(*recipient) : "", text_of(dispatch, "subject")};
}

row card_row(const json::value& card) {
  return {text_of(card, "id"), place_text(card),      text_of(card, "sector"),
          text_of(card, "ik"), text_of(card, "node"), flag_of(card, "can_receive") ? "electronic" : "post"};
}

}  // namespace

outcome<void> run_command(const task& with, const directory_command& what) {
  auto filters = what.filters;
  if (what.can_receive) filters.emplace_back("can_receive", "true");
  return show_list(with, "/directory", std::move(filters), what.limit,
                   {"ID", "NAME", "SECTOR", "IK", "NODE", "REACHED BY"}, card_row);
}

outcome<void> run_command(const task& with, const inbox_command& what) {
  query filters{{"box", "inbox"}};
  if (what.unread) filters.emplace_back("unread", "true");
  return show_list(with, "/documents", std::move(filters), what.limit,
                   {"", "ID", "RECEIVED", "FROM", "SUBJECT", "FILE", "SIZE", "CLOSES"}, inbox_row);
}

outcome<void> run_command(const task& with, const outbox_command& what) {
  if (what.dispatches)
    return show_list(with, "/dispatches", {{"state", what.state}, {"client_ref", what.client_ref}}, what.limit,
                     {"ID", "SENT", "ROUTE", "STATE", "RECIPIENT", "SUBJECT"}, dispatch_row);
  return show_list(with, "/documents", {{"box", "outbox"}}, what.limit,
                   {"ID", "CREATED", "STATE", "FILE", "SIZE", "CLOSES"}, outbox_row);
}

outcome<void> run_command(const task& with, const nodes_command& what) {
  const auto node = with.open();
  if (!node) return std::unexpected(node.error());
  const auto answer = node->list("/nodes", {}, page_items_max);
  if (!answer) return std::unexpected(answer.error());
  if (!what.output.empty()) {
    auto saved = write_file(what.output, json_text(*answer) + '\n', what.force ? overwrite::yes : overwrite::no);
    if (!saved) return saved;
  }
  if (with.what.json) return with.print(*answer);
  std::vector<row> rows;
  for (const auto& one : array_of(*answer, "items"))
    for (const auto& key : array_of(one, "keys"))
      rows.push_back({text_of(one, "name"), text_of(key, "id"), moment(text_of(key, "valid_from")),
                      moment(text_of(key, "valid_until"))});
  if (what.output.empty()) with.with.out << table({"NODE", "KEY", "VALID FROM", "UNTIL"}, rows);
  return {};
}

}  // namespace elsec::cli
