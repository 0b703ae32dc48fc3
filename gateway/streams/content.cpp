// GET /documents/{id}/content: the bytes, whole or a range of them.

#include "gateway/ask.hpp"
#include "gateway/credential_watch.hpp"
#include "gateway/fields.hpp"
#include "gateway/problem.hpp"
#include "gateway/streams/streams.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace elsec::gateway {
namespace {

using domain::error_code;

// What a download reads, and under which credential; with that it ends. One block needs no watch.
struct content_source {
  actors::content_reader reader;
  std::optional<credential_watch> credential{};
};
using shared_source = std::shared_ptr<content_source>;

struct byte_span {
  std::uint64_t offset;
  std::uint64_t size;
};

domain::result<domain::bytes> next_block(const actors::content_reader& reader, const byte_span& left) {
  return reader.read(left.offset, static_cast<std::size_t>(std::min<std::uint64_t>(left.size, download_block)));
}

// Before anything is said or recorded: a damaged document is an error with a name, and nobody has collected it.
domain::result<domain::bytes> first_block(const backend& api, const call& request, content_source& from,
                                          const byte_span& wanted) {
  if (wanted.size > download_block) {
    auto credential = credential_watch::begin(*api.read, request.who->credential);
    if (!credential) return std::unexpected(std::move(credential.error()));
    from.credential = std::move(*credential);
  }
  return next_block(from.reader, wanted);
}

asio::awaitable<bool> send_content(shared_source from, domain::bytes first, byte_span left, body_writer& out) {
  domain::result<domain::bytes> block(std::move(first));
  while (left.size > 0) {
    if (from->credential && from->credential->revoked()) co_return false;
    // The head has gone out: the client notices by the missing bytes, the operator by the log.
    if (!block) spdlog::error("a download ends early: {}", block.error().detail);
    if (!block || block->empty()) co_return false;
    const std::string_view bytes(reinterpret_cast<const char*>(block->data()), block->size());
    const bool taken = co_await out.write(bytes);
    if (!taken) co_return false;
    left.offset += block->size();
    left.size -= std::min<std::uint64_t>(left.size, block->size());
    block = next_block(from->reader, left);
  }
  co_return true;
}

// What is to be done behind the last byte of a recipient's copy. It costs the reader nothing but the next request's
// beginning; should it fail, the bytes have gone out all the same.
struct after_reading {
  backend api;
  asio::any_io_executor executor;
  std::weak_ptr<void> anchor;
  decisions::shared_command command;
};

asio::awaitable<void> record(const after_reading& what) {
  auto question = begin_ask<decisions::outcome>(*what.api.system, what.executor, what.anchor, what.api.node,
                                                command_deadline, what.command);
  const auto recorded = co_await question.answer();
  if (!recorded) spdlog::warn("a read could not be recorded: {}", domain::name_of(recorded.error().code));
}

asio::awaitable<bool> send_and_record(shared_source from, domain::bytes first, byte_span wanted,
                                      std::shared_ptr<const after_reading> then, body_writer& out) {
  const bool sent = co_await send_content(from, std::move(first), wanted, out);
  if (sent && then != nullptr) co_await record(*then);
  co_return sent;
}

std::shared_ptr<const after_reading> reading_of(const backend& api, const call& request,
                                                const capabilities::request& asked,
                                                const actors::content_reader& reader, const byte_span& wanted) {
  const auto end = wanted.offset + wanted.size;
  const auto make = request.entry.what.sent;
  if (make == nullptr || !reader.is_news_when_read(wanted.offset, end)) return nullptr;
  auto command = make(asked, wanted.offset, end);
  if (!command) return nullptr;
  return std::make_shared<const after_reading>(
      after_reading{api, request.http.executor, request.http.anchor, std::move(*command)});
}

// Never a type that a browser would run in our name, should a person open the answer there.
std::string harmless(const std::string& media_type) {
  const auto essence = domain::essence_of(media_type);
  const bool runs = essence.ends_with("xml") || essence.ends_with("html") ||
                    essence.find("script") != std::string::npos || essence.starts_with("multipart/") ||
                    essence.starts_with("message/");
  return runs ? "application/octet-stream" : media_type;
}

// The part that is asked for; nothing: all of it. Ranges are defined for GET alone (RFC 9110, 14.2).
domain::result<std::optional<byte_range>> wanted_range(const call& request, const domain::document& document) {
  const auto field = request.field("Range");
  if (!field || request.http.head.method != "GET") return std::nullopt;
  if (const auto condition = request.field("If-Range");
      condition && *condition != fmt::format("\"{}\"", document.sha256))
    return std::nullopt;
  return parse_range(*field, document.size);
}

response head_of(const domain::document& document) {
  response result;
  result.headers.emplace_back("ETag", fmt::format("\"{}\"", document.sha256));
  result.headers.emplace_back("Accept-Ranges", "bytes");
  return result;
}

bool has_it_already(const call& request, const domain::document& document) {
  const auto field = request.field("If-None-Match");
  if (!field) return false;
  const auto tags = parse_entity_tags(*field);
  return tags && tags->has(document.sha256);
}

reply unsatisfiable(const domain::error& why, std::uint64_t size) {
  auto result = problem_of(why);
  result.headers.emplace_back("Content-Range", fmt::format("bytes */{}", size));
  return result;
}

}  // namespace

asio::awaitable<reply> download_document(const backend& api, call& request) {
  const auto asked = request_of(request);
  if (!asked) co_return std::unexpected(asked.error());
  const auto id = asked->id<domain::document_id>();
  if (!id) co_return std::unexpected(id.error());
  auto opened = api.read->content(request.who->organisation_id, *id);
  if (!opened) co_return std::unexpected(std::move(opened.error()));
  const auto from = std::make_shared<content_source>(content_source{std::move(*opened)});
  const auto& document = from->reader.document();
  auto result = head_of(document);
  if (has_it_already(request, document)) {
    result.status = 304;
    co_return result;
  }
  const auto range = wanted_range(request, document);
  if (!range) co_return unsatisfiable(range.error(), document.size);
  const byte_span wanted{*range ? (*range)->first : 0, *range ? (*range)->size() : document.size};
  const bool is_head = request.http.head.method == "HEAD";
  auto first = is_head ? domain::result<domain::bytes>{} : first_block(api, request, *from, wanted);
  if (!first) co_return std::unexpected(std::move(first.error()));
  if (!is_head && from->reader.must_be_collected()) {
    const auto collected = co_await perform(api, request, *asked);
    if (!collected) co_return std::unexpected(collected.error());
  }
  result.content_type = harmless(domain::type_of(document));
  result.headers.emplace_back("Content-Disposition", content_disposition(document.filename));
  if (*range) {
    result.status = 206;
    result.headers.emplace_back("Content-Range",
                                fmt::format("bytes {}-{}/{}", (*range)->first, (*range)->last, document.size));
  }
  result.body_bytes = wanted.size;
  const auto then = is_head ? nullptr : reading_of(api, request, *asked, from->reader, wanted);
  result.producer = [from, first = std::move(*first), wanted, then](body_writer& out) mutable {
    return send_and_record(from, std::move(first), wanted, then, out);
  };
  co_return result;
}

}  // namespace elsec::gateway
