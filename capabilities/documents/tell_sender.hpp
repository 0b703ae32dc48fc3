#pragma once
// What a recipient does with its copy has a receipt of its own, and is told to the sender.

#include "decisions/outbox.hpp"
#include "decisions/receipts.hpp"

namespace elsec::capabilities {

// Of an attachment there is the receipt alone: its dispatch speaks of the document it came with.
inline void note_and_tell(storage::change_set& changes, const services& with, const domain::organisation_id& of,
                          domain::document_row& copy, domain::receipt_kind kind, domain::wire::verdict verdict) {
  const auto receipt = add_receipt(changes, with, of, copy, kind);
  if (copy.attachment_of) return;
  const domain::wire::statement statement{.organisation = copy.from->organisation_id,
                                          .document = copy.origin_document,
                                          .dispatch = *copy.dispatch_id,
                                          .verdict = verdict,
                                          .jws = receipt.jws,
                                          .reason = {}};
  send_envelope(changes, with, copy.origin_node, domain::wire::kind_statement, codec::to_cbor(statement));
}

}  // namespace elsec::capabilities
