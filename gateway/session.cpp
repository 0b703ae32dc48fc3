#include "gateway/session.hpp"

#include "gateway/fields.hpp"
#include "gateway/problem.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <typeinfo>

namespace elsec::gateway {
namespace {

using clock = std::chrono::steady_clock;
using domain::error_code;

// Every answer carries these: nothing of it is ever run, framed, cached or shared with other origins.
constexpr std::string_view common_headers =
    "Strict-Transport-Security: max-age=63072000; includeSubDomains\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cache-Control: no-store\r\n";

// The answer to a credential that is none: who guesses gets many of them.
constexpr unsigned refused_credential = 401;

// Of the head of an answer, so that it is put together without growing.
constexpr std::size_t head_bytes_usual = 704;

// The time of an answer (RFC 9110, 6.6.1), written once a second and thread.
std::string_view date_now() {
  thread_local std::chrono::sys_seconds second{};
  thread_local std::string text;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (now != second || text.empty()) {
    text = http_date(now);
    second = now;
  }
  return text;
}

// Its text may quote input, so only its type is logged.
void log_defect(const std::exception& defect) {
  spdlog::error("a handler failed with an exception of type {}", typeid(defect).name());
}

bool has_no_body(unsigned status) { return status == 204 || status == 304; }

std::string chunk_of(std::string_view piece) { return fmt::format("{:x}\r\n{}\r\n", piece.size(), piece); }

std::string head_of(const response& what, bool keep_alive, bool can_chunk) {
  std::string head;
  head.reserve(head_bytes_usual + what.body.size());
  ((head += "HTTP/1.1 ") += fmt::format_int(what.status).c_str()) += ' ';
  ((head += phrase_of(what.status)) += "\r\n") += common_headers;
  ((head += "Date: ") += date_now()) += "\r\n";
  if (!what.content_type.empty()) ((head += "Content-Type: ") += what.content_type) += "\r\n";
  for (const auto& [name, value] : what.headers) (((head += name) += ": ") += value) += "\r\n";
  if (!has_no_body(what.status)) {
    if (!what.producer || what.body_bytes)
      head += fmt::format("Content-Length: {}\r\n", what.producer ? *what.body_bytes : what.body.size());
    else if (can_chunk)
      head += "Transfer-Encoding: chunked\r\n";
  }
  head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return head;
}

}  // namespace

bool listener_state::admit(const asio::ip::address& peer) {
  const std::scoped_lock lock(mutex_);
  if (connections_total_ >= bounds.connections_max) return false;
  auto& count = connections_[origin_at(peer).address];
  if (count >= bounds.connections_per_address_max && !proxies.has(peer)) return false;
  ++count;
  ++connections_total_;
  return true;
}

void listener_state::leave(const asio::ip::address& peer) {
  const std::scoped_lock lock(mutex_);
  const auto entry = connections_.find(origin_at(peer).address);
  if (entry == connections_.end()) return;
  if (--entry->second == 0) connections_.erase(entry);
  --connections_total_;
}

session::session(asio::ip::tcp::socket socket, const std::shared_ptr<SSL_CTX>& context,
                 std::shared_ptr<listener_state> shared, asio::ip::address peer)
    : shared_(std::move(shared)),
      connection_(std::move(socket), context, shared_->bounds),
      peer_(std::move(peer)),
      origin_(origin_at(peer_)) {}

session::~session() { shared_->leave(peer_); }

void session::stop() {
  stopping_ = true;
  if (const auto wake = wake_on_stop_.lock()) wake->raise();
  if (end_of_pause_ != nullptr) end_of_pause_->raise();
  if (idle_) abort();
}

asio::awaitable<void> session::run(std::weak_ptr<void> anchor) {
  anchor_ = std::move(anchor);
  executor_ = co_await asio::this_coro::executor;
  idle_ = true;
  const auto shaken = co_await connection_.stream().handshake(clock::now() + shared_->bounds.handshake);
  if (shaken != io_status::ok) {
    shared_->refused("handshake");
    // There is nobody to be slowed: who fails here waits for no answer.
    (void)shared_->everyone->failed(origin_at(peer_), clock::now());
    co_return abort();
  }
  auto then = next::request;
  while (then == next::request && !stopping_) then = co_await serve_one();
  if (then == next::cut) co_return abort();
  co_await connection_.stream().shutdown(clock::now() + linger_max);
}

asio::awaitable<session::next> session::serve_one() {
  idle_ = connection_.buffered().empty();
  auto read = co_await connection_.read_head();
  idle_ = false;
  if (read.status != io_status::ok) {
    if (!connection_.buffered().empty()) {
      shared_->refused("header_cut_off");
      if (!shared_->proxies.has(peer_)) (void)shared_->everyone->failed(origin_at(peer_), clock::now());
    }
    co_return read.status == io_status::failed ? next::cut : next::close;
  }
  if (!read.head) {
    shared_->refused(domain::name_of(read.head.error().code));
    co_return co_await refuse(std::move(read.head.error()));
  }
  body_reader body(connection_, read.head->body, *this);
  origin_ = origin_of_request(*read.head);
  const auto then = co_await answer(*read.head, body);
  running_.release();
  late_.release();
  co_return then;
}

origin session::origin_of_request(const request_head& head) const {
  if (!shared_->proxies.has(peer_)) return origin_at(peer_);
  const auto forwarded = head.field("Forwarded");
  const auto x_forwarded_for = head.field("X-Forwarded-For");
  return origin_at(client_of(peer_, forwarded, x_forwarded_for, shared_->proxies));
}

domain::error session::refused_for(burden why) const {
  shared_->refused(name_of(why));
  return error_of(why);
}

// On the executor's timer: the thread goes on, and stop() ends it.
asio::awaitable<void> session::pause(std::chrono::milliseconds how_long) {
  if (stopping_) co_return;
  if (end_of_pause_ == nullptr) end_of_pause_ = std::make_shared<wake_signal>(executor_);
  co_await end_of_pause_->wait_until(clock::now() + how_long);
}

asio::awaitable<void> session::answer_to_failure(response& what, const origin& whose) {
  const auto how = shared_->everyone->failed(whose, clock::now());
  running_.release();
  if (how.refused != burden::none) {
    what = problem_of(refused_for(how.refused));
    for (auto& [name, value] : what.headers)
      if (name == "Retry-After") value = std::to_string(failures_fade / 1s);
  }
  // Whoever is refused is no faster than before.
  const auto delay = how.refused != burden::none ? shared_->bounds.slowed_max : how.delay;
  if (delay > 0ms) co_await pause(delay);
}

asio::awaitable<domain::result<void>> session::wait_longer(bool is_upload) {
  auto claim = shared_->everyone->late_body(origin_, is_upload ? clients::body_use::upload : clients::body_use::json);
  if (claim.how.refused != burden::none) co_return std::unexpected(refused_for(claim.how.refused));
  late_ = std::move(claim.place);
  if (claim.how.delay > 0ms) co_await pause(claim.how.delay);
  co_return domain::result<void>{};
}

domain::result<void> session::begin_work() {
  late_.release();
  if (running_) return {};
  const auto number = ++shared_->requests_in_flight;
  running_ = held_place([counter = &shared_->requests_in_flight] { --*counter; });
  if (number <= shared_->bounds.requests_in_flight_max) return {};
  running_.release();
  shared_->refused("requests_in_flight");
  return domain::fail(error_code::overloaded, "Too many requests are running; repeat it in a second.");
}

// The request cannot be trusted to end where it seems to: one answer, and no further request on this connection.
asio::awaitable<session::next> session::refuse(domain::error why) {
  auto what = problem_of(why);
  // Through a proxy it may be anybody's.
  if (!shared_->proxies.has(peer_)) co_await answer_to_failure(what, origin_at(peer_));
  shared_->responded(what.status);
  const bool sent = co_await send(what, false, false, true);
  co_return sent ? next::close : next::cut;
}

asio::awaitable<response> session::respond(const request_head& head, body_reader& body) {
  exchange request{head, body, executor_, anchor_, *shared_->everyone};
  try {
    co_return co_await shared_->serve(request);
  } catch (const std::exception& defect) {
    log_defect(defect);
  }
  co_return problem_of(domain::error{error_code::internal, {}, {}});
}

asio::awaitable<session::next> session::answer(const request_head& head, body_reader& body) {
  response what;
  // One with a body begins when that is there: whoever reads it says so. An upload has a place of its own instead.
  const auto begun = head.body.has_body() ? domain::result<void>{} : begin_work();
  if (begun)
    what = co_await respond(head, body);
  else
    what = problem_of(begun.error());
  if (what.status == refused_credential) co_await answer_to_failure(what, origin_);
  shared_->responded(what.status);
  const bool is_head = head.method == "HEAD";
  const bool http_1_1 = head.body.http_1_1;
  const bool framed = !what.producer || what.body_bytes || http_1_1 || is_head;
  const bool keep = head.body.keeps_alive && !stopping_ && body.is_drainable() && framed;
  if (what.endless) {
    running_.release();
    // Half of it now: the rest is kept for the last words to a reader that does not keep up.
    connection_.stream().set_send_buffer(shared_->bounds.event_stream_bytes_max / 2);
  }
  const bool sent = co_await send(what, is_head, keep, http_1_1);
  if (!sent) co_return next::cut;
  if (!keep) co_return next::close;
  const bool usable = co_await body.drain();
  co_return usable ? next::request : next::close;
}

asio::awaitable<bool> session::send(const response& what, bool is_head, bool keep_alive, bool can_chunk) {
  auto bytes = head_of(what, keep_alive, can_chunk);
  const bool produces = what.producer && !is_head && !has_no_body(what.status);
  if (!produces && !is_head && !has_no_body(what.status)) bytes += what.body;
  const auto status = co_await connection_.stream().write(bytes, shared_->bounds.write_stall);
  if (status != io_status::ok) co_return false;
  if (!produces) co_return true;
  co_return co_await send_produced(what, !what.body_bytes && can_chunk);
}

asio::awaitable<bool> session::send_produced(const response& what, bool chunked) {
  chunks_body_ = chunked;
  bool complete = false;
  try {
    complete = co_await what.producer(*this);
  } catch (const std::exception& defect) {
    log_defect(defect);
  }
  wake_on_stop_.reset();
  if (!complete || !chunked) co_return complete;
  constexpr std::string_view last_chunk = "0\r\n\r\n";
  co_return co_await connection_.stream().write(last_chunk, shared_->bounds.write_stall) == io_status::ok;
}

asio::awaitable<bool> session::write(std::string_view piece) {
  if (piece.empty()) co_return true;
  std::string chunk;
  if (chunks_body_) chunk = chunk_of(piece);
  const auto bytes = chunks_body_ ? std::string_view(chunk) : piece;
  auto& stream = connection_.stream();
  const auto status = co_await stream.write(bytes, shared_->bounds.write_stall);
  if (status == io_status::timed_out) not_taken_ = bytes.substr(bytes.size() - stream.unwritten());
  co_return status == io_status::ok;
}

asio::awaitable<void> session::write_last(std::string_view piece) {
  if (not_taken_.empty()) co_return;
  auto& stream = connection_.stream();
  stream.set_send_buffer(shared_->bounds.event_stream_bytes_max);
  // What was begun comes first: TLS and the body's framing go on where they stopped.
  const auto bytes = std::exchange(not_taken_, {}) + (chunks_body_ ? chunk_of(piece) : std::string(piece));
  co_await stream.write(bytes, last_words_max);
}

}  // namespace elsec::gateway
