#pragma once
// Reads for the gateway's threads: short, synchronous, thread-safe. Nothing here writes, and nothing passes through an
// actor. A tenant's object is looked up under the tenant's own key prefix: another tenant's is `not_found`.

#include "domain/access.hpp"
#include "domain/dispatch.hpp"
#include "domain/document.hpp"
#include "domain/event.hpp"
#include "domain/letter.hpp"
#include "domain/organisation.hpp"
#include "domain/receipt.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace elsec::actors {

struct services;
class credential_cache;

// One page of a list. `cursor` is opaque to clients; empty: from the start.
struct page_request {
  std::uint32_t limit = 50;
  std::string cursor;
};
template <class Item>
struct page {
  std::vector<Item> items;
  std::optional<std::string> next_cursor;
};

// GET /documents
struct document_filter {
  std::optional<domain::box> box;
  std::optional<domain::document_state> state;
  std::optional<std::string> class_;
  std::optional<bool> unread;
};
// GET /dispatches, GET /documents/{id}/dispatches
struct dispatch_filter {
  std::optional<domain::document_id> document;
  std::optional<std::string> client_ref;
  std::optional<domain::dispatch_state> state;
};

// A stored answer to a creating request.
struct kept_answer {
  std::string fingerprint;
  std::uint16_t status = 0;
  std::string location;
  std::string body;
  std::string id;
};

// Reads one document's content, any part of it. Cheap to make; holds the content key in locked memory while it lives.
class content_reader {
 public:
  ~content_reader();
  content_reader(content_reader&&) noexcept;
  content_reader& operator=(content_reader&&) noexcept;

  [[nodiscard]] const domain::document& document() const noexcept;
  // A recipient's copy whose first byte was not asked for yet: tell the document's actor (`collect_document`) first.
  [[nodiscard]] bool must_be_collected() const noexcept;
  // Up to `bytes_max` bytes from `offset` on, at least one unless the end is reached. `integrity` when a chunk is
  // damaged.
  [[nodiscard]] domain::result<domain::bytes> read(std::uint64_t offset, std::size_t bytes_max) const;

 private:
  friend class queries;
  struct state;
  explicit content_reader(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

struct link_status {
  std::string node;
  std::string state;  // "up" or "down"
};
BOOST_DESCRIBE_STRUCT(link_status, (), (node, state))

// GET /ready on the operator listener.
struct readiness {
  bool ready = false;
  std::vector<link_status> links;
};
BOOST_DESCRIBE_STRUCT(readiness, (), (ready, links))

class queries {
 public:
  explicit queries(std::shared_ptr<const services> with);

  // `unauthenticated` for an unknown, expired or idle token.
  [[nodiscard]] domain::result<domain::principal> authenticate(std::string_view bearer) const;

  [[nodiscard]] domain::result<domain::organisation> organisation(const domain::organisation_id& of) const;
  [[nodiscard]] domain::result<domain::user> user(const domain::principal& who) const;
  [[nodiscard]] domain::result<page<domain::session>> sessions(const domain::principal& who, const page_request&) const;
  [[nodiscard]] domain::result<page<domain::api_token>> api_tokens(const domain::organisation_id& of,
                                                                   const page_request&) const;

  // Nobody for words that hold no letter and no digit.
  [[nodiscard]] domain::result<page<domain::card>> directory(const domain::directory_query& wanted,
                                                             const page_request&) const;
  // In the order of the node list; the cursor is a node's name.
  [[nodiscard]] domain::result<page<domain::node_keys>> nodes(const page_request&) const;

  [[nodiscard]] domain::result<page<domain::document>> documents(const domain::organisation_id& of,
                                                                 const document_filter&, const page_request&) const;
  [[nodiscard]] domain::result<domain::document> document(const domain::organisation_id& of,
                                                          const domain::document_id& id) const;
  [[nodiscard]] domain::result<content_reader> content(const domain::organisation_id& of,
                                                       const domain::document_id& id) const;

  [[nodiscard]] domain::result<page<domain::dispatch>> dispatches(const domain::organisation_id& of,
                                                                  const dispatch_filter&, const page_request&) const;
  [[nodiscard]] domain::result<domain::dispatch> dispatch(const domain::organisation_id& of,
                                                          const domain::dispatch_id& id) const;
  [[nodiscard]] domain::result<page<domain::letter>> letters(const domain::organisation_id& of,
                                                             const page_request&) const;
  [[nodiscard]] domain::result<domain::letter> letter(const domain::organisation_id& of,
                                                      const domain::letter_id& id) const;
  // The document's own receipts first, then each dispatch's chain in its order.
  [[nodiscard]] domain::result<page<domain::receipt>> receipts(const domain::organisation_id& of,
                                                               const domain::document_id& id,
                                                               const page_request&) const;
  [[nodiscard]] domain::result<domain::receipt> receipt(const domain::organisation_id& of,
                                                        const domain::receipt_id& id) const;

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

  // Keyed hash (hex) for idempotency keys and request fingerprints.
  [[nodiscard]] std::string fingerprint(std::string_view purpose, std::string_view value) const;
  // Nothing when none is kept or its time is over.
  [[nodiscard]] domain::result<std::optional<kept_answer>> answer(const std::string& key) const;

  // The entity tag of an object, as change commands compare it with If-Match.
  [[nodiscard]] static std::string etag_of(std::string_view json);

  [[nodiscard]] readiness ready() const;
  // Prometheus text format.
  [[nodiscard]] std::string metrics() const;
  // Adds one to `elsec_http_responses_total{status}` and friends.
  void count_response(unsigned status) const;
  void count_refusal(std::string_view reason) const;

 private:
  [[nodiscard]] domain::result<domain::credential_row> find_credential(const std::string& credential) const;

  std::shared_ptr<const services> with_;
  std::shared_ptr<credential_cache> credentials_;
};

}  // namespace elsec::actors
