#include "tests/simulation/network.hpp"

namespace elsec::simulation {

void network::join(const std::string& node, mouth what) {
  for (const auto& [other, unused] : nodes_) {
    connect_later({node, other});
    connect_later({other, node});
  }
  nodes_.emplace(node, std::move(what));
}

void network::leave(const std::string& node) {
  nodes_.erase(node);
  for (auto& [which, state] : lines_)
    if (which.first == node || which.second == node) disconnect(which);
}

void network::connect_later(const pair& which) {
  const auto generation = ++lines_[which].generation;
  world_.after(world_.dice.between(1ms, 300ms), [this, which, generation] {
    auto& state = lines_[which];
    const bool both = nodes_.contains(which.first) && nodes_.contains(which.second);
    if (!both || state.cut || state.up || state.generation != generation) return;
    state.up = true;
    state.last_arrival = world_.now();
    nodes_.at(which.first).link_changed(which.second, true);
  });
}

void network::disconnect(const pair& which) {
  auto& state = lines_[which];
  ++state.generation;
  if (!std::exchange(state.up, false)) return;
  const auto node = nodes_.find(which.first);
  if (node != nodes_.end()) node->second.link_changed(which.second, false);
}

void network::cut(const std::string& one, const std::string& other) {
  for (const pair& which : {pair{one, other}, pair{other, one}}) {
    lines_[which].cut = true;
    disconnect(which);
  }
}

void network::heal(const std::string& one, const std::string& other) {
  for (const pair& which : {pair{one, other}, pair{other, one}})
    if (std::exchange(lines_[which].cut, false)) connect_later(which);
}

transport::sent network::send(const std::string& from, const std::string& to, const transport::envelope& envelope) {
  const pair which{from, to};
  if (!lines_[which].up) return transport::sent::not_connected;
  if (world_.dice.happens(quality.lost)) return transport::sent::queued;
  deliver_later(which, envelope);
  if (world_.dice.happens(quality.repeated)) deliver_later(which, envelope);
  return transport::sent::queued;
}

// Through the wire's own form: what the header cannot carry does not arrive.
void network::deliver_later(const pair& which, const transport::envelope& envelope) {
  auto& state = lines_[which];
  auto when = world_.now() + world_.dice.between(quality.delay_least, quality.delay_most);
  if (quality.in_order) when = std::max(when, state.last_arrival);
  state.last_arrival = std::max(when, state.last_arrival);
  auto header = transport::encode_header(envelope.header);
  world_.at(when, [this, which, generation = state.generation, header = std::move(header), body = envelope.body] {
    const auto receiver = nodes_.find(which.second);
    if (receiver == nodes_.end() || lines_[which].generation != generation) return;
    auto read = transport::decode_header(header);
    if (!read) throw broken{"an envelope's header cannot be read: " + read.error().detail};
    receiver->second.received({std::move(*read), body});
  });
}

}  // namespace elsec::simulation
