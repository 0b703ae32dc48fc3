// The inbound half of a link: envelopes become rows in order, are acknowledged, and then take effect.

#include "actors/link.hpp"
#include "decisions/card_index.hpp"
#include "decisions/deadlines.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace elsec::actors {

using domain::error_code;
namespace tables = storage::tables;

namespace {

// With the epoch: a peer that begins to count anew must not overwrite rows that still wait.
std::string row_key(const std::string& peer, const transport::envelope_header& header) {
  return storage::key_of(peer, '\0', header.kind, '\0', header.epoch, storage::big_endian(header.sequence));
}

// Where a peer's envelopes of a kind wait.
std::string kind_prefix(const std::string& peer, std::string_view kind) {
  return storage::key_of(peer, '\0', kind, '\0');
}

}  // namespace

// What the peer says of its outbox. It counts once the peer has heard where we stand: only then does its `lowest`
// follow on what we have. A peer of an older version does not say so: of its outbox we begin with all it holds, if we
// do not know the epoch.
bool link_state::hear_held(const wire::hello& hello) {
  const wire::position here{received.epoch, received.last_sequence, received.last_id};
  const bool heard_us = hello.heard ? *hello.heard == here : !hello.answer;
  agreed = agreed && hello.epoch == received.epoch;
  if (!heard_us) return agreed;
  agreed = true;
  const auto held = hello.held.value_or(hello.lowest);
  if (hello.epoch != received.epoch) {
    go_on_in(hello.epoch, (hello.heard ? hello.lowest : held) - 1);
  } else if (received.last_sequence + 1 < held) {
    spdlog::error("link {}: the peer no longer holds envelopes {} to {}", peer, received.last_sequence + 1, held - 1);
    with->with->metrics->resync("gap_for_good");
    go_on_in(hello.epoch, held - 1);
  }
  return true;
}

// Where we stand when we go on behind `after`. What was passed before stays passed.
storage::peer_row link_state::standing_at(const std::string& epoch, std::uint64_t after) const {
  auto passed = received.earlier;
  if (received.last_id) passed.push_back({received.last_sequence, *received.last_id});
  while (!passed.empty() && passed.back().sequence > after) passed.pop_back();
  storage::peer_row there{epoch, after, {}, {}};
  if (!passed.empty() && passed.back().sequence == after) {
    there.last_id = std::move(passed.back().id);
    passed.pop_back();
  }
  there.earlier = std::move(passed);
  return there;
}

// What came behind is of another life of the peer.
void link_state::go_on_in(const std::string& epoch, std::uint64_t after) {
  received = standing_at(epoch, after);
  inbound.clear();
  storage::change_set changes;
  changes.put(tables::peers, peer, received);
  self->request(with->writer, no_deadline, share(std::move(changes)))
      .then([](const commit_result&) {}, [](const caf::error&) {});
}

void link_state::hear_hello(const wire::hello& hello) {
  // While a commit runs `received` is about to change: a hello that follows it says the same.
  const bool understood_each_other = committing || hear_held(hello);
  acquainted = true;
  with->with->links->set(peer, true);
  hear_kinds(hello);
  hear_received(hello);
  const bool insists = !understood_each_other && may_ask_again();
  if (hello.answer || insists) say_hello({.resend = hello.resend || insists, .answer = insists});
  if (hello.cards_held) self->send(with->directory, cards_atom_v, *hello.cards_held);
  fetch_cards(hello.cards);
  pump();
  start_transfers();
}

void link_state::take_in_order(const transport::envelope& envelope) {
  const auto& header = envelope.header;
  if (header.epoch != received.epoch || !agreed) return report_gap();
  const auto last = received.last_sequence + inbound.size();
  if (header.sequence <= last) {
    with->with->metrics->node_refusal("replayed");
    ack_owed = true;  // the acknowledgement was lost; the next commit or tick sends it again
    if (!committing && inbound.empty()) acknowledge();
    return;
  }
  if (header.sequence != last + 1) return report_gap();
  if (inbound.size() >= link_inbound_max) return;  // the peer sends it again
  inbound.push_back(envelope);
  if (!committing) commit_inbound();
}

// Else two that do not come to an understanding would say hello without end.
bool link_state::may_ask_again() {
  const auto now = time();
  if (now - gap_told < link_gap_interval) return false;
  gap_told = now;
  return true;
}

void link_state::report_gap() {
  if (!may_ask_again()) return;
  with->with->metrics->node_refusal("gap");
  say_hello({.resend = true, .answer = true});
}

void link_state::commit_inbound() {
  if (inbound.empty() || committing) return;
  const auto before = with->with->store->read();
  if (!before) return inbound.clear();  // the peer sends it again
  committing = true;
  storage::change_set changes;
  for (const auto& envelope : inbound) add_effect(changes, *before, envelope);
  auto after = received;
  after.last_sequence += inbound.size();
  after.last_id = inbound.back().header.id;
  if (received.last_id) pass_milestone(after.earlier, {received.last_sequence, *received.last_id}, after.last_sequence);
  changes.put(tables::peers, peer, after);
  const auto count = static_cast<std::ptrdiff_t>(inbound.size());
  self->request(with->writer, no_deadline, share(std::move(changes)))
      .then(
          [this, after, count](const commit_result& result) {
            committing = false;
            inbound.erase(inbound.begin(), inbound.begin() + count);
            if (!result) {
              inbound.clear();  // not on disk, not acknowledged: the peer sends it again
              spdlog::error("link {}: envelopes could not be stored: {}", peer, domain::name_of(result.error().code));
              return;
            }
            received = after;
            acknowledge();
            hear_inbound();
            start_transfers();
            commit_inbound();
          },
          [this](const caf::error&) {
            committing = false;
            inbound.clear();
          });
}

// The effect of an envelope is a row that waits for whom it concerns; the link itself decides nothing.
// One that waits already, and was asked for again with others, goes on waiting as it is.
void link_state::add_effect(storage::change_set& changes, const storage::snapshot& before,
                            const transport::envelope& envelope) {
  const auto& header = envelope.header;
  if (header.kind == wire::kind_nothing) return;
  const auto key = row_key(peer, header);
  const storage::inbound_row row{header.kind, header.id, envelope.body, {}};
  const auto* kind = with->with->registry.find_wire_kind(header.kind);
  const bool known = kind != nullptr && (kind->by_transfer || kind->of_links || kind->received != nullptr);
  if (known && !before.contains(tables::inbound.name, key).value_or(false)) changes.put(tables::inbound, key, row);
  if (!known) (void)put_rejected(changes, key, row, "unknown kind");
}

void link_state::acknowledge() {
  ack_owed = false;
  const wire::ack ack{received.epoch, received.last_sequence, received.last_id};
  transmit(wire::kind_ack, 0, new_id(), codec::to_cbor(ack));
}

void link_state::hear_inbound() {
  auto snapshot = with->with->store->read();
  if (!snapshot) return;
  for (const auto& kind : with->with->registry.wire_kinds)
    if (kind.received != nullptr || kind.of_links) hear_kind(*snapshot, kind);
}

void link_state::hear_kind(const storage::snapshot& snapshot, const wire_kind& kind) {
  if (hearing.size() >= link_window) return;
  std::vector<std::pair<std::string, storage::inbound_row>> rows;
  (void)snapshot.scan(tables::inbound, kind_prefix(peer, kind.name), {}, storage::direction::forward,
                      [&](std::string_view key, domain::result<storage::inbound_row>&& row) {
                        if (!row)
                          receive_again(std::string(key));
                        else if (!hearing.contains(std::string(key)) && !leaving.contains(std::string(key)))
                          rows.emplace_back(key, std::move(*row));
                        return rows.size() + hearing.size() < link_window;
                      });
  for (const auto& [key, row] : rows) hear(key, row, kind);
}

void link_state::hear(const std::string& row, const storage::inbound_row& what, const wire_kind& kind) {
  if (kind.of_links) return hear_rejection(row, what);
  auto command = kind.received({.peer = peer, .row = row, .what = what});
  if (!command) return drop_inbound(row, what, command.error().detail);
  hearing.insert(row);
  self->request(with->node, commit_deadline, std::move(*command))
      .then(
          [this, row, what](const outcome& result) {
            hearing.erase(row);
            if (!result && result.error().code == error_code::not_found)
              drop_inbound(row, what, "no such organisation here");
          },
          [this, row](const caf::error&) { hearing.erase(row); });
}

void link_state::start_transfers() {
  auto snapshot = with->with->store->read();
  if (!snapshot) return;
  for (const auto& kind : with->with->registry.wire_kinds)
    if (kind.by_transfer) start_transfers(*snapshot, kind);
}

void link_state::start_transfers(const storage::snapshot& snapshot, const wire_kind& kind) {
  if (!acquainted || working.size() >= link_transfers_max) return;
  std::vector<std::pair<std::string, storage::inbound_row>> rows;
  const auto now = time();
  // By their keys: those that are put off may be many, and need not be read each time.
  (void)snapshot.scan_keys(tables::inbound.name, kind_prefix(peer, kind.name), {}, storage::direction::forward,
                           [&](std::string_view view) {
                             const std::string key(view);
                             const auto waiting = retries.find(key);
                             const bool later = waiting != retries.end() && now < waiting->second.at;
                             if (working.contains(key) || leaving.contains(key) || later) return true;
                             auto row = snapshot.get(tables::inbound, key);
                             if (row && *row && !is_put_off(key, **row)) rows.emplace_back(key, std::move(**row));
                             if (!row && row.error().code == error_code::integrity) receive_again(key);
                             return rows.size() + working.size() < link_transfers_max;
                           });
  for (const auto& [key, row] : rows) run_transfer(key, row);
}

// Its row says until when. The wait is measured by a clock that nobody sets, and after it the row is not asked again.
bool link_state::is_put_off(const std::string& key, const storage::inbound_row& row) {
  if (!row.again_at || row.attempts == 0) return false;
  auto& entry = retries[key];
  if (entry.waited_for == row.attempts) return false;
  entry.waited_for = row.attempts;
  const auto left =
      std::min<std::chrono::milliseconds>(*row.again_at - with->with->now(), wait_after(row.attempts - 1));
  entry.at = time() + left;
  return left.count() > 0;
}

void link_state::run_transfer(const std::string& row, const storage::inbound_row& what) {
  const auto body = codec::from_cbor<wire::announcement>(what.body);
  if (!body) return drop_inbound(row, what, "unreadable dispatch");
  // The same dispatch may lie here twice, from two epochs: the second learns what has become of the first.
  if (!arriving.insert(body->id).second) return;
  working.insert(row);
  self->request(with->node, no_deadline, incoming_transfer{peer, row, what.body, body->recipient})
      .then([this, row, dispatch = body->id](const done& result) { transfer_ended(row, dispatch, result); },
            [this, row, dispatch = body->id](const caf::error&) {
              transfer_ended(row, dispatch, domain::fail(error_code::timed_out));
            });
}

void link_state::transfer_ended(const std::string& row, const domain::dispatch_id& dispatch, const done& result) {
  working.erase(row);
  arriving.erase(dispatch);
  if (result) {
    retries.erase(row);
  } else if (result.error().code == error_code::already_done) {
    end_inbound(row);
  } else if (result.error().code == error_code::not_found && refuse_for_nobody(row)) {
    retries.erase(row);
  } else if (acquainted) {  // otherwise it goes on as soon as the peer is back
    auto& entry = retries[row];
    entry.wait = entry.wait.count() == 0 ? std::chrono::milliseconds(transfer_retry_first)
                                         : std::min<std::chrono::milliseconds>(2 * entry.wait, transfer_retry_max);
    entry.at = time() + entry.wait;
    spdlog::info("link {}: a transfer waits: {}", peer, domain::name_of(result.error().code));
  }
  start_transfers();
}

void link_state::fetch_cards(std::uint64_t newest) {
  if (is_self || fetching_cards) return;
  auto snapshot = with->with->store->read();
  if (!snapshot) return;
  const auto held = newest_card_version(*snapshot, peer).value_or(0);
  if (held >= newest) return;
  fetching_cards = true;
  card_pages = 0;
  ask_for_cards(held);
}

void link_state::ask_for_cards(std::uint64_t after) {
  enqueue({.what = {wire::kind_cards_wanted, codec::to_cbor(wire::cards_wanted{after})},
           .then = [this, after](const peer_answer& answer) {
             if (answer) return take_cards(*answer, after);
             fetching_cards = false;  // the next hello asks again
           }});
}

// On behind the last that came, whether it was taken or not: cards that are refused (signed by a key that is not known
// here yet) are asked for again with the next hello, and not over and over. The body counts as under way until its
// cards are on disk.
void link_state::take_cards(const shared_bytes& body, std::uint64_t after) {
  const auto cards = codec::from_cbor<wire::cards>(*body);
  const auto last = cards ? cards->last : std::nullopt;
  const bool more = cards && cards->more && ++card_pages < card_pages_max;
  self->request(with->directory, no_deadline, cards_atom_v, peer, body)
      .then(
          [this, more, last, after](const done& result) {
            const auto snapshot = with->with->store->read();
            const auto held = snapshot ? newest_card_version(*snapshot, peer).value_or(0) : 0;
            const auto next = last.value_or(held);
            if (result && more && next > after) return ask_for_cards(next);
            fetching_cards = false;
          },
          [this](const caf::error&) { fetching_cards = false; });
}

}  // namespace elsec::actors
