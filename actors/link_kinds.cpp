// What the peer understands, as its hello says, and the envelopes of ours that wait until it understands them.

#include "actors/link.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace elsec::actors {

namespace tables = storage::tables;

namespace {

std::string rows_of_peer(const std::string& peer) { return storage::key_of(peer, '\0'); }

std::string set_aside_prefix(const std::string& peer, const std::string& kind) {
  return storage::key_of(peer, '\0', kind, '\0');
}

// Their prefix and kind: what all keys of a kind have in common.
std::string_view without_position(std::string_view key) { return key.substr(0, key.size() - storage::number_bytes); }

}  // namespace

void link_state::recall_kinds(const storage::snapshot& snapshot) {
  const auto prefix = rows_of_peer(peer);
  const auto walked = snapshot.scan(tables::peer_kinds, prefix, {}, storage::direction::forward,
                                    [&](std::string_view key, domain::result<storage::peer_kind_row>&& row) {
                                      // One that is damaged is not understood until the peer names it again.
                                      if (row) understood.emplace(key.substr(prefix.size()), std::move(row->fields));
                                      return true;
                                    });
  if (!walked) spdlog::error("link {}: what the peer understands cannot be read: {}", peer, walked.error().detail);
}

void link_state::hear_kinds(const wire::hello& hello) {
  std::map<std::string, std::vector<std::string>> told;
  for (const auto& one : hello.kinds)
    for (auto& fields = told[one.kind.str()]; const auto& field : one.fields) fields.push_back(field.str());
  if (learning || told == understood || time() - learned < link_learn_interval) return;
  storage::change_set changes;
  for (const auto& [kind, fields] : told) changes.put(tables::peer_kinds, rows_of_peer(peer) + kind, {fields});
  for (const auto& [kind, fields] : understood)
    if (!told.contains(kind)) changes.erase(tables::peer_kinds, rows_of_peer(peer) + kind);
  learning = true;
  self->request(with->writer, no_deadline, share(std::move(changes)))
      .then(
          [this, told = std::move(told)](const commit_result& result) mutable {
            learning = false;
            if (!result) return;  // the next hello says it again
            learned = time();
            understood = std::move(told);
            name_what_is_missing();
            send_set_aside();
            pump();
          },
          [this](const caf::error&) { learning = false; });
}

void link_state::name_what_is_missing() const {
  for (const auto& own : with->with->registry.understood()) {
    const auto known = understood.find(own.kind.str());
    if (known == understood.end()) {
      spdlog::warn("link {}: the peer does not understand {} yet; what is for it waits", peer, own.kind.str());
      continue;
    }
    for (const auto& field : own.fields)
      if (std::ranges::find(known->second, field.str()) == known->second.end())
        spdlog::warn("link {}: the peer does not know the field {} of {} yet", peer, field.str(), own.kind.str());
  }
}

bool link_state::understands(const std::string& kind) const {
  const auto* known = with->with->registry.find_wire_kind(kind);
  return is_self || known == nullptr || known->in_every_version || understood.contains(kind);
}

// The peer went back to an older version after the envelope had its number: that goes with nothing in it.
void link_state::take_back(std::uint64_t sequence, const storage::outbox_row& row) {
  storage::change_set changes;
  auto again = row;
  again.id = new_id();
  changes.send(peer, std::move(again), storage::change_set::reader::whoever_understands);
  put_nothing_for(sequence, row, std::move(changes));
}

// A batch in each commit; those that are set aside meanwhile come behind, because others of their kind still wait. Each
// goes under a new id: in another life of this node the old one may get the same number behind other envelopes.
void link_state::send_set_aside() {
  if (sending_set_aside || !acquainted) return;
  auto snapshot = with->with->store->read();
  if (!snapshot) return;
  storage::change_set changes;
  std::size_t count = 0;
  for (const auto& [kind, fields] : understood)
    (void)snapshot->scan(tables::set_aside, set_aside_prefix(peer, kind), {}, storage::direction::forward,
                         [&](std::string_view key, domain::result<storage::outbox_row>&& row) {
                           if (count >= outbox_trim_batch) return false;
                           if (!row) drop_damaged_aside(std::string(key));
                           if (!row || giving_up.contains(std::string(key))) return true;
                           row->id = new_id();
                           changes.send_set_aside(peer, std::string(key), std::move(*row));
                           return ++count < outbox_trim_batch;
                         });
  if (count == 0) return;
  sending_set_aside = true;
  self->request(with->writer, no_deadline, share(std::move(changes)))
      .then(
          [this](const commit_result& result) {
            sending_set_aside = false;
            if (!result) return;  // the next tick tries again
            pump();
            send_set_aside();
          },
          [this](const caf::error&) { sending_set_aside = false; });
}

// What is too old, or more than a peer may have: of each kind the oldest first.
void link_state::give_up_set_aside() {
  if (sending_set_aside) return;
  auto snapshot = with->with->store->read();
  if (!snapshot) return;
  std::vector<std::string> keys;
  (void)snapshot->scan_keys(tables::set_aside.name, rows_of_peer(peer), {}, storage::direction::forward,
                            [&](std::string_view key) {
                              keys.emplace_back(key);
                              return true;
                            });
  with->with->metrics->set_aside(peer, keys.size());
  // Nothing is old while the clock is not to be believed.
  const auto kept_since =
      with->with->irrevocable_work_waits() ? domain::time_point::min() : with->with->now() - set_aside_kept;
  auto excess = keys.size() - std::min(keys.size(), set_aside_rows_max);
  std::string young;  // the kind whose oldest row is not too old
  for (const auto& key : keys) {
    if (giving_up.size() >= link_window) {
      outbox_trimmed = {};  // the next batch with the next tick
      return;
    }
    if (excess == 0 && without_position(key) == young) continue;
    const auto row = snapshot->get(tables::set_aside, key);
    if (!row && row.error().code == domain::error_code::integrity) drop_damaged_aside(key);
    if (!row || !*row) continue;
    if (excess > 0)
      --excess;
    else if ((*row)->time >= kept_since) {
      young = without_position(key);
      continue;
    }
    give_up(key, **row);
  }
}

void link_state::give_up(const std::string& key, const storage::outbox_row& row) {
  if (!giving_up.insert(key).second) return;
  const auto* kind = with->with->registry.find_wire_kind(row.kind);
  auto command = kind != nullptr && kind->given_up != nullptr ? kind->given_up({.peer = peer, .key = key, .what = row})
                                                              : domain::result<shared_command>(nullptr);
  if (!command || !*command) return drop_set_aside(key, row.kind);
  self->request(with->node, commit_deadline, std::move(*command))
      .then(
          [this, key, kind_name = row.kind](const outcome& result) {
            // Whoever it was about is gone: nobody is left to be told.
            if (!result && result.error().code == domain::error_code::not_found) return drop_set_aside(key, kind_name);
            gave_up(key, kind_name, result.has_value());
          },
          [this, key](const caf::error&) { giving_up.erase(key); });
}

void link_state::drop_set_aside(const std::string& key, const std::string& kind) {
  storage::change_set changes;
  changes.give_up_set_aside(peer, key, {.kind = kind, .id = {}, .body = {}});
  self->request(with->writer, no_deadline, share(std::move(changes)))
      .then([this, key, kind](const commit_result& result) { gave_up(key, kind, result.has_value()); },
            [this, key](const caf::error&) { giving_up.erase(key); });
}

void link_state::gave_up(const std::string& key, const std::string& kind, bool is_gone) {
  giving_up.erase(key);
  if (!is_gone) return;
  spdlog::warn("link {}: an envelope of kind {} was given up: the peer has not understood it in time", peer, kind);
  with->with->metrics->envelope_given_up(peer);
}

}  // namespace elsec::actors
