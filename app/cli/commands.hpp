#pragma once
// The commands, one function each: print their result and return, or fail. Used by run.cpp alone.

#include "app/cli/arguments.hpp"
#include "app/cli/client.hpp"
#include "app/cli/event_stream.hpp"
#include "app/cli/run.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace elsec::cli {

// What a command works with besides its own options.
struct task {
  const invocation& what;
  surroundings& with;

  // A client for the chosen node; its token may be empty.
  [[nodiscard]] outcome<client> open() const;
  // The same, but fails with `not_logged_in` without a token.
  [[nodiscard]] outcome<client> open_logged_in() const;
  [[nodiscard]] client_ports ports() const;
  [[nodiscard]] bool shows_progress() const { return what.progress || with.err_is_terminal; }

  // --json; a command may end with it.
  outcome<void> print(const boost::json::value& json) const;
  // A hint on stderr; what came from outside in it must be printable already.
  void say(const std::string& line) const;
};

// access_commands.cpp
[[nodiscard]] outcome<void> run_command(const task& with, const register_command& what);
[[nodiscard]] outcome<void> run_command(const task& with, const login_command& what);
[[nodiscard]] outcome<void> run_command(const task& with, const logout_command& what);
[[nodiscard]] outcome<void> run_command(const task& with, const whoami_command& what);
[[nodiscard]] outcome<void> run_command(const task& with, const token_create_command& what);
[[nodiscard]] outcome<void> run_command(const task& with, const token_list_command& what);
[[nodiscard]] outcome<void> run_command(const task& with, const token_delete_command& what);
// list_commands.cpp
[[nodiscard]] outcome<void> run_command(const task& with, const directory_command& what);
[[nodiscard]] outcome<void> run_command(const task& with, const inbox_command& what);
[[nodiscard]] outcome<void> run_command(const task& with, const outbox_command& what);
[[nodiscard]] outcome<void> run_command(const task& with, const nodes_command& what);
// transfer_commands.cpp
[[nodiscard]] outcome<void> run_command(const task& with, const send_command& what);
[[nodiscard]] outcome<void> run_command(const task& with, const get_command& what);
// status_commands.cpp, events_command.cpp
[[nodiscard]] outcome<void> run_command(const task& with, const status_command& what);
[[nodiscard]] outcome<void> run_command(const task& with, const events_command& what);
// receipt_commands.cpp
[[nodiscard]] outcome<void> run_command(const task& with, const receipts_command& what);
[[nodiscard]] outcome<void> run_command(const task& with, const verify_command& what);
// print_room_commands.cpp
[[nodiscard]] outcome<void> run_command(const task& with, const print_room_keys_command& what);
[[nodiscard]] outcome<void> run_command(const task& with, const print_room_open_command& what);

// Follows the event stream from behind `last_id` (empty: from now), again and again after a broken connection, until a
// handler answers false or `until` passes (`wait_timed_out`). `on_open` is called whenever the stream stands: from then
// on nothing is missed.
struct event_handlers {
  std::function<outcome<bool>()> on_open;
  event_reader::handler on_event;
};
[[nodiscard]] outcome<void> follow_events(const task& with, const client& node, std::string last_id,
                                          std::optional<std::chrono::steady_clock::time_point> until,
                                          const event_handlers& handlers);

// "Name, City" of a recipient, correspondent or card, as far as it is given; not yet printable.
[[nodiscard]] std::string place_text(const boost::json::value& party);

}  // namespace elsec::cli
