#include "app/cli/commands.hpp"
#include "app/cli/text.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <limits>

namespace elsec::cli {
namespace {

namespace json = boost::json;

json::value event_json(const server_event& event) {
  boost::system::error_code unreadable;
  json::parse_options options;
  options.max_depth = json_depth_max;
  auto data = json::parse(event.data, unreadable, {}, options);
  json::object shown;
  if (!unreadable && data.is_object()) shown = std::move(data.get_object());
  shown["type"] = event.type;
  if (!event.id.empty()) shown["id"] = event.id;
  return shown;
}

std::string event_text(const server_event& event) {
  const auto data = event_json(event);
  auto line = fmt::format("{}  {}  {}", printable(event.id), moment(text_of(data, "at")), printable(event.type));
  for (const auto* name : {"document_id", "dispatch_id", "letter_id", "hold_id", "state"})
    if (const auto value = text_of(data, name); !value.empty()) line += "  " + printable(value);
  return line + '\n';
}

}  // namespace

outcome<void> follow_events(const task& with, const client& node, std::string last_id,
                            std::optional<std::chrono::steady_clock::time_point> until,
                            const event_handlers& handlers) {
  bool enough = false;
  const auto noted = [&](outcome<bool> more) {
    enough = more && !*more;
    return more;
  };
  while (true) {
    event_reader reader([&](const server_event& event) { return noted(handlers.on_event(event)); });
    request stream;
    stream.target = target_of("/events");
    stream.headers = {{"Accept", "text/event-stream"}};
    if (!last_id.empty()) stream.headers.emplace_back("Last-Event-ID", last_id);
    stream.body_size_max_bytes = std::numeric_limits<std::uint64_t>::max();  // each event is bounded instead
    stream.until = until;
    stream.on_success = [&](const response_head&) -> outcome<body_sink> {
      const auto more = noted(handlers.on_open());
      if (!more) return std::unexpected(more.error());
      if (!*more) return body_sink();
      return [&reader](std::string_view bytes) { return reader.feed(bytes); };
    };
    const auto ended = node.send(stream, repeat::always);
    if (!reader.last_id().empty()) last_id = reader.last_id();
    if (enough) return {};
    if (!ended && !ended.error().connection_lost) return std::unexpected(ended.error());
    if (until && std::chrono::steady_clock::now() >= *until)
      return fail(exit_code::wait_timed_out, "The time to wait is over.");
    if (with.with.pause) with.with.pause(first_pause);
  }
}

outcome<void> run_command(const task& with, const events_command& what) {
  const auto node = with.open_logged_in();
  if (!node) return std::unexpected(node.error());
  const event_handlers handlers{
      [] { return outcome<bool>(true); },
      [&](const server_event& event) -> outcome<bool> {
        with.with.out << (with.what.json ? json_text(event_json(event)) + '\n' : event_text(event)) << std::flush;
        return static_cast<bool>(with.with.out);
      }};
  return follow_events(with, *node, what.after, std::nullopt, handlers);
}

}  // namespace elsec::cli
