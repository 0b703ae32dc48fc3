#include "actors/janitor.hpp"

#include "actors/content_writer.hpp"
#include "decisions/deadlines.hpp"
#include "decisions/rows.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <set>
#include <utility>

namespace elsec::actors {

namespace tables = storage::tables;
using storage::direction;

namespace {

domain::result<bool> is_held(const storage::snapshot& snapshot, const crypto::content_id& content) {
  bool held = false;
  const std::string prefix(content.begin(), content.end());
  auto walked = snapshot.scan_keys(tables::content_holders.name, prefix, {}, direction::forward, [&](std::string_view) {
    held = true;
    return false;
  });
  if (!walked) return std::unexpected(walked.error());
  return held;
}

// Contents of transfers that will go on where they stopped. One of a peer with a link that cannot be read is an error
// until the link has had it sent again; that of a peer that is none any more never goes on.
domain::result<std::set<crypto::content_id>> contents_in_transfer(const context& with,
                                                                  const storage::snapshot& snapshot) {
  std::set<crypto::content_id> contents;
  std::optional<domain::error> damage;
  auto walked = snapshot.scan(tables::inbound, {}, {}, direction::forward,
                              [&](std::string_view key, domain::result<storage::inbound_row>&& row) {
                                const bool has_link = with.links.contains(std::string(key.substr(0, key.find('\0'))));
                                if (!row && has_link) damage = std::move(row.error());
                                if (!row) return !damage;
                                const auto* kind = with.with->registry.find_wire_kind(row->kind);
                                if (kind == nullptr || !kind->by_transfer) return true;
                                if (const auto body = codec::from_cbor<wire::announcement>(row->body))
                                  for (const auto& file : body->files) contents.insert(file.content);
                                return true;
                              });
  if (damage) return std::unexpected(std::move(*damage));
  if (!walked) return std::unexpected(walked.error());
  return contents;
}

struct unheld_content {
  crypto::content_id content;
  content_board::hold hold;
};

// Pending contents that nobody works on any more, behind `looked_at`, which moves on.
domain::result<std::vector<unheld_content>> take_pending(const services& with,
                                                         std::optional<crypto::content_id>& looked_at) {
  const auto pending = with.content->list_pending(janitor_batch, looked_at);
  if (!pending) return std::unexpected(pending.error());
  looked_at = pending->size() < janitor_batch ? std::nullopt : std::optional(pending->back());
  std::vector<unheld_content> unheld;
  for (const auto& content : *pending)
    if (auto hold = with.contents->free(content)) unheld.push_back({content, std::move(hold)});
  return unheld;
}

// Organisations take turns: each has a share of what is under way.
bool in_turns(const deadline_kind& kind) { return kind.at_once_each < kind.at_once; }

// The key of a row that cannot be read says enough.
domain::result<due_deadline> read_due(const storage::snapshot& read, const std::string& key,
                                      const deadline_kind& kind) {
  auto row = find_row(read, tables::due, key);
  if (!row && row.error().code == domain::error_code::integrity) row = deadline_in(key, kind.name);
  if (!row) return std::unexpected(row.error());
  return due_deadline{time_of_deadline(key, kind.name), std::move(*row)};
}

// A row of which no command can be made keeps none of the others waiting.
domain::result<shared_command> command_of(const storage::snapshot& read, const std::vector<std::string>& keys,
                                          const deadline_kind& kind) {
  std::vector<due_deadline> due;
  for (const auto& key : keys) {
    auto one = read_due(read, key, kind);
    if (!one) return std::unexpected(std::move(one.error()));
    due.push_back(std::move(*one));
  }
  try {
    return due.size() == 1 ? kind.make(due.front().at, due.front().row) : kind.make_together(due);
  } catch (const std::exception& thrown) {
    return domain::fail(domain::error_code::internal, thrown.what());
  }
}

// Nothing is wrong with what was asked, only with the moment.
bool may_pass(domain::error_code code) {
  using enum domain::error_code;
  return code == overloaded || code == timed_out || code == io || code == storage_full;
}

bool is_gone(const storage::snapshot& snapshot, const std::string& row) {
  const auto there = snapshot.contains(tables::due.name, row);
  return there && !*there;
}

}  // namespace

void janitor_state::wake() { look_soon(due_look_interval); }

// Not sooner than so long after the last look.
void janitor_state::look_soon(std::chrono::steady_clock::duration apart) {
  if (std::exchange(look_asked, true)) return;
  const auto wait = last_look + std::max(apart, due_look_rest * last_look_took) - self->clock().now();
  if (wait.count() > 0)
    self->delayed_send(self, wait, start_atom_v);
  else
    self->send(self, start_atom_v);
}

void janitor_state::look_for_due() {
  look_asked = false;
  const auto begun = self->clock().now();
  for (const auto& kind : with->with->registry.deadline_kinds) {
    look_for_due(kind);
    if (by_kind[std::string(kind.name)].misdated) look_for_misdated(kind);
  }
  last_look = self->clock().now();
  last_look_took = last_look - begun;
}

// Rows whose time has come become commands, so many at once as their kind allows; whoever answers makes room for the
// next. A row that is still there after its command waits before it is tried again.
void janitor_state::look_for_due(const deadline_kind& kind) {
  if (is_full(kind)) return;
  auto snapshot = with->with->store->read();
  if (!snapshot) return;
  const auto now = with->with->now();
  if (kind.irrevocable && with->with->irrevocable_work_waits()) return;
  const auto turn = by_kind[std::string(kind.name)].turn;
  const auto begin_beyond = [&](const std::string& after) {
    return kind.make_together == nullptr ? begin_due(*snapshot, kind, now, after)
                                         : begin_together(*snapshot, kind, now, after);
  };
  const bool saw_all = begin_beyond(turn);
  if (saw_all && !turn.empty()) (void)begin_beyond({});
}

// In the order of their keys, beyond `after`. An organisation that has its share under way is passed over, however much
// it has due. False when so many were passed over that the next look goes on from there.
bool janitor_state::begin_due(const storage::snapshot& snapshot, const deadline_kind& kind, domain::time_point now,
                              std::string after) {
  for (std::size_t passed_over = 0; passed_over < due_passed_over_max; ++passed_over) {
    const auto from = std::exchange(after, {});
    (void)snapshot.scan_keys(tables::due.name, deadline_prefix(kind.name), from, direction::forward,
                             [&](std::string_view key) {
                               if (time_of_deadline(key, kind.name) > now || is_full(kind)) return false;
                               if (has_its_share(kind, organisation_of_deadline(key, kind.name))) {
                                 after = beyond_organisation(key, kind.name);
                                 return false;
                               }
                               if (const std::string row(key); may_begin(row)) begin(snapshot, {row}, kind);
                               return true;
                             });
    if (after.empty()) return true;
  }
  by_kind[std::string(kind.name)].turn = std::move(after);
  return false;
}

// The oldest of each organisation go together; one that was tried before goes alone, so that none keeps failing with
// those around it. Likewise false when there are more than one look takes.
bool janitor_state::begin_together(const storage::snapshot& snapshot, const deadline_kind& kind, domain::time_point now,
                                   const std::string& after) {
  std::vector<std::string> alone;
  std::map<std::string, std::vector<std::string>> together;  // by organisation
  std::string last;
  std::size_t looked = 0;
  (void)snapshot.scan_keys(tables::due.name, deadline_prefix(kind.name), after, direction::forward,
                           [&](std::string_view key) {
                             if (time_of_deadline(key, kind.name) > now) return false;
                             last = key;
                             const auto of = organisation_of_deadline(key, kind.name);
                             auto& rows = retries.contains(last) ? alone : together[of];
                             if (rows.size() < deadlines_together_max && may_begin(last)) rows.push_back(last);
                             return ++looked < deadlines_looked_at_max;
                           });
  for (const auto& row : alone) together[organisation_of_deadline(row, kind.name)] = {row};
  for (const auto& [of, rows] : together)
    if (!rows.empty() && !is_full(kind) && !has_its_share(kind, of) && !is_resting(std::string(kind.name), of))
      begin(snapshot, rows, kind);
  const bool saw_all = looked < deadlines_looked_at_max;
  by_kind[std::string(kind.name)].turn = saw_all ? std::string{} : last;
  return saw_all;
}

// Those that lie furthest ahead first, and not all of them: what is there in such numbers is dated well.
void janitor_state::look_for_misdated(const deadline_kind& kind) {
  if (kind.ahead_max == nullptr) return;
  auto snapshot = with->with->store->read();
  if (!snapshot) return;
  const auto now = with->with->now();
  if (kind.irrevocable && with->with->irrevocable_work_waits()) return;
  const auto ahead_max = kind.ahead_max(with->with->policy);
  std::size_t seen = 0;
  bool misdated = false;
  (void)snapshot->scan(tables::due, deadline_prefix(kind.name), {}, direction::backward,
                       [&](std::string_view key, domain::result<storage::deadline_row>&& readable) {
                         const auto due = readable ? std::move(*readable) : deadline_in(key, kind.name);
                         const auto at = time_of_deadline(key, kind.name);
                         if (at <= now || is_full(kind) || ++seen > misdated_looked_at_max) return false;
                         const std::string row(key);
                         if (!is_misdated(at, due, now, ahead_max) || !may_begin(row)) return true;
                         misdated = true;
                         if (!has_its_share(kind, due.organisation_id.str())) begin(*snapshot, {row}, kind);
                         return true;
                       });
  by_kind[std::string(kind.name)].misdated = misdated;
}

// Of those that were due from the moment they were set, nobody knows since when.
void janitor_state::tell_how_far_behind(const deadline_kind& kind) const {
  auto snapshot = with->with->store->read();
  if (!snapshot) return;
  const auto now = with->with->now();
  auto oldest = now;
  const auto from = storage::key_of(deadline_prefix(kind.name), storage::big_endian(0), '\xff');
  (void)snapshot->scan_keys(tables::due.name, deadline_prefix(kind.name), from, direction::forward,
                            [&](std::string_view key) {
                              oldest = std::min(now, time_of_deadline(key, kind.name));
                              return false;
                            });
  with->with->metrics->deadlines_behind(kind.name, now - oldest);
}

bool janitor_state::is_full(const deadline_kind& kind) const {
  const auto found = by_kind.find(kind.name);
  return found != by_kind.end() && found->second.commands >= kind.at_once;
}

bool janitor_state::has_its_share(const deadline_kind& kind, const std::string& organisation) const {
  const auto found = by_kind.find(kind.name);
  if (found == by_kind.end()) return false;
  const auto share = found->second.of_organisation.find(organisation);
  return share != found->second.of_organisation.end() && share->second >= kind.at_once_each;
}

bool janitor_state::may_begin(const std::string& row) const {
  if (under_way.contains(row)) return false;
  const auto waiting = retries.find(row);
  return waiting == retries.end() || self->clock().now() >= waiting->second.at;
}

void janitor_state::begin(const storage::snapshot& snapshot, const std::vector<std::string>& rows,
                          const deadline_kind& kind) {
  auto what = command_of(snapshot, rows, kind);
  if (!what) {
    spdlog::error("janitor: {} deadlines of kind {} come to nothing: {}", rows.size(), kind.name, what.error().detail);
    for (const auto& row : rows) try_again_later(row);
    return;
  }
  under_way.insert(rows.begin(), rows.end());
  auto& busy_with = by_kind[std::string(kind.name)];
  ++busy_with.commands;
  ++busy_with.of_organisation[organisation_of_deadline(rows.front(), kind.name)];
  if (in_turns(kind)) busy_with.turn = beyond_organisation(rows.front(), kind.name);
  self->request(with->node, kind.patience, std::move(*what))
      .then(
          [this, rows, name = std::string(kind.name)](const outcome& result) {
            ended(rows, name, result ? std::nullopt : std::optional(result.error().code));
          },
          [this, rows, name = std::string(kind.name)](const caf::error&) {
            ended(rows, name, domain::error_code::timed_out);
          });
}

void janitor_state::ended(const std::vector<std::string>& rows, const std::string& kind,
                          std::optional<domain::error_code> failed) {
  for (const auto& row : rows) under_way.erase(row);
  auto& busy_with = by_kind[kind];
  const auto left = --busy_with.commands;
  const auto organisation = organisation_of_deadline(rows.front(), kind);
  if (--busy_with.of_organisation[organisation] == 0) busy_with.of_organisation.erase(organisation);
  // There may be more than were begun. Not after each one, as looking costs the walk over those under way; but where
  // organisations take turns, the next one's turn has come.
  const auto* known = with->with->registry.find_deadline_kind(kind);
  if (known != nullptr && (in_turns(*known) || left == 0 || left == known->at_once / 2)) look_soon({});
  if (failed) spdlog::warn("janitor: a deadline of kind {} could not be met; it is tried again", kind);
  if (!failed) resting.erase(storage::key_of(kind, '\0', organisation));
  if (failed && rows.size() > 1 && may_pass(*failed)) return rest(kind, organisation);
  const auto snapshot = with->with->store->read();
  for (const auto& row : rows)
    if (snapshot && is_gone(*snapshot, row))
      retries.erase(row);
    else
      try_again_later(row);
}

void janitor_state::try_again_later(const std::string& row) { put_off(retries[row]); }

// It is not for its rows that they were not met: they stay together.
void janitor_state::rest(const std::string& kind, const std::string& organisation) {
  put_off(resting[storage::key_of(kind, '\0', organisation)]);
}

bool janitor_state::is_resting(const std::string& kind, const std::string& organisation) const {
  const auto found = resting.find(storage::key_of(kind, '\0', organisation));
  return found != resting.end() && self->clock().now() < found->second.at;
}

void janitor_state::put_off(retry& again) const {
  again.wait = again.wait.count() == 0 ? std::chrono::milliseconds(due_retry_first)
                                       : std::min<std::chrono::milliseconds>(2 * again.wait, due_retry_max);
  again.at = self->clock().now() + again.wait;
}

void janitor_state::forget_retries() {
  const auto snapshot = with->with->store->read();
  if (snapshot) std::erase_if(retries, [&](const auto& entry) { return is_gone(*snapshot, entry.first); });
  const auto long_ago = self->clock().now() - due_retry_max;
  std::erase_if(resting, [&](const auto& entry) { return entry.second.at < long_ago; });
}

void janitor_state::tick() {
  with->with->store->check_readers();
  with->with->content->check_readers();
  forget_retries();
  (void)with->with->irrevocable_work_waits();  // a jump is noticed also while there is no such work
  look_for_due();
  for (const auto& kind : with->with->registry.deadline_kinds) {
    look_for_misdated(kind);
    tell_how_far_behind(kind);
  }
  if (freeing == 0) free_contents();
  look_after_damage();
  self->delayed_send(self, janitor_tick, tick_atom_v);
}

// What was damaged is forgotten after its term; nothing is old while the clock is not to be believed.
void janitor_state::look_after_damage() {
  auto snapshot = with->with->store->read();
  if (!snapshot) return;
  with->with->metrics->damaged_rows(snapshot->rows_of(tables::damaged.name).value_or(0));
  for (const auto& [table, reads] : with->with->store->damage_met()) with->with->metrics->damage_met(table, reads);
  if (with->with->irrevocable_work_waits()) return;
  const auto kept_since = with->with->now() - damaged_kept;
  storage::change_set changes;
  std::size_t count = 0;
  (void)snapshot->scan(tables::damaged, {}, {}, direction::forward,
                       [&](std::string_view key, domain::result<storage::damaged_row>&& row) {
                         if (row && row->at >= kept_since) return false;
                         if (const auto id = domain::damage_id::parse(key)) changes.forget_damaged(*id);
                         return ++count < janitor_batch;
                       });
  if (count == 0) return;
  self->request(with->writer, no_deadline, share(std::move(changes)))
      .then(
          [this, more = count == janitor_batch](const commit_result& forgotten) {
            if (forgotten && more) look_after_damage();
          },
          [](const caf::error&) {});
}

// A content is pending from its first chunk until its record is on disk; what a crash or a refused transfer left behind
// is freed, batch by batch.
void janitor_state::free_contents() {
  bool readable = true;
  for (int batches = 0; readable && freeing == 0 && batches < free_batches_max; ++batches) {
    readable = free_batch();
    if (!looked_at) return;
  }
}

// They are taken before the snapshot is: whoever let go of one has its record on disk by then, and nobody begins to
// work on one that is taken. Whatever cannot be read frees nothing; false.
bool janitor_state::free_batch() {
  const auto nothing_freed = [](const domain::error& why) {
    spdlog::error("janitor: no content is freed: {}", why.detail);
    return false;
  };
  const auto before = looked_at;
  const auto unheld = take_pending(*with->with, looked_at);
  if (!unheld) return nothing_freed(unheld.error());
  if (unheld->empty()) return true;
  auto snapshot = with->with->store->read();
  if (!snapshot) return false;
  const auto in_transfer = contents_in_transfer(*with, *snapshot);
  if (!in_transfer) return nothing_freed(in_transfer.error());
  auto last = before;
  for (const auto& [content, hold] : *unheld) {
    if (freeing >= freeing_works_max) {
      looked_at = last;  // the others when these are on disk
      return true;
    }
    const auto held = is_held(*snapshot, content);
    if (!held) return nothing_freed(held.error());
    if (*held)
      write_content(work_to_settle(content), hold);
    else if (!in_transfer->contains(content))
      for (auto& work : work_to_free(*with->with->content, content)) write_content(std::move(work), hold);
    last = content;
  }
  return true;
}

// The content stays taken until that is on disk.
void janitor_state::write_content(shared_content_work work, content_board::hold hold) {
  ++freeing;
  self->request(with->content_writer, no_deadline, std::move(work))
      .then([this, hold](const content_result&) { content_written(); },
            [this, hold](const caf::error&) { content_written(); });
}

void janitor_state::content_written() {
  if (--freeing == 0 && looked_at) free_contents();
}

janitor_actor::behavior_type janitor(janitor_actor::stateful_pointer<janitor_state> self, shared_context with) {
  self->state.with = std::move(with);
  self->state.tick();
  return {
      [self](tick_atom) { self->state.tick(); },
      [self](wake_atom) { self->state.wake(); },
      [self](start_atom) { self->state.look_for_due(); },
      [self](stop_atom) { self->quit(); },
  };
}

}  // namespace elsec::actors
