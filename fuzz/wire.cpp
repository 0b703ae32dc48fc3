// The bodies of envelopes, as another node may send them.
#include "domain/wire.hpp"

#include "fuzz/round_trip.hpp"

namespace elsec::fuzz {

// Bodies are added at the end: the corpus counts on their order.
void wire(bytes_view input) {
  namespace wire = domain::wire;
  cbor_round_trip_of_one<wire::dispatch, wire::statement, wire::hello, wire::ack, wire::chunks_wanted, wire::key_wanted,
                         wire::refusal, wire::cards_wanted, wire::cards, wire::dispatch_reference, wire::file,
                         wire::announcement, domain::letterhead>(input);
}

}  // namespace elsec::fuzz
