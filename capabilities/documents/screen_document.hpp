#pragma once
// An uploaded file is to be looked at: clean, or quarantined with its findings. A look that failed says nothing about
// the file and is taken again later; only when none has come about for days, the file is quarantined for that.

#include "capabilities/route.hpp"
#include "decisions/deadlines.hpp"
#include "decisions/document_index.hpp"
#include "decisions/rows.hpp"

namespace elsec::capabilities {

struct screen_document : command {
  screen_document(domain::time_point set_for, storage::deadline_row from)
      : at(set_for),
        due(std::move(from)),
        document(domain::document_id::parse(due.object).value_or(domain::document_id{})) {}

  domain::time_point at;
  storage::deadline_row due;
  domain::document_id document;

  [[nodiscard]] subject whom() const override { return {due.organisation_id, document.str()}; }

  [[nodiscard]] domain::result<preparation> before(const services&) const override {
    return examine_file{due.organisation_id, document};
  }

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    auto row = find_document(given.read, due.organisation_id, document);
    if (!row && row.error().code != domain::error_code::not_found) return std::unexpected(row.error());
    ruling decided{.changes = storage::change_set{}};
    auto& changes = *decided.changes;
    if (row && still_waits(*row)) {
      const auto* seen = std::get_if<domain::result<file_examined>>(&given.done);
      const bool looked = seen != nullptr && seen->has_value();
      if (!looked && put_off(changes, at, due, given.now)) return decided;
      const auto before = listing_of(*row);
      note(*row, looked ? **seen : never_seen());
      put_document(changes, given.with, due.organisation_id, before, *row);
    }
    end_deadline(changes, {due.kind, at, due.organisation_id, due.object});
    // After the commit, so that what was accepted meanwhile is found, too.
    if (const auto next = given.with.registry.screening_ended)
      decided.notices.emplace_back(next(due.organisation_id, document));
    return decided;
  }

 private:
  [[nodiscard]] static bool still_waits(const domain::document_row& row) {
    return row.screening == domain::screening::pending && row.state != domain::document_state::closed;
  }
  [[nodiscard]] static file_examined never_seen() {
    return {.quarantine = {{"unreadable", "the file could not be examined"}}};
  }
  static void note(domain::document_row& row, const file_examined& seen) {
    if (seen.pages > 0) row.pages = seen.pages;
    if (!seen.detected_type.empty()) row.detected_type = seen.detected_type;
    row.screening = seen.quarantine.empty() ? domain::screening::clean : domain::screening::quarantined;
    if (seen.quarantine.empty()) return;
    row.findings = seen.quarantine;
    row.state = domain::document_state::quarantined;
  }
};

[[nodiscard]] inline deadline_kind screening_kind() {
  return {.name = file_to_screen,
          .make = &make_deadline_command<screen_document>,
          .at_once = helped_at_once,
          .at_once_each = screened_at_once_each,
          .patience = helped_patience,
          .ahead_max = &never_ahead};
}

}  // namespace elsec::capabilities
