#pragma once
// Making receipts (G1): signed by this node, chained, and put into the change set of what they state.

#include "decisions/services.hpp"
#include "domain/dispatch.hpp"
#include "domain/receipt.hpp"

#include <optional>
#include <string>

namespace elsec::decisions {

// A receipt about a document outside any dispatch (`uploaded`) or about a recipient's copy. Extends the document's own
// chain.
domain::receipt add_receipt(storage::change_set& changes, const services& with, const domain::organisation_id& of,
                            domain::document_row& document, domain::receipt_kind kind);

// A receipt of a dispatch. Extends its chain; `statement` embeds the other node's signed one.
domain::receipt add_receipt(storage::change_set& changes, const services& with, const domain::organisation_id& of,
                            domain::dispatch_row& dispatch, const std::string& sha256, domain::receipt_kind kind,
                            std::optional<std::string> statement = {});

// The digest of its document as the dispatch's first receipt states it, for when the document itself cannot be read.
[[nodiscard]] domain::result<std::string> digest_in_receipts(const storage::snapshot& read,
                                                             const domain::organisation_id& of,
                                                             const domain::dispatch_row& dispatch);

// The peer's receipt inside a statement, if it is signed by that peer and speaks of this dispatch, these bytes and this
// happening.
[[nodiscard]] domain::result<domain::receipt_statement> verify_statement(const services& with, const std::string& peer,
                                                                         const std::string& jws,
                                                                         const domain::dispatch_id& dispatch,
                                                                         const std::string& sha256,
                                                                         domain::receipt_kind kind);

}  // namespace elsec::decisions
