#pragma once
// Dispatches whose files wait for screening: they go on, or fail, when all of them are through.

#include "capabilities/route.hpp"

namespace elsec::capabilities {

// Dispatches of this document that waited for files: sent on, or failed, when all of them have been screened. Also what
// the deadline `dispatch_waits` comes to, should the news of a screening have been lost.
struct go_on_after_screening : command {
  go_on_after_screening(domain::organisation_id of, domain::document_id which)
      : organisation(std::move(of)), document(std::move(which)) {}

  domain::organisation_id organisation;
  domain::document_id document;

  [[nodiscard]] subject whom() const override { return {organisation, document.str()}; }
  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;

  [[nodiscard]] static shared_command make(domain::time_point at, const storage::deadline_row& row);
};

// The look at a file is on disk: documents whose dispatches waited for it, as theirs or as an attachment, go on. Told
// after the commit, so that it finds those accepted meanwhile, too.
struct screening_ended : command {
  screening_ended(domain::organisation_id of, domain::document_id which)
      : organisation(std::move(of)), file(std::move(which)) {}

  domain::organisation_id organisation;
  domain::document_id file;

  [[nodiscard]] subject whom() const override { return {organisation, file.str()}; }
  [[nodiscard]] domain::result<ruling> decide(const facts& given) const override;

  [[nodiscard]] static shared_command make(const domain::organisation_id& of, const domain::document_id& file) {
    return make_command<screening_ended>(of, file);
  }
};

}  // namespace elsec::capabilities
