#include "transport/outbox.hpp"

namespace elsec::transport {

sent outbox::probe_locked(std::string_view peer, std::size_t size_bytes) const {
  const auto found = queues_.find(peer);
  if (found == queues_.end()) return sent::unknown_peer;
  const auto& queue = found->second;
  if (!queue.connected) return sent::not_connected;
  const bool fits = queue.messages.size() < messages_max_ && size_bytes <= bytes_max_ - queue.bytes;
  return fits ? sent::queued : sent::full;
}

sent outbox::probe(std::string_view peer, std::size_t size_bytes) const {
  const std::lock_guard lock(mutex_);
  return probe_locked(peer, size_bytes);
}

sent outbox::push(std::string_view peer, parcel message) {
  const std::lock_guard lock(mutex_);
  const auto size_bytes = message.size_bytes();
  if (const auto verdict = probe_locked(peer, size_bytes); verdict != sent::queued) return verdict;
  auto& queue = queues_.find(peer)->second;
  queue.messages.push_back(std::move(message));
  queue.bytes += size_bytes;
  return sent::queued;
}

std::optional<parcel> outbox::pop(std::string_view peer) {
  const std::lock_guard lock(mutex_);
  const auto found = queues_.find(peer);
  if (found == queues_.end() || found->second.messages.empty()) return std::nullopt;
  auto& queue = found->second;
  std::optional<parcel> message(std::move(queue.messages.front()));
  queue.messages.pop_front();
  queue.bytes -= message->size_bytes();
  return message;
}

bool outbox::has_messages_for(std::string_view peer) const {
  const std::lock_guard lock(mutex_);
  const auto found = queues_.find(peer);
  return found != queues_.end() && !found->second.messages.empty();
}

void outbox::keep_only(const roster& list) {
  const std::lock_guard lock(mutex_);
  std::erase_if(queues_, [&](const auto& entry) { return !list.knows(entry.first); });
  for (const auto& [name, entry] : list.peers()) queues_.try_emplace(name);
}

void outbox::set_connected(std::string_view peer, bool connected) {
  const std::lock_guard lock(mutex_);
  if (const auto found = queues_.find(peer); found != queues_.end()) found->second.connected = connected;
}

}  // namespace elsec::transport
