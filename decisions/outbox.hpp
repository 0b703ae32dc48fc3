#pragma once
// Envelopes to other nodes, as rows of the outbox.

#include "decisions/services.hpp"
#include "domain/wire.hpp"

namespace elsec::decisions {

// A row with an identifier of its own, dated now.
[[nodiscard]] storage::outbox_row outbox_row_of(const services& with, const char* kind, domain::bytes body);

}  // namespace elsec::decisions
