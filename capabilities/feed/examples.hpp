#pragma once
// Examples of events.

#include "capabilities/examples.hpp"
#include "domain/event.hpp"

namespace elsec::capabilities {

template <>
inline domain::listed_event example_of() {
  domain::listed_event made;
  made.type = domain::dispatch_updated;
  made.at = example::at("2026-03-02T08:31:13.100Z");
  made.document_id = example::document_id();
  made.dispatch_id = example::dispatch_id();
  made.state = "delivered";
  made.id = "42";
  return made;
}

}  // namespace elsec::capabilities
