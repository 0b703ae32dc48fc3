#include "transport/outbox.hpp"

#include "transport/limits.hpp"

#include <algorithm>
#include <utility>

namespace elsec::transport {

bool outbox::peer_queue::holds(std::string_view id) const {
  return std::ranges::any_of(giving_way, [&](const parcel& waiting) { return waiting.gives_way_as == id; });
}

// The first that gives way is taken whatever half of the room is, so that one of any size gets through.
sent outbox::probe_locked(std::string_view peer, std::size_t size_bytes, bool gives_way) const {
  const auto found = queues_.find(peer);
  if (found == queues_.end()) return sent::unknown_peer;
  const auto& queue = found->second;
  if (!queue.connected) return sent::not_connected;
  const auto count = queue.messages.size() + queue.giving_way.size();
  const bool in_its_half =
      !gives_way || queue.giving_way.empty() ||
      (queue.giving_way.size() < messages_max_ / 2 && queue.giving_way_bytes + size_bytes <= bytes_max_ / 2);
  const bool fits = in_its_half && count < messages_max_ && size_bytes <= bytes_max_ - queue.bytes;
  return fits ? sent::queued : sent::full;
}

sent outbox::probe(std::string_view peer, std::size_t size_bytes, bool gives_way) const {
  const std::lock_guard lock(mutex_);
  return probe_locked(peer, size_bytes, gives_way);
}

bool outbox::holds(std::string_view peer, std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = queues_.find(peer);
  return found != queues_.end() && found->second.holds(id);
}

sent outbox::push(std::string_view peer, parcel message) {
  const std::lock_guard lock(mutex_);
  const auto size_bytes = message.size_bytes();
  const bool gives_way = !message.gives_way_as.empty();
  const auto found = queues_.find(peer);
  if (gives_way && found != queues_.end() && found->second.holds(message.gives_way_as)) return sent::queued;
  if (const auto verdict = probe_locked(peer, size_bytes, gives_way); verdict != sent::queued) return verdict;
  auto& queue = found->second;
  (gives_way ? queue.giving_way : queue.messages).push_back(std::move(message));
  queue.bytes += size_bytes;
  if (gives_way) queue.giving_way_bytes += size_bytes;
  return sent::queued;
}

std::optional<parcel> outbox::pop(std::string_view peer) {
  const std::lock_guard lock(mutex_);
  const auto found = queues_.find(peer);
  if (found == queues_.end() || found->second.empty()) return std::nullopt;
  auto& queue = found->second;
  const bool its_turn = queue.messages.empty() || (!queue.giving_way.empty() && queue.passed >= passes_max);
  queue.passed = its_turn || queue.giving_way.empty() ? 0 : queue.passed + 1;
  auto& from = its_turn ? queue.giving_way : queue.messages;
  std::optional<parcel> message(std::move(from.front()));
  from.pop_front();
  queue.bytes -= message->size_bytes();
  if (its_turn) queue.giving_way_bytes -= message->size_bytes();
  return message;
}

bool outbox::has_messages_for(std::string_view peer) const {
  const std::lock_guard lock(mutex_);
  const auto found = queues_.find(peer);
  return found != queues_.end() && !found->second.empty();
}

void outbox::keep_only(const roster& list) {
  const std::lock_guard lock(mutex_);
  std::erase_if(queues_, [&](const auto& entry) { return !list.knows(entry.first); });
  for (const auto& [name, entry] : list.peers()) queues_.try_emplace(name);
}

void outbox::set_connected(std::string_view peer, bool connected) {
  const std::lock_guard lock(mutex_);
  const auto found = queues_.find(peer);
  if (found == queues_.end()) return;
  auto& queue = found->second;
  queue.connected = connected;
  if (connected) return;
  queue.bytes -= std::exchange(queue.giving_way_bytes, 0);
  queue.giving_way.clear();
}

}  // namespace elsec::transport
