#pragma once
// An attachment takes over into its own row what its dispatch has made of it. Until then every reader of a document
// finds that beside the row, so it does not matter how long this takes.

#include "capabilities/route.hpp"
#include "crypto/random.hpp"
#include "decisions/dispatch_changes.hpp"
#include "decisions/document_index.hpp"
#include "decisions/rows.hpp"

namespace elsec::capabilities {

struct take_over_dispatch : command {
  take_over_dispatch(domain::time_point, storage::deadline_row from)
      : due(std::move(from)),
        file(domain::document_id::parse(due.object.substr(0, domain::document_id::length))
                 .value_or(domain::document_id{})) {}

  storage::deadline_row due;
  domain::document_id file;

  [[nodiscard]] subject whom() const override { return {due.organisation_id, file.str()}; }

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    const auto& of = due.organisation_id;
    const auto key = storage::key_of(of, due.object);
    const auto sent = given.read.get(tables::sent_along, key);
    const bool damaged = !sent && sent.error().code == domain::error_code::integrity;
    if (!sent && !damaged) return std::unexpected(sent.error());
    auto document = find_document(given.read, of, file);
    if (!document && document.error().code != domain::error_code::not_found) return std::unexpected(document.error());
    ruling decided{.changes = storage::change_set{}};
    auto& changes = *decided.changes;
    const auto longest = given.now + given.with.policy.retention.after_dispatch;
    if (damaged)
      changes.take_out_damaged(tables::sent_along, key, crypto::new_id<domain::damage_id>(given.now), given.now);
    else
      changes.erase(tables::sent_along, key);
    if (document && (damaged || *sent)) {
      mark_dispatched(changes, given.with, of, *document, damaged ? longest : (*sent)->closes_at);
      list_anew(changes, given.with, of, *document);
    }
    end_deadline(changes, {sent_along, right_away, of, due.object});
    return decided;
  }
};

[[nodiscard]] inline deadline_kind sent_along_kind() {
  return {.name = sent_along, .make = &make_deadline_command<take_over_dispatch>, .ahead_max = &never_ahead};
}

}  // namespace elsec::capabilities
