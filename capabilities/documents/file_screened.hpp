#pragma once
// The look at an uploaded file has ended: clean, or quarantined with its findings.

#include "capabilities/route.hpp"
#include "decisions/rows.hpp"
#include "decisions/services.hpp"

namespace elsec::capabilities {

struct file_screened : command {
  explicit file_screened(screening_report seen) : told(std::move(seen)) {}

  screening_report told;

  [[nodiscard]] subject whom() const override { return {told.organisation, told.document.str()}; }

  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override {
    storage::change_set changes;
    changes.erase(tables::screening_due, told.document.str());
    auto row = find_document(given.read, told.organisation, told.document);
    if (!row && row.error().code != domain::error_code::not_found) return std::unexpected(row.error());
    if (row && row->screening == domain::screening::pending) {
      const bool clean = told.quarantine.empty();
      row->screening = clean ? domain::screening::clean : domain::screening::quarantined;
      if (told.pages > 0) row->pages = told.pages;
      if (!clean) {
        row->findings = told.quarantine;
        row->state = domain::document_state::quarantined;
      }
      changes.put(tables::documents, storage::key_of(told.organisation, row->id), *row);
    }
    ruling decided{.changes = std::move(changes)};
    // After the commit, so that what was accepted meanwhile is found, too.
    if (const auto next = given.with.registry.screening_ended)
      decided.notices.emplace_back(next(told.organisation, told.document));
    return decided;
  }

  [[nodiscard]] static shared_command make(const screening_report& what) { return make_command<file_screened>(what); }
};

}  // namespace elsec::capabilities
