#include "capabilities/lists.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

namespace elsec::capabilities {

std::uint32_t limit_of(const list_query& query) {
  return query.limit ? static_cast<std::uint32_t>(query.limit->value()) : page_limit_default;
}

std::string cursor_of(const list_query& query) { return query.cursor ? query.cursor->str() : std::string{}; }

domain::error wrong_cursor() {
  return domain::fail_field(domain::error_code::invalid, "/cursor", "is not a cursor of this list").error();
}

domain::result<void> check_cursor(const std::string& cursor) {
  const bool fits = cursor.empty() || (cursor.size() == domain::organisation_id::length && cursor[3] == '_' &&
                                       domain::is_ulid(std::string_view(cursor).substr(4)));
  if (!fits) return std::unexpected(wrong_cursor());
  return {};
}

std::string list_json(const std::vector<std::string>& items, const std::optional<std::string>& next) {
  std::string json = "{\"items\":[";
  for (const auto& item : items) json += (json.back() == '[' ? "" : ",") + item;
  return json + "],\"next_cursor\":" + (next ? boost::json::serialize(boost::json::string(*next)) : "null") + "}";
}

}  // namespace elsec::capabilities
