#include "gateway/gateway_actor.hpp"

namespace elsec::gateway {

actors::gateway_actor::behavior_type gateway_behavior(actors::gateway_actor::pointer self,
                                                      std::shared_ptr<gateway> front) {
  return {
      [front](actors::tick_atom) { front->reload_certificates(); },
      [self, front](actors::stop_atom) {
        front->stop();
        self->quit();
        return caf::unit;
      },
  };
}

}  // namespace elsec::gateway
