#include "actors/limits.hpp"
#include "actors/queries.hpp"
#include "decisions/content_keys.hpp"
#include "decisions/rows.hpp"

#include <algorithm>

namespace elsec::actors {

using namespace decisions;

using domain::error_code;

struct content_reader::state {
  std::shared_ptr<const services> with;
  domain::document_row document;
  crypto::secret key;
};

content_reader::content_reader(std::unique_ptr<state> s) : state_(std::move(s)) {}
content_reader::~content_reader() = default;
content_reader::content_reader(content_reader&&) noexcept = default;
content_reader& content_reader::operator=(content_reader&&) noexcept = default;

const domain::document& content_reader::document() const noexcept { return state_->document; }

bool content_reader::must_be_collected() const noexcept {
  return state_->document.from.has_value() && !state_->document.collected;
}

bool content_reader::is_news_when_read(std::uint64_t first, std::uint64_t end) const noexcept {
  const auto& document = state_->document;
  return document.from.has_value() && domain::read_after(document.read_to, first, end) != document.read_to;
}

domain::result<domain::bytes> content_reader::read(std::uint64_t offset, std::size_t bytes_max) const {
  const auto& document = state_->document;
  if (offset >= document.size || bytes_max == 0) return domain::bytes{};
  const auto end = std::min(document.size, offset + bytes_max);
  const auto first = static_cast<std::uint32_t>(offset / crypto::chunk_plain_max);
  const auto last = static_cast<std::uint32_t>((end - 1) / crypto::chunk_plain_max);
  const auto count = std::min(last - first + 1, chunks_per_request);
  const auto sealed = state_->with->content->read(document.content.content, first, count);
  if (!sealed) return std::unexpected(sealed.error());
  if (sealed->size() != count)
    return domain::fail(error_code::integrity, "content of " + document.id.str() + ": a chunk is missing");
  domain::bytes plain;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto chunk = crypto::open_chunk(state_->key, document.content.content, first + i, (*sealed)[i]);
    if (!chunk)
      return domain::fail(error_code::integrity,
                          "content of " + document.id.str() + ": chunk " + std::to_string(first + i) + " is damaged");
    const auto start = std::uint64_t{first + i} * crypto::chunk_plain_max;
    const auto from = std::max(offset, start) - start;
    const auto to = std::min<std::uint64_t>(end - start, chunk->size());
    plain.insert(plain.end(), chunk->begin() + static_cast<std::ptrdiff_t>(from),
                 chunk->begin() + static_cast<std::ptrdiff_t>(to));
  }
  return plain;
}

domain::result<content_reader> queries::content(const domain::organisation_id& of,
                                                const domain::document_id& id) const {
  auto snapshot = with_->store->read();
  if (!snapshot) return std::unexpected(snapshot.error());
  auto document = find_document(*snapshot, of, id);
  if (!document) return std::unexpected(std::move(document.error()));
  if (document->state == domain::document_state::closed) return domain::fail(error_code::closed);
  auto key = open_content_key(*with_, of, id, document->content);
  if (!key) return std::unexpected(std::move(key.error()));
  return content_reader(
      std::make_unique<content_reader::state>(content_reader::state{with_, std::move(*document), std::move(*key)}));
}

}  // namespace elsec::actors
