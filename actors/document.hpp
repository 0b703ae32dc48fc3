#pragma once
// A document being worked on, and its dispatches: the owner of these records. It decides one command after the other,
// and knows of none what it is about.

#include "actors/decider.hpp"

namespace elsec::actors {

struct document_state {
  explicit document_state(document_actor::pointer own_self) : self(own_self), work(own_self) {}

  void look_around();

  document_actor::pointer self;
  decider<document_actor::base> work;
  shared_context with;
  std::string id;
  tenant_actor owner;
  beginning began;
};

document_actor::behavior_type document(document_actor::stateful_pointer<document_state> self, shared_context with,
                                       std::string id, tenant_actor owner, beginning began);

}  // namespace elsec::actors
