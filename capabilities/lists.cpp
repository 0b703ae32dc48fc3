#include "capabilities/lists.hpp"

#include "crypto/seal.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <algorithm>

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

std::string cursor_at(std::string_view key) {
  return crypto::to_base64url({reinterpret_cast<const std::uint8_t*>(key.data()), key.size()});
}

domain::result<std::string> key_at(const std::string& cursor) {
  const auto raw = crypto::from_base64url(cursor);
  if (!raw) return std::unexpected(wrong_cursor());
  return std::string(raw->begin(), raw->end());
}

namespace {

// Of each range: more would be read in vain where many ranges make one page.
constexpr std::size_t ids_ahead_max = 32;

}  // namespace

merged_ids::merged_ids(const storage::snapshot& read, const row_ranges& of, std::string_view below)
    : read_(read), index_(of.index) {
  for (const auto& prefix : of.prefixes) ranges_.push_back({.prefix = prefix, .last = std::string(below)});
}

domain::result<void> merged_ids::read_on(range& from) const {
  if (!from.ahead.empty() || from.ended) return {};
  auto walked = read_.scan_keys(index_, from.prefix, from.last.empty() ? std::string{} : from.prefix + from.last,
                                storage::direction::backward, [&](std::string_view key) {
                                  from.ahead.emplace_back(key.substr(from.prefix.size()));
                                  return from.ahead.size() < ids_ahead_max;
                                });
  from.ended = from.ahead.size() < ids_ahead_max;
  if (!from.ahead.empty()) from.last = from.ahead.back();
  std::ranges::reverse(from.ahead);
  return walked;
}

domain::result<std::optional<std::string>> merged_ids::next() {
  std::optional<std::string> newest;
  for (auto& each : ranges_) {
    if (auto ok = read_on(each); !ok) return std::unexpected(std::move(ok.error()));
    if (!each.ahead.empty() && (!newest || each.ahead.back() > *newest)) newest = each.ahead.back();
  }
  for (auto& each : ranges_)
    if (newest && !each.ahead.empty() && each.ahead.back() == *newest) each.ahead.pop_back();
  return newest;
}

std::string list_json(const std::vector<std::string>& items, const std::optional<std::string>& next) {
  std::string json = "{\"items\":[";
  for (const auto& item : items) json += (json.back() == '[' ? "" : ",") + item;
  return json + "],\"next_cursor\":" + (next ? boost::json::serialize(boost::json::string(*next)) : "null") + "}";
}

}  // namespace elsec::capabilities
