#pragma once
// Examples of events.

#include "domain/event.hpp"
#include "gateway/routes/examples.hpp"

namespace elsec::gateway {

template <>
inline domain::listed_event example_of() {
  domain::listed_event made;
  made.type = domain::dispatch_updated;
  made.at = routes::example::at("2026-03-02T08:31:13.100Z");
  made.document_id = routes::example::document_id();
  made.dispatch_id = routes::example::dispatch_id();
  made.state = "delivered";
  made.id = "42";
  return made;
}

}  // namespace elsec::gateway
