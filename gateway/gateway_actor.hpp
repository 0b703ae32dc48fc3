#pragma once
// The gateway among the actors: the node stops it first. Spawn it detached, since stopping blocks:
//   system.spawn<caf::detached>(gateway::gateway_behavior, std::move(started))

#include "actors/interfaces.hpp"
#include "gateway/gateway.hpp"

#include <memory>

namespace elsec::gateway {

// Takes over a gateway that gateway::start has made.
[[nodiscard]] actors::gateway_actor::behavior_type gateway_behavior(actors::gateway_actor::pointer self,
                                                                    std::shared_ptr<gateway> front);

}  // namespace elsec::gateway
