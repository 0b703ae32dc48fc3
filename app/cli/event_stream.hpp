#pragma once
// Server-sent events (HTML living standard, 9.2), taken apart as the bytes come in.

#include "app/cli/failure.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace elsec::cli {

struct server_event {
  std::string id;    // position in the feed; empty when the event carries none
  std::string type;  // "message" when unnamed
  std::string data;
};

class event_reader {
 public:
  // Gets every complete event; false means enough.
  using handler = std::function<outcome<bool>(const server_event&)>;
  explicit event_reader(handler on_event) : on_event_(std::move(on_event)) {}

  // Takes the next bytes, in pieces of any size. False when the handler had enough; `node_failed` when one event is
  // larger than `event_size_max_bytes`.
  [[nodiscard]] outcome<bool> feed(std::string_view bytes);

  // Where to go on after a break: the id that came last, with an event or alone; empty before any.
  [[nodiscard]] const std::string& last_id() const noexcept { return last_id_; }

 private:
  outcome<bool> take_line(std::string_view line);

  handler on_event_;
  std::string line_;
  std::string last_id_;
  server_event event_;
  bool has_data_ = false;
  bool after_return_ = false;  // a line feed right after a carriage return belongs to it
};

}  // namespace elsec::cli
