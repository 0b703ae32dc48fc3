#include "actors/janitor.hpp"

#include "actors/content_writer.hpp"
#include "decisions/deadlines.hpp"
#include "decisions/rows.hpp"

#include <spdlog/spdlog.h>

#include <exception>
#include <set>

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

// Contents of transfers that will go on where they stopped.
domain::result<std::set<crypto::content_id>> contents_in_transfer(const services& with,
                                                                  const storage::snapshot& snapshot) {
  std::set<crypto::content_id> contents;
  auto walked =
      snapshot.scan(tables::inbound, {}, {}, direction::forward, [&](std::string_view, storage::inbound_row&& row) {
        const auto* kind = with.registry.find_wire_kind(row.kind);
        if (kind == nullptr || !kind->by_transfer) return true;
        if (const auto body = codec::from_cbor<wire::announcement>(row.body))
          for (const auto& file : body->files) contents.insert(file.content);
        return true;
      });
  if (!walked) return std::unexpected(walked.error());
  return contents;
}

struct unheld_content {
  crypto::content_id content;
  content_board::hold hold;
};

// Pending contents that nobody works on any more, behind `looked_at`, which moves on.
std::vector<unheld_content> take_pending(const services& with, std::optional<crypto::content_id>& looked_at) {
  const auto pending = with.content->list_pending(janitor_batch, looked_at);
  if (!pending) {
    spdlog::error("janitor: no content is freed: {}", pending.error().detail);
    return {};
  }
  looked_at = pending->size() < janitor_batch ? std::nullopt : std::optional(pending->back());
  std::vector<unheld_content> unheld;
  for (const auto& content : *pending)
    if (auto hold = with.contents->free(content)) unheld.push_back({content, std::move(hold)});
  return unheld;
}

// A row that cannot be read, or of which no command can be made, keeps none of the others waiting.
domain::result<shared_command> command_of(const storage::snapshot& read, const std::string& key,
                                          const deadline_kind& kind) {
  const auto row = find_row(read, tables::due, key);
  if (!row) return std::unexpected(row.error());
  try {
    return kind.make(time_of_deadline(key, kind.name), *row);
  } catch (const std::exception& thrown) {
    return domain::fail(domain::error_code::internal, thrown.what());
  }
}

}  // namespace

void janitor_state::look_for_due() {
  for (const auto& kind : with->with->registry.deadline_kinds) look_for_due(kind);
}

// Rows whose time has come become commands, so many at once as their kind allows; whoever answers makes room for the
// next. A row that is still there after its command waits before it is tried again.
void janitor_state::look_for_due(const deadline_kind& kind) {
  auto snapshot = with->with->store->read();
  if (!snapshot) return;
  const auto now = with->with->now();
  if (kind.irrevocable && with->with->irrevocable_work_waits()) return;
  const auto& under_way_of_kind = by_kind[std::string(kind.name)];
  (void)snapshot->scan_keys(tables::due.name, deadline_prefix(kind.name), {}, direction::forward,
                            [&](std::string_view key) {
                              if (time_of_deadline(key, kind.name) > now || under_way_of_kind >= kind.at_once)
                                return false;
                              if (const std::string row(key); may_begin(row)) begin(*snapshot, row, kind);
                              return true;
                            });
}

bool janitor_state::may_begin(const std::string& row) const {
  if (under_way.contains(row)) return false;
  const auto waiting = retries.find(row);
  return waiting == retries.end() || self->clock().now() >= waiting->second.at;
}

void janitor_state::begin(const storage::snapshot& snapshot, const std::string& row, const deadline_kind& kind) {
  auto what = command_of(snapshot, row, kind);
  if (!what) {
    spdlog::error("janitor: a deadline of kind {} comes to nothing: {}", kind.name, what.error().detail);
    return try_again_later(row);
  }
  under_way.insert(row);
  ++by_kind[std::string(kind.name)];
  self->request(with->node, commit_deadline, std::move(*what))
      .then([this, row, name = std::string(kind.name)](const outcome& result) { ended(row, name, result.has_value()); },
            [this, row, name = std::string(kind.name)](const caf::error&) { ended(row, name, false); });
}

void janitor_state::ended(const std::string& row, const std::string& kind, bool met) {
  under_way.erase(row);
  // There may be more than were begun. Not after each one: looking costs the walk over those under way.
  const auto* known = with->with->registry.find_deadline_kind(kind);
  const auto left = --by_kind[kind];
  if (known != nullptr && (left == 0 || left == known->at_once / 2)) self->send(self, wake_atom_v);
  if (!met) spdlog::warn("janitor: a deadline of kind {} could not be met; it is tried again", kind);
  if (is_gone(row))
    retries.erase(row);
  else
    try_again_later(row);
}

void janitor_state::try_again_later(const std::string& row) {
  auto& again = retries[row];
  again.wait = again.wait.count() == 0 ? std::chrono::milliseconds(due_retry_first)
                                       : std::min<std::chrono::milliseconds>(2 * again.wait, due_retry_max);
  again.at = self->clock().now() + again.wait;
}

bool janitor_state::is_gone(const std::string& row) const {
  auto snapshot = with->with->store->read();
  if (!snapshot) return false;
  const auto there = snapshot->contains(tables::due.name, row);
  return there && !*there;
}

void janitor_state::tick() {
  with->with->store->check_readers();
  with->with->content->check_readers();
  std::erase_if(retries, [&](const auto& entry) { return is_gone(entry.first); });
  (void)with->with->irrevocable_work_waits();  // a jump is noticed also while there is no such work
  look_for_due();
  free_contents();
  self->delayed_send(self, janitor_tick, tick_atom_v);
}

// A content is pending from its first chunk until its record is on disk; what a crash or a refused transfer left behind
// is freed. They are taken before the snapshot is: whoever let go of one has its record on disk by then, and nobody
// begins to work on one that is taken. Whatever cannot be read frees nothing.
void janitor_state::free_contents() {
  const auto unheld = take_pending(*with->with, looked_at);
  if (unheld.empty()) return;
  auto snapshot = with->with->store->read();
  if (!snapshot) return;
  const auto in_transfer = contents_in_transfer(*with->with, *snapshot);
  if (!in_transfer) return spdlog::error("janitor: no content is freed: {}", in_transfer.error().detail);
  for (const auto& [content, hold] : unheld) {
    const auto held = is_held(*snapshot, content);
    if (!held) return spdlog::error("janitor: no content is freed: {}", held.error().detail);
    if (*held)
      write_content(work_to_settle(content), hold);
    else if (!in_transfer->contains(content))
      for (auto& work : work_to_free(*with->with->content, content)) write_content(std::move(work), hold);
  }
}

// The content stays taken until that is on disk.
void janitor_state::write_content(shared_content_work work, content_board::hold hold) {
  self->request(with->content_writer, no_deadline, std::move(work))
      .then([hold](const content_result&) {}, [hold](const caf::error&) {});
}

janitor_actor::behavior_type janitor(janitor_actor::stateful_pointer<janitor_state> self, shared_context with) {
  self->state.with = std::move(with);
  self->state.tick();
  return {
      [self](tick_atom) { self->state.tick(); },
      [self](wake_atom) { self->state.look_for_due(); },
      [self](stop_atom) { self->quit(); },
  };
}

}  // namespace elsec::actors
