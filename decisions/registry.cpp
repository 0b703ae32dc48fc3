#include "decisions/registry.hpp"

#include <algorithm>

namespace elsec::decisions {

void registry::add(const registry& more) {
  wire_kinds.insert(wire_kinds.end(), more.wire_kinds.begin(), more.wire_kinds.end());
  request_kinds.insert(request_kinds.end(), more.request_kinds.begin(), more.request_kinds.end());
  deadline_kinds.insert(deadline_kinds.end(), more.deadline_kinds.begin(), more.deadline_kinds.end());
  if (more.letter_happened != nullptr) letter_happened = more.letter_happened;
  if (more.screening_ended != nullptr) screening_ended = more.screening_ended;
}

const wire_kind* registry::find_wire_kind(std::string_view name) const {
  const auto found = std::ranges::find(wire_kinds, name, &wire_kind::name);
  return found == wire_kinds.end() ? nullptr : &*found;
}

const request_kind* registry::find_request_kind(std::string_view name) const {
  const auto found = std::ranges::find(request_kinds, name, &request_kind::name);
  return found == request_kinds.end() ? nullptr : &*found;
}

const deadline_kind* registry::find_deadline_kind(std::string_view name) const {
  const auto found = std::ranges::find(deadline_kinds, name, &deadline_kind::name);
  return found == deadline_kinds.end() ? nullptr : &*found;
}

}  // namespace elsec::decisions
