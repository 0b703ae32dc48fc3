// POST /documents: the raw bytes of one file, block by block to the actor that stores them.

#include "gateway/fields.hpp"
#include "gateway/streams/streams.hpp"

#include <algorithm>
#include <atomic>

namespace elsec::gateway {
namespace {

using domain::error_code;

domain::result<domain::file_name> filename_of(const call& request) {
  const auto field = request.field(capabilities::filename_header);
  if (!field) return domain::fail_field(error_code::invalid, "/Elsec-Filename", "is needed, as percent-encoded UTF-8");
  const auto decoded = percent_decoded(*field);
  if (!decoded) return domain::fail_field(error_code::invalid, "/Elsec-Filename", "is not percent-encoded");
  auto name = domain::file_name::parse(*decoded);
  if (!name) return domain::fail_field(error_code::invalid, "/Elsec-Filename", name.error());
  return *name;
}

domain::result<actors::begin_upload> read_head(const backend& api, const call& request) {
  auto filename = filename_of(request);
  if (!filename) return std::unexpected(std::move(filename.error()));
  const auto type = domain::media_type::parse(request.field("Content-Type").value_or(""));
  if (!type) return domain::fail(error_code::unsupported_media_type, "Content-Type must name the file's media type.");
  const auto size = request.http.body.size();
  if (size.value_or(0) > api.bounds.document_bytes_max)
    return domain::fail(error_code::too_large, "The file is larger than allowed.");
  if (!request.http.head.body.has_body()) return domain::fail(error_code::invalid, "The file is empty.");
  const auto digest = parse_digest(request.field("Digest"), request.field("Content-Digest"));
  if (!digest) return std::unexpected(digest.error());
  auto repeat = repeat_of(api, request, std::nullopt);
  if (!repeat) return std::unexpected(std::move(repeat.error()));
  actors::begin_upload what{*request.who, std::move(*filename), *type, size, {}, std::move(*repeat)};
  if (*digest) what.sha256.emplace(**digest);
  return what;
}

// Counts an upload while its bytes come in.
class upload_under_way {
 public:
  upload_under_way() { ++count_; }
  ~upload_under_way() { --count_; }
  upload_under_way(const upload_under_way&) = delete;
  upload_under_way& operator=(const upload_under_way&) = delete;
  // Its share of the memory meant for blocks.
  [[nodiscard]] std::size_t block_max() const {
    return std::clamp(upload_blocks_total / count_.load(), upload_block_least, upload_block);
  }

 private:
  static inline std::atomic<std::size_t> count_{0};  // of the process
};

// Fills a block from the body; shorter only at its end, empty after it. It grows with what arrives, and early enough
// that the next TLS record has room, so that it is decrypted in its place.
asio::awaitable<domain::result<actors::shared_bytes>> next_block(body_reader& body, std::size_t block_max) {
  const auto limit = static_cast<std::size_t>(std::min<std::uint64_t>(block_max, body.left().value_or(block_max)));
  domain::bytes block(std::min(upload_block_first, limit));
  std::size_t filled = 0;
  while (filled < limit) {
    if (block.size() - filled < read_block) block.resize(std::min(upload_block_growth * block.size(), limit));
    const auto got = co_await body.read(std::span(block).subspan(filled));
    if (!got) co_return std::unexpected(got.error());
    if (*got == 0) break;
    filled += *got;
  }
  block.resize(filled);
  co_return std::make_shared<const domain::bytes>(std::move(block));
}

// A node that stops waits for requests, and not for bytes that may take any time.
bool is_stopping(const decisions::services& with) { return with.ready != nullptr && !with.ready->load(); }

// Feeds the actor: one block on its way while the next one is read.
asio::awaitable<domain::result<void>> feed(const backend& api, call& request, const actors::upload_actor& into) {
  const upload_under_way self;
  std::optional<asked<actors::done>> under_way;
  std::uint64_t total = 0;
  while (true) {
    auto block = co_await next_block(request.http.body, self.block_max());
    if (under_way) {
      auto taken = co_await under_way->answer();
      if (!taken) co_return taken;
    }
    if (!block) co_return std::unexpected(std::move(block.error()));
    if ((*block)->empty()) break;
    if (is_stopping(*api.with) && !request.http.body.finished())
      co_return domain::fail(error_code::overloaded, "The node is stopping; send it again.");
    total += (*block)->size();
    if (total > api.bounds.document_bytes_max)
      co_return domain::fail(error_code::too_large, "The file is larger than allowed.");
    actors::upload_block message{std::move(*block)};
    under_way.emplace(begin_ask<actors::done>(*api.system, request.http, into, command_deadline, std::move(message)));
  }
  if (total == 0) co_return domain::fail(error_code::invalid, "The file is empty.");
  co_return domain::result<void>{};
}

// Whatever way the request ends, an upload that was not finished is given up.
class upload_guard {
 public:
  explicit upload_guard(actors::upload_actor upload) : upload_(std::move(upload)) {}
  ~upload_guard() {
    if (upload_) caf::anon_send(upload_, actors::abort_upload{});
  }
  upload_guard(const upload_guard&) = delete;
  upload_guard& operator=(const upload_guard&) = delete;
  void release() { upload_ = nullptr; }

 private:
  actors::upload_actor upload_;
};

}  // namespace

asio::awaitable<reply> upload_document(const backend& api, call& request) {
  auto what = read_head(api, request);
  if (!what) co_return std::unexpected(std::move(what.error()));
  // Held until the request has ended, whatever way: it is a part of this coroutine.
  const auto place = request.http.everyone.upload(request.who->organisation_id.str());
  if (place.how.refused != burden::none) {
    api.read->count_refusal(name_of(place.how.refused));
    co_return std::unexpected(error_of(place.how.refused));
  }
  auto started =
      co_await ask<actors::upload_started>(*api.system, request.http, api.node, command_deadline, std::move(*what));
  if (!started) co_return std::unexpected(std::move(started.error()));
  const auto into = *started;
  upload_guard guard(into);
  auto fed = co_await feed(api, request, into);
  if (!fed) co_return std::unexpected(std::move(fed.error()));
  guard.release();
  auto outcome =
      co_await ask<decisions::outcome>(*api.system, request.http, into, command_deadline, actors::finish_upload{});
  co_return tagged_answer_of(std::move(outcome));
}

}  // namespace elsec::gateway
