// Stored records, as they come out of the database.
#include "domain/access.hpp"
#include "domain/event.hpp"
#include "domain/letter.hpp"
#include "domain/receipt.hpp"
#include "fuzz/round_trip.hpp"
#include "storage/rows.hpp"

namespace elsec::fuzz {

// Records are added at the end: the corpus counts on their order.
void cbor(bytes_view input) {
  cbor_round_trip_of_one<domain::organisation, domain::declaration, domain::user_row, domain::credential_row,
                         domain::session_row, domain::api_token_row, domain::document_row, domain::dispatch_row,
                         domain::letter_row, domain::receipt, domain::event, domain::card_row, storage::nothing,
                         storage::number, storage::text_value, storage::tenant_key_row, storage::email_row,
                         storage::answer_row, storage::outbox_row, storage::peer_row, storage::inbound_row,
                         storage::owner_row, storage::audit_row, storage::outbox_mark, storage::deadline_row>(input);
}

}  // namespace elsec::fuzz
