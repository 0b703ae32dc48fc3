// The outbound half of a link: outbox rows go out within a window and leave the disk when they are acknowledged.

#include "actors/link.hpp"
#include "crypto/random.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <ranges>

namespace elsec::actors {

namespace tables = storage::tables;

namespace {

// Of a command about an object that is gone or damaged nothing better will come.
bool may_pass(domain::error_code code) {
  return code != domain::error_code::integrity && code != domain::error_code::not_found;
}

constexpr auto document_damaged = "a document cannot be read any more; send it again from your own copy";

std::string outbox_prefix(const std::string& peer) { return storage::key_of(peer, '\0'); }

// The end of what this row began, if its time is over and nothing has come of it; or null.
shared_command end_of_unanswered(const decisions::registry& known, const storage::snapshot& read,
                                 const storage::outbox_row& row) {
  const auto* kind = known.find_wire_kind(row.kind);
  if (kind == nullptr || kind->unanswered == nullptr) return nullptr;
  return kind->unanswered(read, row).value_or(nullptr);
}

}  // namespace

// The lowest sequence still in the outbox, or the next that will be given.
std::uint64_t link_state::lowest_held() const {
  auto snapshot = with->with->store->read();
  if (!snapshot) return sent_up_to + 1;
  std::uint64_t lowest = 0;
  const auto walked = snapshot->scan_keys(tables::outbox.name, outbox_prefix(peer), {}, storage::direction::forward,
                                          [&](std::string_view key) {
                                            lowest = storage::trailing_number(key);
                                            return false;
                                          });
  if (walked && lowest > 0) return lowest;
  return snapshot->count(tables::counters, "outbox/" + peer).value_or(0) + 1;
}

// Whether the envelope the peer means by this number is the one this outbox gave it. What has been trimmed is believed;
// nothing where the row cannot be read, or the peer names no id.
std::optional<bool> link_state::gave(const storage::snapshot& read, std::uint64_t sequence,
                                     const std::optional<std::string>& id) const {
  if (sequence == 0) return true;
  const auto row = read.get(tables::outbox, storage::key_of(outbox_prefix(peer), storage::big_endian(sequence)));
  if (row && !*row) return sequence < lowest_held();
  if (!row || !id || (*row)->id.empty()) return std::nullopt;
  return (*row)->id == *id;
}

// The last envelope of this outbox that the peer has applied, as far as it tells. Where it stands is believed without
// proof only if the newest of those before it that can be proven is ours.
std::uint64_t link_state::last_in_common(const storage::snapshot& read, const wire::hello& hello) const {
  const auto stands = gave(read, hello.received, hello.received_id);
  if (stands.value_or(false)) return hello.received;
  bool believed = !stands;
  for (const auto& [sequence, id] : hello.earlier | std::views::reverse) {
    if (sequence >= hello.received) continue;
    const auto ours = gave(read, sequence, id);
    if (ours && *ours) return believed ? hello.received : sequence;
    if (ours) believed = false;
  }
  return believed ? hello.received : 0;
}

// What travels is built at the moment of sending, from what is on disk now. Only what is gone, or was given up, is
// answered for with nothing: what could not be read just now is no reason to.
domain::result<domain::bytes> link_state::build(const storage::outbox_row& row) const {
  if (unsendable.contains(row.id)) return domain::fail(domain::error_code::not_found);
  const auto* kind = with->with->registry.find_wire_kind(row.kind);
  if (kind == nullptr || kind->build == nullptr) return row.body;
  auto snapshot = with->with->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  return kind->build(*snapshot, row);
}

// A row whose number goes with nothing in it gets an id of its own, on disk before it goes: whoever has applied that
// one has not applied what was meant, should an older copy of this node's data mean it again.
void link_state::put_nothing_for(std::uint64_t sequence, const storage::outbox_row& row, storage::change_set changes) {
  if (std::exchange(emptying, true)) return;
  changes.put(tables::outbox, storage::key_of(outbox_prefix(peer), storage::big_endian(sequence)),
              {.kind = wire::kind_nothing, .id = new_id(), .time = row.time, .body = {}});
  self->request(with->writer, no_deadline, share(std::move(changes)))
      .then(
          [this, id = row.id](const commit_result& result) {
            emptying = false;
            if (!result) return;  // the next tick tries again
            unsendable.erase(id);
            pump();
          },
          [this](const caf::error&) { emptying = false; });
}

// Whoever waits for what the row speaks of is told first: then the row may go as nothing.
void link_state::give_up_damaged(const storage::outbox_row& row) {
  if (giving_up_damaged) return;
  spdlog::error("link {}: what an envelope of kind {} is about is damaged", peer, row.kind);
  const auto* kind = with->with->registry.find_wire_kind(row.kind);
  auto command = kind->lost == nullptr ? domain::result<shared_command>(nullptr) : kind->lost(row, document_damaged);
  if (!command || !*command) {
    unsendable.insert(row.id);  // the next tick goes on
    return;
  }
  giving_up_damaged = true;
  self->request(with->node, commit_deadline, std::move(*command))
      .then(
          [this, id = row.id](const outcome& result) {
            giving_up_damaged = false;
            if (!result && may_pass(result.error().code)) return;  // the next tick tries again
            unsendable.insert(id);
            pump();
          },
          [this](const caf::error&) { giving_up_damaged = false; });
}

void link_state::pump() {
  if (!connected || !acquainted || learning || emptying || sent.size() >= link_window) return;
  auto snapshot = with->with->store->read();
  if (!snapshot) return;
  std::vector<std::pair<std::uint64_t, domain::result<storage::outbox_row>>> rows;
  const auto prefix = outbox_prefix(peer);
  const auto walked =
      snapshot->scan(tables::outbox, prefix, prefix + storage::big_endian(sent_up_to), storage::direction::forward,
                     [&](std::string_view key, domain::result<storage::outbox_row>&& row) {
                       rows.emplace_back(storage::trailing_number(key), std::move(row));
                       return rows.size() + sent.size() < link_window;
                     });
  if (!walked) return spdlog::error("link {}: the outbox cannot be read: {}", peer, walked.error().detail);
  for (const auto& [sequence, row] : rows) {
    if (!row) pass_over_damaged(sequence);
    if (!row || !send_row(sequence, *row)) break;
  }
  with->with->metrics->outbox_in_flight(peer, sent.size());
}

// False when it has to wait, and those behind it with it.
bool link_state::send_row(std::uint64_t sequence, const storage::outbox_row& row) {
  if (!understands(row.kind)) {
    take_back(sequence, row);
    return false;
  }
  auto body = build(row);
  if (!body) {
    if (body.error().code == domain::error_code::integrity) give_up_damaged(row);
    if (body.error().code == domain::error_code::not_found) put_nothing_for(sequence, row);
    return false;
  }
  const auto id = row.id.empty() ? new_id() : row.id;
  if (transmit(row.kind.c_str(), sequence, id, std::move(*body)) != transport::sent::queued) return false;
  if (sent.empty()) last_progress = time();
  sent.push_back(sequence);
  sent_up_to = sequence;
  return true;
}

// Read from the disk, not from memory: an acknowledgement may belong to a life before the last start.
domain::result<std::vector<storage::outbox_row>> link_state::not_yet_arrived_up_to(std::uint64_t sequence) const {
  auto snapshot = with->with->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  std::vector<storage::outbox_row> rows;
  const auto prefix = outbox_prefix(peer);
  auto walked =
      snapshot->scan(tables::outbox, prefix, prefix + storage::big_endian(std::max(mark.acknowledged, arrived_up_to)),
                     storage::direction::forward, [&](std::string_view key, domain::result<storage::outbox_row>&& row) {
                       if (storage::trailing_number(key) > sequence) return false;
                       if (row) rows.push_back(std::move(*row));  // a damaged one was good when it was sent
                       return true;
                     });
  if (!walked) return std::unexpected(walked.error());
  return rows;
}

void link_state::store_mark(storage::change_set changes) {
  changes.put(tables::outbox_marks, peer, mark);
  self->request(with->writer, no_deadline, share(std::move(changes)))
      .then([this](const commit_result&) { pump(); }, [](const caf::error&) {});
}

// The peer has everything up to `sequence`, which may be less than it once had. False when the disk does not tell whom
// to tell of it.
bool link_state::move_mark(std::uint64_t sequence) {
  if (sequence <= mark.acknowledged) {
    mark.acknowledged = std::min(mark.acknowledged, std::max(sequence, lowest_held() - 1));
    return true;
  }
  const auto rows = not_yet_arrived_up_to(sequence);
  if (!rows) return false;
  mark.acknowledged = sequence;
  arrived_up_to = std::max(arrived_up_to, sequence);
  while (!sent.empty() && sent.front() <= sequence) sent.pop_front();
  sent_up_to = std::max(sent_up_to, sequence);
  last_progress = time();
  for (const auto& row : *rows) {
    const auto* kind = with->with->registry.find_wire_kind(row.kind);
    if (kind == nullptr || kind->arrived == nullptr) continue;
    if (auto news = kind->arrived(row); news && *news)
      self->request(with->node, commit_deadline, std::move(*news))
          .then([](const outcome&) {}, [](const caf::error&) {});
  }
  return true;
}

// Cumulative: everything up to `sequence` is on the peer's disk.
void link_state::acknowledged(const std::string& epoch, std::uint64_t sequence, const std::optional<std::string>& id) {
  if (epoch != mark.epoch || sequence <= mark.acknowledged) return;
  const auto snapshot = with->with->store->read();
  if (!snapshot) return;
  if (!gave(*snapshot, sequence, id).value_or(true))
    return say_hello({.resend = true, .answer = true});  // its own says more
  if (!move_mark(sequence)) return;
  heard = {epoch, sequence, id};
  store_mark();
  pump();
}

// The peer has applied what this outbox never gave: one of the two is an older copy. Numbers may have been used before,
// so this outbox counts in a new epoch from now on.
void link_state::begin_epoch() {
  spdlog::warn("link {}: the peer knows envelopes that this node does not: an older copy of data was put back", peer);
  with->with->metrics->resync("own_copy_is_older");
  mark.epoch = storage::new_epoch();
  epoch_is_new = true;
  say_hello({.resend = true, .answer = true});
}

// Sends again what the peer does not have.
void link_state::rewind() {
  sent.clear();
  sent_up_to = std::max(mark.acknowledged, lowest_held() - 1);
  last_progress = time();
}

bool link_state::may_send_again() {
  const auto now = time();
  if (now - sent_again < link_gap_interval) return false;
  sent_again = now;
  return true;
}

// What the peer says of our outbox. An epoch that was not begun since this start may have been counted in by another
// life of this node: it ends as soon as the peer stands elsewhere.
void link_state::hear_received(const wire::hello& hello) {
  const auto snapshot = with->with->store->read();
  if (!snapshot) return;
  const auto common = last_in_common(*snapshot, hello);
  const auto before = mark;
  const bool same_epoch = hello.received_epoch == mark.epoch;
  // Sending all again costs more than saying so.
  if (common < mark.acknowledged && !may_send_again()) return;
  if (!move_mark(common)) return;
  heard = {hello.received_epoch, hello.received, hello.received_id};
  if (same_epoch ? common < hello.received : !epoch_is_new && !hello.received_epoch.empty()) begin_epoch();
  const bool forgotten = mark.acknowledged < before.acknowledged;
  if (forgotten) {
    spdlog::warn("link {}: the peer lacks envelopes {} to {}: they are sent again", peer, mark.acknowledged + 1,
                 before.acknowledged);
    with->with->metrics->resync("peer_copy_is_older");
  }
  if (mark.acknowledged != before.acknowledged || mark.epoch != before.epoch) store_mark();
  if (hello.resend || forgotten || mark.epoch != before.epoch) rewind();
}

// Of what was rejected only the newest rows stay; a batch at a time.
std::size_t link_state::trim_rejected(const storage::snapshot& snapshot, storage::change_set& changes) const {
  std::vector<std::string> keys;
  (void)snapshot.scan_keys(tables::rejected.name, outbox_prefix(peer), {}, storage::direction::forward,
                           [&](std::string_view key) {
                             keys.emplace_back(key);
                             return keys.size() < rejected_rows_max + outbox_trim_batch;
                           });
  if (keys.size() <= rejected_rows_max) return 0;
  keys.resize(keys.size() - rejected_rows_max);
  for (const auto& key : keys) changes.erase(tables::rejected, key);
  return keys.size();
}

// A document is closed after its retention, and then its dispatch says nothing any more: so long, and no longer, may a
// copy lie that a peer is put back to.
void link_state::trim_outbox() {
  if (trimming || time() - outbox_trimmed < outbox_trim_interval) return;
  outbox_trimmed = time();
  give_up_set_aside();
  const auto now = with->with->now();
  // Nothing is old while the clock is not to be believed.
  const bool all_stay = with->with->irrevocable_work_waits();
  const auto kept_since = all_stay ? domain::time_point::min() : now - with->with->policy.retention.after_dispatch;
  auto snapshot = with->with->store->read();
  if (!snapshot) return;
  storage::change_set changes;
  std::map<std::string, shared_command> ends;
  std::size_t count = 0;
  bool more = false;
  (void)snapshot->scan(tables::outbox, outbox_prefix(peer), {}, storage::direction::forward,
                       [&](std::string_view key, domain::result<storage::outbox_row>&& row) {
                         if (storage::trailing_number(key) > mark.acknowledged) return false;
                         if (!row) pass_over_damaged(storage::trailing_number(key));
                         more = !row;  // it goes with the next batch
                         if (!row || row->time >= kept_since) return false;
                         if (auto end = end_of_unanswered(with->with->registry, *snapshot, *row))
                           if (!hopeless.contains(row->id)) ends.emplace(row->id, std::move(end));
                         if (ends.empty()) changes.erase(tables::outbox, std::string(key));
                         return ++count < outbox_trim_batch;
                       });
  ask_for_ends(ends);
  count += trim_rejected(*snapshot, changes);
  if (more) outbox_trimmed = {};  // with the next tick
  if (count > 0) write_trimmed(std::move(changes), count >= outbox_trim_batch && ends.empty());
}

// The next batch when this one is on disk: however many envelopes come, as many go.
void link_state::write_trimmed(storage::change_set changes, bool more) {
  trimming = true;
  changes.put(tables::outbox_marks, peer, mark);
  const auto go_on = [this](bool at_once) {
    trimming = false;
    if (at_once) outbox_trimmed = {};
  };
  self->request(with->writer, no_deadline, share(std::move(changes)))
      .then(
          [this, go_on, more](const commit_result& written) {
            go_on(more);
            pump();
            if (written && more) trim_outbox();
          },
          [go_on](const caf::error&) { go_on(false); });
}

// By the ids of their rows.
void link_state::ask_for_ends(const std::map<std::string, shared_command>& of) {
  for (const auto& [id, end] : of)
    self->request(with->node, commit_deadline, end)
        .then(
            [this, row = id](const outcome& result) {
              if (!result && !may_pass(result.error().code)) hopeless.insert(row);
            },
            [](const caf::error&) {});
}

}  // namespace elsec::actors
