#include "actors/document.hpp"

#include "actors/document_decisions.hpp"
#include "actors/tenant_decisions.hpp"

namespace elsec::actors {

caf::typed_response_promise<outcome> document_state::dispatch(const dispatch_document& command) {
  return work.perform<outcome>(with, [this, command] {
    auto decided = decide_dispatch(*with->with, command);
    if (decided)
      decided->act = [this, attachments = command.what.attachments] {
        self->send(with->postal, wake_atom_v);
        // A file may have been screened between the decision and its commit.
        self->send(self, start_atom_v);
        for (const auto& file : attachments) self->send(with->node, start_atom_v, organisation, file);
      };
    return decided;
  });
}

caf::typed_response_promise<outcome> document_state::collect(const collect_document& command) {
  return work.perform<outcome>(with, [this, command] { return decide_collection(*with->with, command); });
}

// A refused dispatch may go on as a letter.
caf::typed_response_promise<done> document_state::hear(const peer_statement& news) {
  return work.perform<done>(with, [this, news] {
    auto decided = decide_statement(*with->with, news);
    if (decided) decided->act = [this] { self->send(with->postal, wake_atom_v); };
    return decided;
  });
}

// Other documents' dispatches may have waited for this file as an attachment: their actors are told.
caf::typed_response_promise<done> document_state::screened(const file_screened& news) {
  return work.perform<done>(with, [this, news]() -> domain::result<decision<done>> {
    auto decided = decide_screening(*with->with, news);
    if (!decided) return std::unexpected(std::move(decided.error()));
    decided->act = [this] {
      const auto waiting = documents_waiting_for(*with->with, organisation, id);
      for (const auto& document : waiting.value_or(std::vector<domain::document_id>{}))
        self->send(with->node, start_atom_v, organisation, document);
    };
    return decided;
  });
}

void document_state::start_waiting() {
  work.enqueue([this] {
    auto changes = decide_waiting_dispatches(*with->with, organisation, id);
    if (!changes || !*changes) return work.done();
    self->request(with->writer, commit_deadline, share(std::move(**changes)))
        .then(
            [this](commit_result&) {
              self->send(with->postal, wake_atom_v);
              work.done();
            },
            [this](caf::error&) { work.done(); });
  });
}

void document_state::look_around() {
  if (work.idle() && !work.was_active()) self->send(owner, idle_atom_v, id);
  self->delayed_send(self, document_idle, tick_atom_v);
}

document_actor::behavior_type document(document_actor::stateful_pointer<document_state> self, shared_context with,
                                       domain::organisation_id organisation, domain::document_id id,
                                       tenant_actor owner) {
  auto& state = self->state;
  state.with = std::move(with);
  state.organisation = std::move(organisation);
  state.id = std::move(id);
  state.owner = std::move(owner);
  self->delayed_send(self, document_idle, tick_atom_v);
  const auto settle = [self](auto decide, const auto& news) {
    return self->state.work.template perform<done>(
        self->state.with, [self, decide, news] { return decide(*self->state.with->with, news); });
  };
  return {
      [self](const change_document& command) {
        return self->state.work.perform<outcome>(
            self->state.with, [self, command] { return decide_change(*self->state.with->with, command); });
      },
      [self](const dispatch_document& command) { return self->state.dispatch(command); },
      [self](const collect_document& command) { return self->state.collect(command); },
      [self](const peer_statement& news) { return self->state.hear(news); },
      [settle](const envelope_arrived& news) { return settle(decide_arrival, news); },
      [settle](const letter_news& news) { return settle(decide_letter_news, news); },
      [self](const file_screened& news) { return self->state.screened(news); },
      [self](start_atom) { self->state.start_waiting(); },
      [self](tick_atom) { self->state.look_around(); },
      // After what is under way: whoever asked gets the answer.
      [self](stop_atom) { self->state.work.enqueue([self] { self->quit(); }); },
  };
}

}  // namespace elsec::actors
