#pragma once
// Content keys: wrapped by the tenant's key and the secret in the copy's slot together, never stored otherwise.

#include "decisions/services.hpp"
#include "domain/document.hpp"

namespace elsec::decisions {

// The reference a document's row holds.
[[nodiscard]] domain::result<domain::content_reference> wrap_content_key(
    const services& with, const domain::organisation_id& of, const domain::document_id& document,
    const crypto::content_id& content, const crypto::secret& key, const crypto::slot& slot);

// `closed` when the slot is; `integrity` when slot or row is damaged.
[[nodiscard]] domain::result<crypto::secret> open_content_key(const services& with, const domain::organisation_id& of,
                                                              const domain::document_id& document,
                                                              const domain::content_reference& reference);

}  // namespace elsec::decisions
