#include "actors/link.hpp"

#include "crypto/random.hpp"
#include "decisions/card_index.hpp"
#include "decisions/rows.hpp"

#include <spdlog/spdlog.h>

namespace elsec::actors {

namespace tables = storage::tables;

void link_state::start() {
  is_self = peer == with->with->node_name;
  mark = {with->with->store->epoch(), lowest_held() - 1};
  if (auto snapshot = with->with->store->read()) {
    recall(*snapshot);
    recall_kinds(*snapshot);
  }
  sent_up_to = mark.acknowledged;
  with->with->links->set(peer, is_self);
  if (is_self) {
    connected = acquainted = agreed = true;
    pump();
  }
  hear_inbound();
  start_transfers();
}

void link_state::set_connected(bool up) {
  if (is_self || connected == up) return;
  connected = up;
  acquainted = agreed = false;
  learned = {};
  fetching_cards = false;
  with->with->links->set(peer, false);
  spdlog::info("link {}: {}", peer, up ? "connected" : "disconnected");
  if (up)
    say_hello({.resend = true, .answer = true});
  else
    fail_requests(domain::error_code::timed_out, "the peer is away");
}

transport::sent link_state::transmit(const char* kind, std::uint64_t sequence, const std::string& id,
                                     domain::bytes body) {
  const auto& services = *with->with;
  const bool gives_way = kind == std::string_view(wire::kind_answer) && body.size() > link_urgent_bytes_max;
  transport::envelope envelope{.header = {.version = transport::envelope_version,
                                          .epoch = mark.epoch,
                                          .from = services.node_name,
                                          .to = peer,
                                          .kind = kind,
                                          .sequence = sequence,
                                          .id = id,
                                          .time = services.now()},
                               .body = std::move(body),
                               .gives_way = gives_way};
  if (!is_self) return services.send(peer, envelope);
  self->send(self, std::make_shared<const transport::envelope>(std::move(envelope)));
  return transport::sent::queued;
}

std::string link_state::new_id() const { return domain::make_ulid(with->with->now(), crypto::random_entropy()); }

void link_state::say_hello(hello_wish wish) {
  if (!connected || is_self) return;
  wire::hello hello{.epoch = mark.epoch,
                    .lowest = mark.acknowledged + 1,
                    .received_epoch = received.epoch,
                    .received = received.last_sequence,
                    .resend = wish.resend,
                    .answer = wish.answer,
                    .received_id = received.last_id,
                    .held = lowest_held(),
                    .kinds = with->with->registry.understood(),
                    .earlier = received.earlier,
                    .heard = heard};
  if (auto snapshot = with->with->store->read()) {
    hello.cards = newest_card_version(*snapshot, with->with->node_name).value_or(0);
    hello.cards_held = newest_card_version(*snapshot, peer).value_or(0);
  }
  last_hello = time();
  transmit(wire::kind_hello, 0, new_id(), codec::to_cbor(hello));
}

void link_state::receive(const shared_envelope& arrived) {
  const auto& envelope = *arrived;
  const auto& kind = envelope.header.kind;
  if (envelope.header.sequence > 0) return take_in_order(envelope);
  if (kind == wire::kind_hello) {
    if (const auto hello = codec::from_cbor<wire::hello>(envelope.body); hello && is_plausible(*hello))
      return hear_hello(*hello);
  } else if (kind == wire::kind_ack) {
    if (const auto ack = codec::from_cbor<wire::ack>(envelope.body))
      return acknowledged(ack->received_epoch, ack->received, ack->received_id);
  } else if (kind == wire::kind_answer || kind == wire::kind_refusal) {
    return answer_request(arrived);
  } else if (const auto* asked = with->with->registry.find_request_kind(kind)) {
    return serve(*asked, envelope);
  }
  with->with->metrics->node_refusal("unreadable_body");
  spdlog::warn("link {}: a message of kind {} cannot be read", peer, kind);
}

void link_state::tick() {
  const auto now = time();
  const bool stalled = !sent.empty() && now - last_progress > link_stalled;
  if (stalled && is_self) rewind();  // what could not be stored comes again
  if (connected && !is_self) {
    const bool unheard = !acquainted && now - last_hello > 2 * link_tick;
    if (stalled || unheard)
      say_hello({.resend = true, .answer = true});
    else if (now - last_hello > link_hello_interval)
      say_hello({.resend = false, .answer = true});
    if (stalled) last_progress = now;
  }
  send_set_aside();
  pump();
  send_requests();
  hear_inbound();
  start_transfers();
  if (ack_owed && !committing) acknowledge();
  trim_outbox();
  self->delayed_send(self, link_tick, tick_atom_v);
}

link_actor::behavior_type link(link_actor::stateful_pointer<link_state> self, shared_context with, std::string peer) {
  auto& state = self->state;
  state.with = std::move(with);
  state.peer = std::move(peer);
  self->delayed_send(self, link_tick, tick_atom_v);
  return {
      [self](start_atom) { self->state.start(); },
      [self](wake_atom) { self->state.pump(); },
      [self](const shared_envelope& envelope) { self->state.receive(envelope); },
      [self](link_atom, bool up) { self->state.set_connected(up); },
      [self](cards_atom) { self->state.tell_cards(); },
      [self](const ask_peer& what) { return self->state.ask(what); },
      [self](tick_atom) { self->state.tick(); },
      [self](stop_atom) { self->quit(); },
  };
}

}  // namespace elsec::actors
