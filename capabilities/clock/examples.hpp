#pragma once
// Examples of the clock's state and of its confirmation.

#include "capabilities/clock/clock_state.hpp"
#include "capabilities/examples.hpp"

namespace elsec::capabilities {

template <>
inline clock_state example_of() {
  return {.paused = true, .since = example::at("2026-03-03T08:31:20.000Z"), .jumped_seconds = 86'400};
}

template <>
inline clock_confirmation example_of() {
  clock_confirmation made;
  example::set(made.reason, "Clock set by hand after the time server was replaced");
  return made;
}

}  // namespace elsec::capabilities
