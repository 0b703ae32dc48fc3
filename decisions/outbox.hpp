#pragma once
// Envelopes to other nodes, as rows of the outbox.

#include "decisions/services.hpp"
#include "domain/wire.hpp"

namespace elsec::decisions {

// Sends an envelope with an identifier of its own, dated now. To a peer that does not understand its kind yet it goes
// as soon as it does.
void send_envelope(storage::change_set& changes, const services& with, const std::string& peer, const char* kind,
                   domain::bytes body);

}  // namespace elsec::decisions
