#include "decisions/outbox.hpp"

#include "crypto/random.hpp"

namespace elsec::decisions {

storage::outbox_row outbox_row_of(const services& with, const char* kind, domain::bytes body) {
  const auto now = with.now();
  return {.kind = kind, .id = domain::make_ulid(now, crypto::random_entropy()), .time = now, .body = std::move(body)};
}

}  // namespace elsec::decisions
