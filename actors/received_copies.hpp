#pragma once
// The recipient's side of a dispatch as changes: the copies, or the refusal.

#include "actors/messages.hpp"
#include "decisions/services.hpp"
#include "domain/wire.hpp"

namespace elsec::actors {

// What a peer announces keeps the rules of what a client may send; `invalid` with a sentence otherwise.
[[nodiscard]] domain::result<void> check_incoming(const wire::announcement& dispatch, std::uint64_t document_bytes_max);

// What travels with it, from the same envelope; `invalid` with a sentence when it breaks its limits.
[[nodiscard]] domain::result<domain::letterhead> read_letterhead(const domain::bytes& body);

// Only a sender's own home node may send in its name, and what the recipient sees of the sender is what its card says.
// `invalid` for another node's organisation; `overloaded` (try again) while the card has not arrived.
[[nodiscard]] domain::result<void> take_sender_from_card(const storage::snapshot& snapshot, const std::string& peer,
                                                         wire::announcement& dispatch);

// All files' bytes are on disk and checked: the copies with their keys under their own slots, inbox, event, receipt,
// statement to the sender, and the end of the inbound row. Inserting the dispatch a second time is a `conflict`.
[[nodiscard]] domain::result<storage::change_set> receive_copies(const services& with, const incoming_transfer& what,
                                                                 const wire::dispatch& dispatch,
                                                                 const std::vector<crypto::secret>& keys,
                                                                 const std::vector<crypto::slot>& slots);

// The statement that this dispatch will not be received, and the end of the inbound row.
void refuse_dispatch(storage::change_set& changes, const services& with, const incoming_transfer& what,
                     const wire::announcement& dispatch, const std::string& reason, bool letter_possible);

}  // namespace elsec::actors
