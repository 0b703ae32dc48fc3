#include "decisions/content_keys.hpp"

namespace elsec::decisions {
namespace {

constexpr auto label = "content key";

}  // namespace

domain::result<domain::content_reference> wrap_content_key(const services& with, const domain::organisation_id& of,
                                                           const domain::document_id& document,
                                                           const crypto::content_id& content, const crypto::secret& key,
                                                           const crypto::slot& slot) {
  const auto tenant_key = with.store->tenant_key(of);
  if (!tenant_key) return std::unexpected(tenant_key.error());
  const auto wrapping = crypto::combine(*tenant_key, slot.key, label);
  return domain::content_reference{
      .content = content, .slot = slot.index, .wrapped_key = crypto::wrap(wrapping, key, document.str())};
}

domain::result<crypto::secret> open_content_key(const services& with, const domain::organisation_id& of,
                                                const domain::document_id& document,
                                                const domain::content_reference& reference) {
  const auto tenant_key = with.store->tenant_key(of);
  if (!tenant_key) return std::unexpected(tenant_key.error());
  const auto slot = with.slots->read(reference.slot);
  if (!slot) return std::unexpected(slot.error());
  return crypto::unwrap(crypto::combine(*tenant_key, *slot, label), reference.wrapped_key, document.str());
}

}  // namespace elsec::decisions
