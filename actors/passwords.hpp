#pragma once
// Argon2id costs 64 MiB and a tenth of a second: one at a time, on a thread of its own, and nobody waits longer than
// the policy allows.

#include "actors/interfaces.hpp"
#include "decisions/services.hpp"

namespace elsec::actors {

// Spawn detached: it computes for long.
passwords_actor::behavior_type passwords(passwords_actor::pointer self, shared_services with);

}  // namespace elsec::actors
