#include "actors/directory.hpp"

#include "codec/json.hpp"
#include "decisions/card_index.hpp"
#include "decisions/limits.hpp"
#include "domain/wire.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <utility>

namespace elsec::actors {

using domain::error_code;
namespace tables = storage::tables;

namespace {

// A card as its home node signed it: only that node may speak for it.
domain::result<domain::card_row> verified_card(const services& with, const std::string& peer, const std::string& jws) {
  const auto* node = with.find_node(peer);
  const auto key_id = crypto::jws_key_id(jws);
  if (node == nullptr || !key_id) return domain::fail(error_code::integrity);
  const auto key = std::ranges::find(node->receipt_keys, *key_id, crypto::key_id_of);
  if (key == node->receipt_keys.end()) return domain::fail(error_code::integrity);
  const auto payload = crypto::verify_jws(jws, *key);
  if (!payload) return std::unexpected(payload.error());
  auto statement = codec::from_json_of_peer<domain::card_statement>(*payload);
  if (!statement) return std::unexpected(statement.error());
  if (statement->card.node != peer) return domain::fail(error_code::integrity);
  return domain::card_row{std::move(*statement), jws};
}

}  // namespace

std::uint64_t directory_state::next_version() {
  const auto now = static_cast<std::uint64_t>(with->now().time_since_epoch() / std::chrono::milliseconds(1));
  version = std::max(version + 1, now);
  return version;
}

domain::result<void> directory_state::sign_and_store(storage::change_set& changes, const storage::snapshot& snapshot,
                                                     const domain::card& card) {
  domain::card_row row{{next_version(), card}, {}};
  row.jws = with->signing.sign_jws(codec::to_json(static_cast<const domain::card_statement&>(row)));
  return store_card(changes, snapshot, row);
}

void directory_state::commit(storage::change_set changes, std::function<void(commit_result)> then) {
  ++publishing;
  self->request(writer, no_deadline, share(std::move(changes)))
      .then(
          [this, then](commit_result& result) {
            --publishing;
            if (result)
              for (const auto& [peer, link] : links) self->send(link, cards_atom_v);
            const bool on_disk = result.has_value();
            then(std::move(result));
            if (on_disk) renew_batch();
          },
          [this, then](caf::error&) {
            --publishing;
            then(domain::fail(error_code::timed_out, "the disk did not answer in time; repeat later"));
          });
}

caf::typed_response_promise<commit_result> directory_state::publish(const publish_card& what) {
  auto promise = self->make_response_promise<commit_result>();
  if (renewing)
    waiting.emplace_back(what, promise);
  else
    publish(what, promise);
  return promise;
}

void directory_state::publish(const publish_card& what, caf::typed_response_promise<commit_result> promise) {
  auto snapshot = with->store->read();
  auto changes = *what.changes;
  const auto ready = snapshot ? sign_and_store(changes, *snapshot, what.card)
                              : domain::result<void>(std::unexpected(snapshot.error()));
  if (!ready) {
    promise.deliver(commit_result(std::unexpected(ready.error())));
    return;
  }
  commit(std::move(changes), [promise](commit_result result) mutable { promise.deliver(std::move(result)); });
}

void directory_state::publish_waiting() {
  for (auto& [what, promise] : std::exchange(waiting, {})) publish(what, promise);
}

// Versions are times: nobody holds a card of this node from a far future.
bool directory_state::is_believable(std::uint64_t version_held) const {
  const auto latest = with->now() + card_version_ahead_max;
  return version_held <= static_cast<std::uint64_t>(latest.time_since_epoch() / std::chrono::milliseconds(1));
}

void directory_state::renew(std::uint64_t held_by_peer) {
  if (!is_believable(held_by_peer)) {
    with->metrics->node_refusal("card_version");
    return spdlog::warn("directory: a peer says that it holds a card of this node from the far future");
  }
  if (held_by_peer > version && publishing == 0) {
    version = renews_up_to = held_by_peer;
    renewed_up_to = 0;
    spdlog::warn("directory: peers hold newer cards of this node than it does; all get a new version");
  }
  renew_batch();
}

// Only while no card is on its way to the disk, so that no older card overtakes a newer one; what cannot be written is
// tried again with the next hello.
void directory_state::renew_batch() {
  if (renews_up_to == 0 || publishing > 0) return;
  auto snapshot = with->store->read();
  if (!snapshot) return;
  const auto batch = cards_after(*snapshot, with->node_name, renewed_up_to, cards_per_message, renews_up_to);
  if (!batch) return spdlog::error("directory: this node's cards cannot be read: {}", batch.error().detail);
  storage::change_set changes;
  std::set<domain::organisation_id> signed_anew;
  for (const auto& row : batch->cards)
    if (!signed_anew.insert(row.card.id).second)
      continue;  // of a card with an entry too many
    else if (auto stored = sign_and_store(changes, *snapshot, row.card); !stored)
      spdlog::error("directory: a card cannot be signed anew: {}", stored.error().detail);
  if (batch->more)
    changes.put(tables::card_renewals, with->node_name, {renews_up_to});
  else
    changes.erase(tables::card_renewals, with->node_name);
  renewing = true;
  commit(std::move(changes), [this, last = batch->last, more = batch->more](const commit_result& result) {
    renewing = false;
    if (result) renewed_up_to = last;
    if (result && !more) renews_up_to = 0;
    publish_waiting();
  });
}

// The newest that the peer sends of each organisation.
std::map<domain::organisation_id, domain::card_row> directory_state::cards_in(const wire::cards& cards,
                                                                              const std::string& peer) const {
  std::map<domain::organisation_id, domain::card_row> newest;
  for (const auto& jws : cards.jws) {
    auto row = verified_card(*with, peer, jws);
    if (!row) {
      refuse_card(peer, row.error());
      continue;
    }
    auto& known = newest.try_emplace(row->card.id, *row).first->second;
    if (row->version > known.version) known = std::move(*row);
  }
  return newest;
}

void directory_state::refuse_card(const std::string& peer, const domain::error& why) const {
  with->metrics->node_refusal("card");
  spdlog::warn("directory: a card from {} was refused: {}", peer, domain::name_of(why.code));
}

caf::typed_response_promise<done> directory_state::take(const std::string& peer, const shared_bytes& body) {
  auto promise = self->make_response_promise<done>();
  const auto cards = codec::from_cbor<wire::cards>(*body);
  auto snapshot = with->store->read();
  if (!cards || !snapshot) {
    reply_error(promise, error_code::invalid, "the cards cannot be read");
    return promise;
  }
  storage::change_set changes;
  for (const auto& [id, row] : cards_in(*cards, peer))
    if (const auto stored = store_card(changes, *snapshot, row); !stored) refuse_card(peer, stored.error());
  self->request(writer, no_deadline, share(std::move(changes)))
      .then(
          // With `body`, which counts as under way until here.
          [promise, body](commit_result& result) mutable {
            promise.deliver(result ? done{} : done(std::unexpected(std::move(result.error()))));
          },
          [promise](caf::error& error) mutable { promise.deliver(std::move(error)); });
  return promise;
}

directory_actor::behavior_type directory(directory_actor::stateful_pointer<directory_state> self, shared_services with,
                                         state_writer_actor writer) {
  auto& state = self->state;
  state.with = std::move(with);
  state.writer = std::move(writer);
  if (auto snapshot = state.with->store->read()) {
    const auto& name = state.with->node_name;
    if (const auto left = snapshot->get(tables::card_renewals, name); left && *left)
      state.renews_up_to = (*left)->value;
    state.version = std::max(newest_card_version(*snapshot, name).value_or(0), state.renews_up_to);
  }
  return {
      [self](const publish_card& what) { return self->state.publish(what); },
      [self](const shared_changes& changes) { return self->delegate(self->state.writer, changes); },
      [self](cards_atom, const std::string& peer, const shared_bytes& body) { return self->state.take(peer, body); },
      [self](cards_atom, std::uint64_t held_by_peer) { self->state.renew(held_by_peer); },
      [self](link_atom, const std::string& peer, const caf::strong_actor_ptr& link) {
        self->state.links[peer] = caf::actor_cast<link_actor>(link);
      },
  };
}

}  // namespace elsec::actors
