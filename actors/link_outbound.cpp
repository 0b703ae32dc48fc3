// The outbound half of a link: outbox rows go out within a window and leave the disk when they are acknowledged.

#include "actors/link.hpp"
#include "crypto/random.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace elsec::actors {

namespace tables = storage::tables;

namespace {

std::string outbox_prefix(const std::string& peer) { return storage::key_of(peer, '\0'); }

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

// Whether the envelope the peer means by this number is the one this outbox gave it. What has been trimmed, or cannot
// be read, is believed.
bool link_state::gave(std::uint64_t sequence, const std::optional<std::string>& id) const {
  auto snapshot = with->with->store->read();
  if (!snapshot || sequence == 0) return true;
  const auto row = snapshot->get(tables::outbox, storage::key_of(outbox_prefix(peer), storage::big_endian(sequence)));
  if (!row) return true;
  if (*row) return !id || (*row)->id.empty() || (*row)->id == *id;
  return sequence < lowest_held();
}

// What travels is built at the moment of sending, from what is on disk now. Only what is gone, or was given up, is
// answered for with nothing: what could not be read just now is no reason to.
domain::result<domain::bytes> link_state::build(const storage::outbox_row& row, in_flight& entry) const {
  const auto* kind = with->with->registry.find_wire_kind(row.kind);
  if (kind == nullptr || kind->build == nullptr) return row.body;
  auto snapshot = with->with->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  auto body = unsendable.contains(row.id) ? domain::result<domain::bytes>(domain::fail(domain::error_code::not_found))
                                          : kind->build(*snapshot, row);
  if (body || body.error().code != domain::error_code::not_found) return body;
  entry.kind = wire::kind_nothing;
  return domain::bytes{};
}

// Whoever waits for what the row speaks of is told first: then the row may go as nothing.
void link_state::give_up_damaged(const storage::outbox_row& row) {
  if (giving_up_damaged) return;
  spdlog::error("link {}: what an envelope of kind {} is about is damaged", peer, row.kind);
  const auto* kind = with->with->registry.find_wire_kind(row.kind);
  auto command = kind->damaged == nullptr ? domain::result<shared_command>(nullptr) : kind->damaged(row);
  if (!command || !*command) {
    unsendable.insert(row.id);  // the next tick goes on
    return;
  }
  giving_up_damaged = true;
  self->request(with->node, commit_deadline, std::move(*command))
      .then(
          [this, id = row.id](const outcome& result) {
            giving_up_damaged = false;
            const bool hopeless = !result && result.error().code == domain::error_code::integrity;
            if (!result && !hopeless) return;  // the next tick tries again
            unsendable.insert(id);
            pump();
          },
          [this](const caf::error&) { giving_up_damaged = false; });
}

void link_state::pump() {
  if (!connected || !acquainted || learning || taking_back || sent.size() >= link_window) return;
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
  for (const auto& [sequence, readable] : rows) {
    if (!readable) {
      pass_over_damaged(sequence);
      break;
    }
    const auto& row = *readable;
    if (!understands(row.kind)) {
      take_back(sequence, row);
      break;
    }
    in_flight entry{sequence, row.kind};
    auto body = build(row, entry);
    if (!body) {
      if (body.error().code == domain::error_code::integrity) give_up_damaged(row);
      break;
    }
    const auto id = row.id.empty() ? domain::make_ulid(with->with->now(), crypto::random_entropy()) : row.id;
    if (transmit(entry.kind.c_str(), sequence, id, std::move(*body)) != transport::sent::queued) break;
    if (sent.empty()) last_progress = time();
    sent.push_back(std::move(entry));
    sent_up_to = sequence;
  }
  with->with->metrics->outbox_in_flight(peer, sent.size());
}

// Read from the disk, not from memory: an acknowledgement may belong to a life before the last start.
domain::result<std::vector<storage::outbox_row>> link_state::unacknowledged_up_to(std::uint64_t sequence) const {
  auto snapshot = with->with->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  std::vector<storage::outbox_row> rows;
  const auto prefix = outbox_prefix(peer);
  auto walked =
      snapshot->scan(tables::outbox, prefix, prefix + storage::big_endian(mark.acknowledged),
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

// Cumulative: everything up to `sequence` is on the peer's disk.
void link_state::acknowledged(const std::string& epoch, std::uint64_t sequence, const std::optional<std::string>& id) {
  if (epoch != mark.epoch || sequence <= mark.acknowledged) return;
  if (!gave(sequence, id)) return begin_epoch();
  const auto rows = unacknowledged_up_to(sequence);
  if (!rows) return;
  mark.acknowledged = sequence;
  while (!sent.empty() && sent.front().sequence <= sequence) sent.pop_front();
  sent_up_to = std::max(sent_up_to, sequence);
  last_progress = time();
  for (const auto& row : *rows) {
    unsendable.erase(row.id);
    const auto* kind = with->with->registry.find_wire_kind(row.kind);
    if (kind == nullptr || kind->arrived == nullptr) continue;
    if (auto news = kind->arrived(row))
      self->request(with->node, commit_deadline, std::move(*news))
          .then([](const outcome&) {}, [](const caf::error&) {});
  }
  store_mark();
  pump();
}

// The peer has applied what this outbox never gave: this node is an older copy of the one that did. Its numbers have
// been used before, so it counts in a new epoch from now on, beginning with what it knows no acknowledgement of.
void link_state::begin_epoch() {
  spdlog::warn("link {}: the peer knows envelopes that this node does not: an older copy of its data was put back",
               peer);
  with->with->metrics->resync("own_copy_is_older");
  mark.epoch = storage::new_epoch();
  rewind(mark.acknowledged);
  store_mark();
  say_hello({.resend = true, .answer = true});
}

// Sends again what comes after `sequence`.
void link_state::rewind(std::uint64_t sequence) {
  sent.clear();
  sent_up_to = std::max(sequence, lowest_held() - 1);
  last_progress = time();
  pump();
}

// What the peer says of our outbox.
void link_state::hear_received(const wire::hello& hello) {
  if (hello.received_epoch != mark.epoch) {
    // It will learn the epoch from our hello, and begins with what it has not acknowledged.
    if (hello.resend) rewind(mark.acknowledged);
    return;
  }
  if (!gave(hello.received, hello.received_id)) return begin_epoch();
  if (hello.received < mark.acknowledged) {
    spdlog::warn("link {}: the peer has forgotten envelopes {} to {}: they are sent again", peer, hello.received + 1,
                 mark.acknowledged);
    with->with->metrics->resync("peer_copy_is_older");
    mark.acknowledged = std::max(hello.received, lowest_held() - 1);
    store_mark();
    return rewind(hello.received);
  }
  acknowledged(hello.received_epoch, hello.received, hello.received_id);
  if (hello.resend) rewind(hello.received);
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
  if (time() - outbox_trimmed < outbox_trim_interval) return;
  outbox_trimmed = time();
  give_up_set_aside();
  const auto now = with->with->now();
  // Nothing is old while the clock is not to be believed.
  const bool all_stay = with->with->irrevocable_work_waits();
  const auto kept_since = all_stay ? domain::time_point::min() : now - with->with->policy.retention.after_dispatch;
  auto snapshot = with->with->store->read();
  if (!snapshot) return;
  storage::change_set changes;
  std::size_t count = 0;
  (void)snapshot->scan(tables::outbox, outbox_prefix(peer), {}, storage::direction::forward,
                       [&](std::string_view key, domain::result<storage::outbox_row>&& row) {
                         if (storage::trailing_number(key) > mark.acknowledged) return false;
                         if (!row) pass_over_damaged(storage::trailing_number(key));
                         if (!row) return false;  // it goes with the next batch
                         if (row->time >= kept_since) return false;
                         changes.erase(tables::outbox, std::string(key));
                         return ++count < outbox_trim_batch;
                       });
  count += trim_rejected(*snapshot, changes);
  if (count > 0) store_mark(std::move(changes));
  // The next batch at once, with the next tick.
  if (count >= outbox_trim_batch) outbox_trimmed = {};
}

}  // namespace elsec::actors
