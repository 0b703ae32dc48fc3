#pragma once
// A dispatch entering a state, as changes: its row, its receipt, its event, and what the state sets going.

#include "decisions/deadlines.hpp"
#include "domain/dispatch.hpp"
#include "domain/letter.hpp"

#include <optional>
#include <string>

namespace elsec::decisions {

// The kind of deadline that a dispatch has while its files wait for screening: at once, and again until they are
// through. Its object: document id, dispatch id.
inline constexpr std::string_view dispatch_waits = "dispatch_waits";

// The kind of deadline that a letter has until it is composed. Its object: document id, letter id.
inline constexpr std::string_view letter_to_compose = "letter_to_compose";

// The kind of deadline that an attachment has until its own row says that it was sent along. Its object: the
// attachment's document id, dispatch id.
inline constexpr std::string_view sent_along = "sent_along";

class dispatch_changes {
 public:
  // `document` is the dispatched document's row: its digest stands in the receipts.
  dispatch_changes(storage::change_set& changes, const services& with, const domain::organisation_id& of,
                   const domain::document_row& document)
      : changes_(changes), with_(with), of_(of), document_(document) {}

  // A new dispatch: receipt `accepted`, and on its way at once unless it waits for screening.
  void accept(domain::dispatch_row& row);
  // A file goes with this dispatch, and whatever others that were accepted together with it. Only the file's own actor
  // writes its row, so this says beside it what it has become; that actor takes it over right away.
  void send_along(const domain::document_row& file, const domain::dispatch_id& with_dispatch);
  // It waits for screening no longer.
  void end_waiting(domain::dispatch_row& row);
  // All its files are clean: the envelope into the outbox, or a letter.
  void set_going(domain::dispatch_row& row);
  // Something happened to it; false when it changes nothing. `statement` is the peer's signed one.
  bool happen(domain::dispatch_row& row, const domain::dispatch_happening& what,
              std::optional<std::string> statement = {});

 private:
  void go(domain::dispatch_row& row);
  // `before`: the state it has been listed by; none when it is new.
  void put(const domain::dispatch_row& row, std::optional<domain::dispatch_state> before);
  void publish(const domain::dispatch_row& row);
  void start_letter(domain::dispatch_row& row);
  void start_waiting(const domain::dispatch_row& row);
  [[nodiscard]] deadline waiting_of(const domain::dispatch_row& row) const;

  storage::change_set& changes_;
  const services& with_;
  const domain::organisation_id& of_;
  const domain::document_row& document_;
};

// The entries of tables::dispatches_by_state for a state begin so.
[[nodiscard]] std::string state_prefix(const domain::organisation_id& of, domain::dispatch_state state);

// An event about a letter.
[[nodiscard]] domain::event letter_event(const domain::letter_row& letter, domain::time_point now);

}  // namespace elsec::decisions
