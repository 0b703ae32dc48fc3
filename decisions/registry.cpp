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

std::vector<domain::wire::understood> registry::understood() const {
  std::vector<domain::wire::understood> all;
  const auto add_kind = [&all](std::string_view name, codec::type_ref body) {
    auto& kind = all.emplace_back();
    kind.kind = decltype(kind.kind)::parse(name).value();
    for (const auto field : codec::member_names(body)) kind.fields.push_back(domain::text<1, 64>::parse(field).value());
  };
  for (const auto& kind : wire_kinds) add_kind(kind.name, kind.body);
  for (const auto& kind : request_kinds) add_kind(kind.name, kind.question);
  return all;
}

}  // namespace elsec::decisions
