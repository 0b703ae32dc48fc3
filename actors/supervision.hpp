#pragma once
// Actors that end although nobody has told them to. Whoever starts an actor that others address monitors it: what the
// node cannot be without ends the process, and a new one begins with what is on disk; what only decides for an
// organisation or a document is begun anew for the next command.

#include "decisions/services.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include <exception>
#include <string>
#include <utility>

namespace elsec::actors {

// An actor that throws ends with the error that this gives: CAF would tell the standard output, unescaped.
inline caf::error tell_what_was_thrown(const std::string& who, const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& known) {
    spdlog::error("{} has thrown: {}", who, known.what());
  } catch (...) {
    spdlog::error("{} has thrown what is no exception", who);
  }
  return caf::make_error(caf::sec::runtime_error);
}

// For spawning: what the actor throws stands in the log under this name.
template <class Behavior, class Self, class... Parts>
[[nodiscard]] auto reporting(std::string who, Behavior (*begin)(Self, Parts...)) {
  return [who = std::move(who), begin](Self self, Parts... parts) -> Behavior {
    self->set_exception_handler([who](std::exception_ptr& thrown) { return tell_what_was_thrown(who, thrown); });
    return begin(self, std::move(parts)...);
  };
}

// For one that no actor monitors: unless it has been told to end, the process ends with it.
template <class Actor>
void end_process_with(const Actor& actor, std::string role, const decisions::shared_services& with) {
  caf::actor_cast<caf::abstract_actor*>(actor)->attach_functor(
      [with, role = std::move(role)](const caf::error& reason) {
        if (reason) with->stop_process(role + " has ended: " + caf::to_string(reason));
      });
}

}  // namespace elsec::actors
