#include "actors/content_writer.hpp"

#include "actors/limits.hpp"

#include <algorithm>

namespace elsec::actors {
namespace {

std::size_t bytes_of(const content_work& work) {
  std::size_t bytes = 0;
  for (const auto& change : work.changes)
    if (const auto* chunks = std::get_if<storage::store_chunks>(&change))
      for (const auto& chunk : chunks->chunks) bytes += chunk.size();
  return bytes;
}

// Nobody waits for it, and a start does it again by the record: so it joins the next commit, or those that come within
// settle_wait.
bool may_wait(const content_work& work) {
  const auto settles = [](const auto& change) { return std::holds_alternative<storage::settle_content>(change); };
  return work.new_slots == 0 && std::ranges::all_of(work.changes, settles);
}

std::vector<const storage::content_change*> changes_of(const content_work& work) {
  std::vector<const storage::content_change*> changes;
  for (const auto& change : work.changes) changes.push_back(&change);
  return changes;
}

}  // namespace

caf::typed_response_promise<content_result> content_writer_state::take(const shared_content_work& work) {
  auto promise = self->make_response_promise<content_result>();
  queued_bytes += bytes_of(*work);
  queue.push_back({work, promise});
  const bool wait = may_wait(*work);
  if (queue.size() >= group_change_sets_max || queued_bytes >= group_bytes_max) {
    flush();
  } else if (wait) {
    schedule_settling();
  } else if (!flush_queued) {
    flush_queued = true;
    self->send(self, flush_atom_v);
  }
  return promise;
}

// At most one flush for them is under way at a time.
void content_writer_state::schedule_settling() {
  const auto now = self->clock().now();
  if (now < settling_until) return;
  settling_until = now + settle_wait;
  self->delayed_send(self, settle_wait, flush_atom_v);
}

void content_writer_state::flush() {
  queued_bytes = 0;
  if (queue.empty()) return;
  auto group = std::exchange(queue, {});
  create_slots(group);
  commit(group);
}

void content_writer_state::create_slots(std::vector<waiting>& group) {
  bool created = false;
  for (auto& one : group) {
    for (std::uint32_t i = 0; i < one.work->new_slots; ++i) {
      auto slot = with->slots->create();
      if (!slot && slot.error().code != domain::error_code::storage_full)
        with->stop_process("slots: " + slot.error().detail);
      if (!slot) {
        one.refused = std::move(slot.error());
        break;
      }
      one.written.slots.push_back(std::move(*slot));
      created = true;
    }
  }
  if (!created) return;
  with->committing();
  if (auto synced = with->slots->sync(); !synced) with->stop_process("slots: " + synced.error().detail);
  with->committed();
}

// A refusal (no space) concerns the whole transaction: then each work is tried alone, so that small ones still pass.
void content_writer_state::commit(std::vector<waiting>& group) {
  std::vector<const storage::content_change*> all;
  for (const auto& one : group)
    if (!one.refused)
      for (const auto* change : changes_of(*one.work)) all.push_back(change);
  with->committing();
  const auto together = all.empty() ? domain::result<void>{} : with->content->commit(all);
  with->committed();
  for (auto& one : group) {
    if (one.refused) {
      one.promise.deliver(content_result(std::unexpected(std::move(*one.refused))));
      continue;
    }
    const bool alone = !together && group.size() > 1 && together.error().code != domain::error_code::io;
    auto result = alone ? with->content->commit(changes_of(*one.work)) : together;
    if (!result && result.error().code == domain::error_code::io)
      with->stop_process("content: " + result.error().detail);
    if (result)
      one.promise.deliver(content_result(std::move(one.written)));
    else
      one.promise.deliver(content_result(std::unexpected(result.error())));
  }
}

content_writer_actor::behavior_type content_writer(content_writer_actor::stateful_pointer<content_writer_state> self,
                                                   shared_services with) {
  self->state.with = std::move(with);
  return {
      [self](const shared_content_work& work) { return self->state.take(work); },
      [self](flush_atom) {
        self->state.flush_queued = false;
        self->state.flush();
      },
      [self](stop_atom) {
        self->state.flush();
        self->quit();
      },
  };
}

shared_content_work work_to_settle(const crypto::content_id& content) {
  return std::make_shared<const content_work>(
      content_work{.changes = {storage::settle_content{content}}, .new_slots = 0});
}

std::vector<shared_content_work> work_to_free(const storage::content_store& store, const crypto::content_id& content) {
  const auto stored = store.stored_chunks(content);
  const auto batches = 1 + stored.value_or(0) / storage::free_content{}.chunks_max;
  return {batches, std::make_shared<const content_work>(
                       content_work{.changes = {storage::free_content{.content = content}}, .new_slots = 0})};
}

}  // namespace elsec::actors
