#pragma once
// GET /documents/{id}/receipts: the document's own receipts first, then each dispatch's chain in its order.

#include "capabilities/groups.hpp"
#include "capabilities/lists.hpp"
#include "domain/receipt.hpp"

namespace elsec::capabilities {

inline domain::result<shown> show_receipts(const facts& given, const request& asked) {
  const auto id = asked.id<domain::document_id>();
  if (!id) return std::unexpected(id.error());
  const auto query = asked.query_as<list_query>();
  if (!query) return std::unexpected(query.error());
  const auto& of = asked.who.organisation_id;
  if (const auto known = find_document(given.read, of, *id); !known) return std::unexpected(known.error());
  const auto rest = key_at(cursor_of(*query));
  if (!rest) return std::unexpected(rest.error());
  const auto prefix = storage::key_of(of, *id);
  page_maker page(*query);
  domain::result<void> found;
  auto walked = given.read.scan_keys(
      tables::receipts_of_document.name, prefix, rest->empty() ? std::string{} : prefix + *rest,
      storage::direction::forward, [&](std::string_view key) {
        if (!page.goes_on()) return false;
        page.at(cursor_at(key.substr(prefix.size())));
        const auto receipt_key = of.str() + std::string(key.substr(key.size() - domain::receipt_id::length));
        auto receipt = find_row(given.read, tables::receipts, receipt_key);
        if (receipt)
          page.add(codec::to_json(*receipt));
        else
          found = std::unexpected(std::move(receipt.error()));
        return found.has_value();
      });
  if (!found) return std::unexpected(std::move(found.error()));
  if (!walked) return std::unexpected(std::move(walked.error()));
  return page.page();
}

}  // namespace elsec::capabilities
