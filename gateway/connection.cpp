#include "gateway/connection.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace elsec::gateway {
namespace {

using clock = std::chrono::steady_clock;
using domain::error_code;
using domain::fail;

constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

std::span<char> first_of(std::span<std::uint8_t> into, std::uint64_t bytes) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), bytes));
  return {reinterpret_cast<char*>(into.data()), size};
}

}  // namespace

asio::awaitable<io_status> connection::fill(steady_time deadline) {
  const auto before = buffer_.size();
  buffer_.resize(before + read_block);
  const auto got = co_await stream_.read_some(std::span(buffer_).subspan(before), deadline);
  buffer_.resize(before + got.bytes);
  co_return got.status;
}

asio::awaitable<connection::head_read> connection::read_head() {
  head_read result;
  auto deadline = clock::now() + (buffer_.empty() ? bounds_.idle : bounds_.header);
  // Some clients send an empty line after a body; one is taken (RFC 9112, 2.2).
  bool may_skip_line = true;
  while (true) {
    if (may_skip_line && buffer_.starts_with("\r\n")) {
      buffer_.erase(0, 2);
      may_skip_line = false;
    }
    auto length = find_head(buffer_, bounds_.header_bytes_max);
    if (may_skip_line && buffer_ == "\r") length = std::nullopt;
    if (!length) {
      result.head = std::unexpected(std::move(length.error()));
      co_return result;
    }
    if (*length) {
      result.head = parse_head(std::string_view(buffer_).substr(0, **length));
      buffer_.erase(0, **length);
      co_return result;
    }
    if (buffer_.empty()) {
      // Most connections are idle most of the time: they hold no buffer.
      buffer_.shrink_to_fit();
      result.status = co_await stream_.readable(deadline);
      if (result.status != io_status::ok) co_return result;
      deadline = clock::now() + bounds_.header;
    }
    result.status = co_await fill(deadline);
    if (result.status != io_status::ok) co_return result;
  }
}

body_reader::body_reader(connection& from, const framing& how, body_host& host)
    : from_(from),
      host_(host),
      size_(how.content_length),
      left_(how.content_length.value_or(0)),
      must_continue_(how.expects_continue) {
  if (how.chunked) chunks_.emplace();
}

std::optional<std::uint64_t> body_reader::left() const noexcept {
  return chunks_ ? std::nullopt : std::optional(left_);
}

bool body_reader::finished() const noexcept { return chunks_ ? chunks_->finished() : left_ == 0; }

bool body_reader::is_drainable() const noexcept {
  return finished() || (!broken_ && !must_continue_ && !chunks_ && left_ <= drained_body_max);
}

// Before the client is waited for: it may have to continue, and a late one must be borne with.
asio::awaitable<domain::result<void>> body_reader::get_permission() {
  if (must_continue_) {
    must_continue_ = false;
    const auto told = co_await from_.stream_.write(go_on, from_.bounds_.write_stall);
    if (told != io_status::ok) co_return fail(error_code::bad_request, "The connection broke off.");
  }
  if (late_ || waited_ < prompt_until()) co_return domain::result<void>{};
  late_ = true;
  co_return co_await host_.wait_longer(streams_);
}

// One that keeps coming is prompt, however long it is.
clock::duration body_reader::prompt_until() const noexcept {
  const auto earned = std::chrono::milliseconds(static_cast<std::int64_t>(received_ / prompt_bytes_per_ms));
  return std::max<clock::duration>(from_.bounds_.body_prompt, earned);
}

// What comes next: into the connection's buffer (then the answer is 0), or straight into `into` where that is large and
// the body is not chunked. Also 0 when it is late from now on.
asio::awaitable<domain::result<std::size_t>> body_reader::receive(std::span<std::uint8_t> into) {
  auto may_wait = co_await get_permission();
  if (!may_wait) co_return std::unexpected(std::move(may_wait.error()));
  const auto rate = std::max<std::uint64_t>(from_.bounds_.body_bytes_per_second_min, 1);
  const auto earned = std::chrono::seconds(static_cast<std::int64_t>(received_ / rate));
  const auto start = clock::now();
  const auto all_patience = std::min<clock::duration>(body_grace + earned - waited_, body_silence_max);
  const auto until_late = late_ ? all_patience : prompt_until() - waited_;
  const auto patience = std::min<clock::duration>(all_patience, until_late);
  const bool direct = !chunks_ && from_.buffer_.empty() && into.size() >= read_block;
  io_result got;
  if (direct)
    got = co_await from_.stream_.read_some(first_of(into, left_), start + patience);
  else
    got.status = co_await from_.fill(start + patience);
  left_ -= got.bytes;
  received_ += got.bytes;
  waited_ += clock::now() - start;
  const auto status = got.status;
  if (status == io_status::timed_out && patience < all_patience) co_return std::size_t{0};
  if (status == io_status::timed_out) co_return fail(error_code::bad_request, "The body came too slowly.");
  if (status != io_status::ok) co_return fail(error_code::bad_request, "The body broke off before its end.");
  co_return got.bytes;
}

domain::result<std::size_t> body_reader::take(std::span<std::uint8_t> into) {
  auto& buffer = from_.buffer_;
  chunk_decoder::step done;
  if (chunks_) {
    auto decoded = chunks_->decode(buffer, into);
    if (!decoded) return std::unexpected(std::move(decoded.error()));
    done = *decoded;
  } else {
    done.produced = static_cast<std::size_t>(std::min<std::uint64_t>({left_, buffer.size(), into.size()}));
    std::memcpy(into.data(), buffer.data(), done.produced);
    done.consumed = done.produced;
    left_ -= done.produced;
  }
  buffer.erase(0, done.consumed);
  received_ += done.consumed;
  return done.produced;
}

asio::awaitable<domain::result<std::size_t>> body_reader::read(std::span<std::uint8_t> into) {
  while (!broken_ && !finished()) {
    auto taken = take(into);
    if (!taken) {
      broken_ = true;
      co_return taken;
    }
    if (*taken > 0 || finished()) co_return taken;
    auto direct = co_await receive(into);
    if (!direct) broken_ = true;
    if (!direct || *direct > 0) co_return direct;
  }
  if (broken_) co_return fail(error_code::bad_request, "The body broke off before its end.");
  co_return std::size_t{0};
}

asio::awaitable<domain::result<std::string>> body_reader::read_all(std::size_t bytes_max) {
  if (size_.value_or(0) > bytes_max) co_return fail(error_code::too_large, "The body is larger than allowed.");
  streams_ = false;
  std::string body;
  std::vector<std::uint8_t> block(std::min<std::size_t>(read_block, bytes_max + 1));
  while (true) {
    auto got = co_await read(block);
    if (!got) co_return std::unexpected(std::move(got.error()));
    if (*got == 0) break;
    if (body.size() + *got > bytes_max) co_return fail(error_code::too_large, "The body is larger than allowed.");
    body.append(reinterpret_cast<const char*>(block.data()), *got);
  }
  auto may_begin = host_.begin_work();
  if (!may_begin) co_return std::unexpected(std::move(may_begin.error()));
  co_return body;
}

asio::awaitable<bool> body_reader::drain() {
  if (finished()) co_return true;
  if (!is_drainable()) co_return false;
  const auto deadline = clock::now() + linger_max;
  while (left_ > 0) {
    const auto dropped = static_cast<std::size_t>(std::min<std::uint64_t>(left_, from_.buffer_.size()));
    from_.buffer_.erase(0, dropped);
    left_ -= dropped;
    if (left_ == 0) break;
    const auto status = co_await from_.fill(deadline);
    if (status != io_status::ok) co_return false;
  }
  co_return true;
}

}  // namespace elsec::gateway
