#include "actors/mailroom.hpp"

namespace elsec::actors {

mailroom_actor::behavior_type mailroom(mailroom_actor::pointer self, shared_context with) {
  return {
      [self, with](const shared_envelope& envelope) {
        if (const auto link = with->links.find(envelope->header.from); link != with->links.end())
          self->send(link->second, envelope);
      },
      [self, with](link_atom, const std::string& peer, bool up) {
        if (const auto link = with->links.find(peer); link != with->links.end())
          self->send(link->second, link_atom_v, up);
      },
      [self](stop_atom) { self->quit(); },
  };
}

}  // namespace elsec::actors
