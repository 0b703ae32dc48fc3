// Rows of this link that cannot be read any more: they leave the way of those behind them, and what they held comes
// again where somebody else has it.

#include "actors/link.hpp"
#include "crypto/random.hpp"

#include <spdlog/spdlog.h>

#include <ranges>

namespace elsec::actors {

namespace tables = storage::tables;

template <class Record>
storage::change_set link_state::without_damaged(const storage::table<Record>& where, const std::string& key) const {
  const auto now = with->with->now();
  storage::change_set changes;
  changes.take_out_damaged(where, key, crypto::new_id<domain::damage_id>(now), now);
  return changes;
}

// Nobody knows any more what it said, nor whom it was for: its number goes with nothing in it.
void link_state::pass_over_damaged(std::uint64_t sequence) {
  const auto key = storage::key_of(peer, '\0', storage::big_endian(sequence));
  if (!taking_out.insert(key).second) return;
  spdlog::error("link {}: envelope {} of the outbox cannot be read any more; the peer gets an empty one", peer,
                sequence);
  auto changes = without_damaged(tables::outbox, key);
  // Without an id, as the peer may have had the one that was there; and of no time, so that nothing waits for it to
  // pass.
  changes.put(tables::outbox, key, {.kind = wire::kind_nothing, .id = {}, .time = {}, .body = {}});
  self->request(with->writer, no_deadline, share(std::move(changes)))
      .then(
          [this, key](const commit_result& result) {
            taking_out.erase(key);
            if (result) pump();
          },
          [this, key](const caf::error&) { taking_out.erase(key); });
}

// The peer still has it: what came from this one on is received once more, and what took effect already is known by its
// own id.
void link_state::receive_again(const std::string& key) {
  if (committing || !taking_out.insert(key).second) return;
  const auto sequence = storage::trailing_number(key);
  const bool held_by_peer = sequence <= received.last_sequence;  // numbers go on from epoch to epoch
  spdlog::error("link {}: envelope {} that waited for its effect cannot be read any more; {}", peer, sequence,
                held_by_peer ? "the peer is asked for it" : "it is lost");
  with->with->metrics->resync("damaged_row");
  auto changes = without_damaged(tables::inbound, key);
  storage::peer_row before = received;
  if (held_by_peer) {
    before = standing_at(received.epoch, proven_before(sequence));
    changes.put(tables::peers, peer, before);
  }
  committing = true;
  self->request(with->writer, no_deadline, share(std::move(changes)))
      .then(
          [this, key, before](const commit_result& result) {
            taking_out.erase(key);
            committing = false;
            if (result) retries.erase(key);
            if (result && before.last_sequence < received.last_sequence) ask_again_from(before);
            commit_inbound();
          },
          [this, key](const caf::error&) {
            taking_out.erase(key);
            committing = false;
          });
}

// Where to go back to: an envelope that can be named by its id, since the peer may be an older copy of itself.
std::uint64_t link_state::proven_before(std::uint64_t sequence) const {
  if (is_self) return sequence - 1;
  for (const auto& passed : received.earlier | std::views::reverse)
    if (passed.sequence < sequence) return passed.sequence;
  return 0;
}

void link_state::ask_again_from(const storage::peer_row& before) {
  received = before;
  inbound.clear();
  if (!is_self) return say_hello({.resend = true, .answer = true});
  mark.acknowledged = std::min(mark.acknowledged, received.last_sequence);
  rewind();
  store_mark();
}

// What was set aside for the peer, and cannot be read: it would keep the others of its kind waiting.
void link_state::drop_damaged_aside(const std::string& key) {
  if (!taking_out.insert(key).second) return;
  spdlog::error("link {}: an envelope that was set aside cannot be read any more; it is lost", peer);
  const auto ended = [this, key] { taking_out.erase(key); };
  self->request(with->writer, no_deadline, share(without_damaged(tables::set_aside, key)))
      .then([ended](const commit_result&) { ended(); }, [ended](const caf::error&) { ended(); });
}

// Where this link stands, as far as it can be read. Without its mark the peer gets once more, in a new epoch, what is
// still held; without what was received the peer's next hello says where to begin.
void link_state::recall(const storage::snapshot& snapshot) {
  const auto row = snapshot.get(tables::peers, peer);
  const auto known = snapshot.get(tables::outbox_marks, peer);
  if (known && *known) mark = **known;
  if (!known && known.error().code == domain::error_code::integrity) {
    spdlog::error("link {}: how far the peer has our envelopes cannot be read; they are sent again", peer);
    mark.epoch = storage::new_epoch();
    epoch_is_new = true;
    store_mark();
  }
  if (row && *row) received = **row;
  if (!row) spdlog::error("link {}: what was received cannot be read: {}", peer, row.error().detail);
  if (is_self && received.epoch != mark.epoch) received = {mark.epoch, mark.acknowledged, {}, {}};
}

}  // namespace elsec::actors
