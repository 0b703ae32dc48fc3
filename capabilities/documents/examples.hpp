#pragma once
// Examples of documents.

#include "capabilities/examples.hpp"

namespace elsec::capabilities {

template <>
inline domain::document example_of() {
  domain::document made;
  made.id = example::document_id();
  made.filename = "Entlassungsbrief.pdf";
  made.media_type = "application/pdf";
  made.size = 184'320;
  made.sha256 = example::sha256;
  made.pages = 3;
  made.state = domain::document_state::draft;
  made.screening = domain::screening::clean;
  made.created_at = example::uploaded_at();
  made.closes_at = example::at("2026-04-01T08:30:05.000Z");
  made.closes_because = domain::close_reason::unsent_draft;
  return made;
}

template <>
inline domain::document_changes example_of() {
  return {true};
}

}  // namespace elsec::capabilities
