#include "capabilities/clock/capability.hpp"

#include "capabilities/clock/resume_clock.hpp"

namespace elsec::capabilities {
namespace {

domain::result<shown> show_clock(const facts& given, const request&) {
  const auto now = given.with.clock->current();
  clock_state state;
  if (now.paused)
    state = {.paused = true,
             .since = now.since,
             .jumped_seconds = std::chrono::round<std::chrono::seconds>(now.jumped).count()};
  return shown{.body = codec::to_json(state)};
}

route get_clock() {
  return {.method = "GET",
          .path = "/operator/v1/clock",
          .id = "get_clock",
          .summary = "Whether work that cannot be undone waits, because the clock has jumped",
          .group = groups::operation,
          .need = access::operator_,
          .answer = body_type_of<clock_state>,
          .show = &show_clock};
}

}  // namespace

capability clock_capability() { return {.name = "clock", .routes = {get_clock(), resume_clock::described()}}; }

}  // namespace elsec::capabilities
