#pragma once
// Examples of what the operator's listener takes and answers.

#include "capabilities/examples.hpp"
#include "capabilities/operator/readiness.hpp"

namespace elsec::capabilities {

template <>
inline domain::capability_grant example_of() {
  domain::capability_grant made;
  made.receive = true;
  example::set(made.reason, "Contract of 1 March 2026 checked");
  return made;
}

template <>
inline readiness example_of() {
  return {true, {{"node2", "up"}}};
}

}  // namespace elsec::capabilities
