#pragma once
// Examples of letters.

#include "capabilities/examples.hpp"
#include "domain/letter.hpp"

namespace elsec::capabilities {

template <>
inline domain::letter example_of() {
  domain::letter made;
  made.id = example::letter_id();
  made.dispatch_id = example::letter_dispatch_id();
  made.carrier = "spool";
  made.state = domain::letter_state::submitted;
  made.pages = 4;
  made.sheets = 2;
  made.price_expected_cents.value = 118;
  made.timeline = {{example::dispatched_at(), domain::letter_state::preparing, {}},
                   {example::at("2026-03-02T08:31:14.000Z"), domain::letter_state::queued, {}},
                   {example::at("2026-03-02T09:01:14.000Z"), domain::letter_state::submitted, {}}};
  return made;
}

}  // namespace elsec::capabilities
