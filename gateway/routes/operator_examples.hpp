#pragma once
// Examples of what the operator's listener takes and answers.

#include "actors/queries.hpp"
#include "gateway/routes/organisation_examples.hpp"

namespace elsec::gateway {

template <>
inline domain::capability_grant example_of() {
  domain::capability_grant made;
  made.receive = true;
  routes::example::set(made.reason, "Contract of 1 March 2026 checked");
  return made;
}

template <>
inline actors::readiness example_of() {
  return {true, {{"node2", "up"}}};
}

}  // namespace elsec::gateway
