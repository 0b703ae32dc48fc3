#include "decisions/outbox.hpp"

#include "crypto/random.hpp"

namespace elsec::decisions {

void send_envelope(storage::change_set& changes, const services& with, const std::string& peer, const char* kind,
                   domain::bytes body) {
  using reader = storage::change_set::reader;
  const auto now = with.now();
  storage::outbox_row row{
      .kind = kind, .id = domain::make_ulid(now, crypto::random_entropy()), .time = now, .body = std::move(body)};
  const auto* known = with.registry.find_wire_kind(kind);
  const bool may_be_new = known != nullptr && !known->in_every_version && peer != with.node_name;
  changes.send(peer, std::move(row), may_be_new ? reader::whoever_understands : reader::every_node);
}

}  // namespace elsec::decisions
