#include "app/cli/commands.hpp"
#include "app/cli/text.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace elsec::cli {
namespace {

namespace json = boost::json;
using std::chrono::steady_clock;

bool is_dispatch(const std::string& id) { return id.starts_with("dsp_"); }

// {items:[dispatch…]} of a document, or one dispatch.
outcome<json::value> fetch(const client& node, const std::string& id) {
  if (is_dispatch(id)) return node.get("/dispatches/" + id);
  return node.list("/documents/" + id + "/dispatches", {}, page_items_max);
}

json::array dispatches_of(const json::value& status, const std::string& id) {
  return is_dispatch(id) ? json::array{status} : array_of(status, "items");
}

std::string dispatch_text(const json::value& dispatch) {
  const auto* recipient = member_of(dispatch, "recipient");
  auto text = fmt::format("{}  {}  {}  {}\n", printable(text_of(dispatch, "id")), printable(text_of(dispatch, "route")),
                          printable(text_of(dispatch, "state")), recipient ? printable(place_text(*recipient)) : "");
  for (const auto& entry : array_of(dispatch, "timeline"))
    text += fmt::format("  {}  {}{}{}\n", moment(text_of(entry, "at")), printable(text_of(entry, "state")),
                        text_of(entry, "detail").empty() ? "" : "  ", printable(text_of(entry, "detail")));
  if (const auto reason = text_of(dispatch, "reason"); !reason.empty()) text += "  reason: " + printable(reason) + '\n';
  if (const auto letter = text_of(dispatch, "letter_id"); !letter.empty())
    text += "  letter: " + printable(letter) + '\n';
  return text;
}

outcome<void> show(const task& with, const client& node, const std::string& id, const json::value& status) {
  if (with.what.json) return with.print(status);
  if (!is_dispatch(id)) {
    const auto document = node.get("/documents/" + id);
    if (!document) return std::unexpected(document.error());
    with.with.out << fmt::format("{}  {}  screening {}, closes {}\n", printable(id),
                                 printable(text_of(*document, "state")), printable(text_of(*document, "screening")),
                                 moment(text_of(*document, "closes_at")));
  }
  for (const auto& dispatch : dispatches_of(status, id)) with.with.out << dispatch_text(dispatch);
  return {};
}

bool has_reached(const json::value& dispatch, const std::string& wanted) {
  return text_of(dispatch, "state") == wanted ||
         std::ranges::any_of(array_of(dispatch, "timeline"),
                             [&](const json::value& entry) { return text_of(entry, "state") == wanted; });
}

// States after which nothing else comes that could be waited for.
bool cannot_reach(const json::value& dispatch, const std::string& wanted) {
  const auto state = text_of(dispatch, "state");
  if (state == "sent") return wanted != "delivered" && wanted != "closed";
  return state == "declined" || state == "withdrawn" || state == "closed" || state == "failed";
}

// True when all dispatches are there; `refused` when one ended elsewhere.
outcome<bool> is_reached(const json::value& status, const std::string& id, const std::string& wanted) {
  const auto dispatches = dispatches_of(status, id);
  if (dispatches.empty()) return fail(exit_code::refused, "The document was not sent yet.");
  bool all = true;
  for (const auto& dispatch : dispatches) {
    if (has_reached(dispatch, wanted)) continue;
    if (cannot_reach(dispatch, wanted))
      return fail(exit_code::refused,
                  fmt::format("{} ended in state {}.", text_of(dispatch, "id"), text_of(dispatch, "state")),
                  text_of(dispatch, "reason"));
    all = false;
  }
  return all;
}

bool concerns(const server_event& event, const std::string& id) {
  if (event.type == "gap") return true;
  if (event.type != "dispatch.updated" && event.type != "letter.updated") return false;
  boost::system::error_code unreadable;
  const auto data = json::parse(event.data, unreadable);
  return !unreadable && (!is_dispatch(id) || text_of(data, "dispatch_id") == id);
}

outcome<json::value> wait_for(const task& with, const client& node, const status_command& what) {
  const auto until = steady_clock::now() + what.timeout;
  auto status = fetch(node, what.id);
  bool reached = false;
  // False ends the stream: the state is there.
  const auto look = [&]() -> outcome<bool> {
    if (!status) return std::unexpected(status.error());
    const auto there = is_reached(*status, what.id, what.wait_state);
    if (!there) return there;
    reached = *there;
    return !reached;
  };
  const auto look_again = [&] {
    status = fetch(node, what.id);
    return look();
  };
  if (const auto more = look(); !more) return std::unexpected(more.error());
  if (reached) return status;
  const event_handlers handlers{look_again, [&](const server_event& event) -> outcome<bool> {
                                  return concerns(event, what.id) ? look_again() : outcome<bool>(true);
                                }};
  if (auto ended = follow_events(with, node, {}, until, handlers); !ended) return std::unexpected(ended.error());
  return status;
}

}  // namespace

outcome<void> run_command(const task& with, const status_command& what) {
  const auto node = with.open_logged_in();
  if (!node) return std::unexpected(node.error());
  const auto status = what.wait_state.empty() ? fetch(*node, what.id) : wait_for(with, *node, what);
  if (!status) return std::unexpected(status.error());
  return show(with, *node, what.id, *status);
}

}  // namespace elsec::cli
