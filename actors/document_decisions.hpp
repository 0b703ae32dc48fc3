#pragma once
// What a document's commands and news come to: reads what is on disk, applies the domain's rules, and gives the change
// set. Pure of actors.

#include "actors/aggregate.hpp"

#include <optional>
#include <vector>

namespace elsec::actors {

[[nodiscard]] domain::result<decision<outcome>> decide_change(const services& with, const change_document& command);
[[nodiscard]] domain::result<decision<outcome>> decide_collection(const services& with,
                                                                  const collect_document& command);
[[nodiscard]] domain::result<decision<outcome>> decide_dispatch(const services& with, const dispatch_document& command);

// The document's row after the look at its file; its screening_due row goes.
[[nodiscard]] domain::result<decision<done>> decide_screening(const services& with, const file_screened& news);
// The documents with a dispatch that waits for this file's screening (this one, or those it is attached to).
[[nodiscard]] domain::result<std::vector<domain::document_id>> documents_waiting_for(const services& with,
                                                                                     const domain::organisation_id& of,
                                                                                     const domain::document_id& file);
// Waiting dispatches of this document whose files have all been screened: sent on, or failed. Nothing to do: nothing.
[[nodiscard]] domain::result<std::optional<storage::change_set>> decide_waiting_dispatches(
    const services& with, const domain::organisation_id& of, const domain::document_id& document);

[[nodiscard]] domain::result<decision<done>> decide_arrival(const services& with, const envelope_arrived& news);
[[nodiscard]] domain::result<decision<done>> decide_statement(const services& with, const peer_statement& news);
[[nodiscard]] domain::result<decision<done>> decide_letter_news(const services& with, const letter_news& news);

}  // namespace elsec::actors
