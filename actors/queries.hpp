#pragma once
// What the gateway's threads read by themselves, besides what capabilities show: credentials, contents and feeds.
// Short, synchronous, thread-safe. Nothing here writes, and nothing passes through an actor. A tenant's object is
// looked up under the tenant's own key prefix: another tenant's is `not_found`.

#include "domain/access.hpp"
#include "domain/document.hpp"
#include "domain/event.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::decisions {
struct services;
}

namespace elsec::actors {

class credential_cache;

// Reads one document's content, any part of it. Cheap to make; holds the content key in locked memory while it lives.
class content_reader {
 public:
  ~content_reader();
  content_reader(content_reader&&) noexcept;
  content_reader& operator=(content_reader&&) noexcept;

  [[nodiscard]] const domain::document& document() const noexcept;
  // A recipient's copy whose first byte was not asked for yet: tell the document's actor (`collect_document`) first.
  [[nodiscard]] bool must_be_collected() const noexcept;
  // Whether bytes first to before end bring a recipient's copy nearer to being read completely.
  [[nodiscard]] bool is_news_when_read(std::uint64_t first, std::uint64_t end) const noexcept;
  // Up to `bytes_max` bytes from `offset` on, at least one unless the end is reached. `integrity` when a chunk is
  // damaged.
  [[nodiscard]] domain::result<domain::bytes> read(std::uint64_t offset, std::size_t bytes_max) const;

 private:
  friend class queries;
  struct state;
  explicit content_reader(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

class queries {
 public:
  explicit queries(std::shared_ptr<const decisions::services> with);

  // `unauthenticated` for an unknown, expired or idle token.
  [[nodiscard]] domain::result<domain::principal> authenticate(std::string_view bearer) const;
  // `unauthenticated` unless the credential holds at this moment; no use of it.
  [[nodiscard]] domain::result<void> check_credential(const std::string& credential) const;

  [[nodiscard]] domain::result<content_reader> content(const domain::organisation_id& of,
                                                       const domain::document_id& id) const;

  // Events after a position, oldest first, at most `limit`; each with its position.
  [[nodiscard]] domain::result<std::vector<domain::listed_event>> events(const domain::organisation_id& of,
                                                                         std::uint64_t after,
                                                                         std::uint32_t limit) const;
  // The newest position of a feed; 0 for an empty one.
  [[nodiscard]] domain::result<std::uint64_t> last_event(const domain::organisation_id& of) const;
  // Calls `wake` (on any thread, quickly) after every commit that added events to the feed, until the handle is
  // destroyed.
  [[nodiscard]] std::shared_ptr<void> watch_feed(const domain::organisation_id& of, std::function<void()> wake) const;
  // Calls `ended` when a credential is revoked, until the handle is destroyed.
  [[nodiscard]] std::shared_ptr<void> watch_credential(const std::string& credential,
                                                       std::function<void()> ended) const;

  // Adds one to `elsec_http_responses_total{status}` and friends.
  void count_response(unsigned status) const;
  void count_refusal(std::string_view reason) const;

 private:
  [[nodiscard]] domain::result<domain::credential_row> find_credential(const std::string& credential) const;

  std::shared_ptr<const decisions::services> with_;
  std::shared_ptr<credential_cache> credentials_;
};

}  // namespace elsec::actors
