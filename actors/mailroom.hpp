#pragma once
// The bridge between the transport's thread and the links.

#include "actors/context.hpp"

namespace elsec::actors {

mailroom_actor::behavior_type mailroom(mailroom_actor::pointer self, shared_context with);

}  // namespace elsec::actors
