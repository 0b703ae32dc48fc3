#pragma once
// A document being worked on, and its dispatches: the owner of these records. Every command is one decision; see
// document_decisions.hpp for what they come to.

#include "actors/aggregate.hpp"

namespace elsec::actors {

struct document_state {
  explicit document_state(document_actor::pointer own_self) : self(own_self), work(own_self) {}

  caf::typed_response_promise<outcome> dispatch(const dispatch_document& command);
  caf::typed_response_promise<outcome> collect(const collect_document& command);
  caf::typed_response_promise<done> hear(const peer_statement& news);
  caf::typed_response_promise<done> screened(const file_screened& news);
  void start_waiting();
  void look_around();

  document_actor::pointer self;
  aggregate<document_actor::base> work;
  shared_context with;
  domain::organisation_id organisation;
  domain::document_id id;
  tenant_actor owner;
};

document_actor::behavior_type document(document_actor::stateful_pointer<document_state> self, shared_context with,
                                       domain::organisation_id organisation, domain::document_id id,
                                       tenant_actor owner);

}  // namespace elsec::actors
