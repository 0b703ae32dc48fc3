#pragma once
// The `content` environment: sealed chunks by content id and index, apart from `state` so that bulk bytes never delay a
// small commit. This room never sees a content key.
//
// The first chunk of a content writes a `pending` row in the same transaction; it is cleared after the record that
// refers to the content has committed. Only these rows are looked at: a pending content that nobody works on and that
// no record names is freed.

#include "crypto/content.hpp"
#include "domain/error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace elsec::storage {

// Sealed chunks to store from `first_index` on. Storing a chunk again replaces it.
struct store_chunks {
  crypto::content_id content;
  std::uint32_t first_index = 0;
  std::vector<domain::bytes> chunks;
};
// The record is on disk: the content is no longer pending.
struct settle_content {
  crypto::content_id content;
};
// Deletes at most `chunks_max` chunks, from the last one down. While some are left the content is pending, so that a
// start goes on; with the last one the mark goes, too.
struct free_content {
  crypto::content_id content;
  std::uint32_t chunks_max = 1'024;
};
using content_change = std::variant<store_chunks, settle_content, free_content>;

class content_store {
 public:
  static constexpr unsigned readers_max = 1'024;

  [[nodiscard]] static domain::result<std::unique_ptr<content_store>> open(const std::string& folder,
                                                                           std::uint64_t map_bytes);
  ~content_store();
  content_store(const content_store&) = delete;
  content_store& operator=(const content_store&) = delete;

  // All in one transaction, synced once; one thread at a time. `storage_full`, `too_large` and `invalid` (a chunk's
  // size or index) leave everything as it was, `io` means the process must stop. What is refused refuses the whole
  // batch.
  [[nodiscard]] domain::result<void> commit(std::span<const content_change* const> batch);

  // Sealed chunks from `first_index` on, at most `count`; fewer where the content ends. Thread-safe.
  [[nodiscard]] domain::result<std::vector<domain::bytes>> read(const crypto::content_id& content,
                                                                std::uint32_t first_index, std::uint32_t count) const;
  // Number of chunks stored without a gap from index 0. Thread-safe.
  [[nodiscard]] domain::result<std::uint32_t> stored_chunks(const crypto::content_id& content) const;

  // Contents whose record may be missing, or that are being freed, in the order of their ids: at most `count`, those
  // behind `after`. `integrity` when a row is damaged.
  [[nodiscard]] domain::result<std::vector<crypto::content_id>> list_pending(
      std::size_t count, const std::optional<crypto::content_id>& after = std::nullopt) const;

  [[nodiscard]] domain::result<std::uint64_t> free_bytes() const;
  void check_readers() const;

 private:
  struct state;
  explicit content_store(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

}  // namespace elsec::storage
