#pragma once
// Asking for lists, page by page.

#include "tests/capabilities/clinics.hpp"

namespace elsec::capabilities::testing {

struct asking_for_lists : two_clinics {
  [[nodiscard]] static std::vector<std::string> ids_of(const boost::json::value& page) {
    std::vector<std::string> ids;
    for (const auto& item : page.at("items").as_array()) ids.push_back(text_at(item, "/id"));
    return ids;
  }
  // All pages of this size, put together.
  [[nodiscard]] std::vector<std::string> all_of(std::string_view operation, request asked, std::int64_t limit) const {
    std::vector<std::string> ids;
    asked.query["limit"] = limit;
    for (int pages = 0; pages < 1'000; ++pages) {
      const auto page = seen(operation, asked);
      const auto some = ids_of(page);
      BOOST_TEST(some.size() <= static_cast<std::size_t>(limit));
      ids.insert(ids.end(), some.begin(), some.end());
      if (page.at("next_cursor").is_null()) return ids;
      asked.query["cursor"] = page.at("next_cursor");
    }
    BOOST_FAIL("the list has no end");
    return ids;
  }
  std::vector<std::string> upload_many(const domain::principal& who, int count) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) {
      now += std::chrono::milliseconds(1);
      ids.push_back(upload(who).id.str());
    }
    std::ranges::reverse(ids);  // newest first
    return ids;
  }
  [[nodiscard]] static request asking(const domain::principal& who, std::string_view name, boost::json::value value) {
    request asked{.who = who};
    asked.query[name] = std::move(value);
    return asked;
  }
};

}  // namespace elsec::capabilities::testing
